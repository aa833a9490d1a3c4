"""A request as it came, an answer as it goes, and JSON in both directions."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import orjson

__all__ = ["Answer", "Headers", "RefusedError", "Request", "answer", "dump", "load"]

Headers = list[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """What goes back to the client."""

    status: int
    body: bytes
    content_type: bytes = b"application/json; charset=utf-8"
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Request(NamedTuple):
    """One request, read to its end."""

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    body: bytes

    def header(self, name: bytes) -> str:
        """A header by its name in lower case; empty where it was not sent."""
        return self.headers.get(name, b"").decode("latin-1")


class RefusedError(Exception):
    """A refusal on its way to the client."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.answer = Answer(status, dump(body))


def answer(status: int, body: dict[str, Any]) -> Answer:
    """An answer from a JSON object."""
    return Answer(status, dump(body))


def dump(value: Any) -> bytes:
    """JSON bytes of anything, lone surrogates included (orjson alone refuses those)."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def load(raw: bytes) -> Any:
    """The value of JSON bytes, lone surrogates included.

    Raises:
        ValueError: the bytes are not JSON.
    """
    try:
        return orjson.loads(raw)
    except ValueError:
        return json.loads(raw)
