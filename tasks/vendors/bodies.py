"""The body of an answer, of any vendor: JSON as far as it is."""

from __future__ import annotations

import json
from typing import Any

import orjson

from tasks.core.errors import GarbledAnswerError
from tasks.vendors.transport import Answer


def parsed(what: str, answer: Answer) -> Any:
    """An answer's JSON; None for an empty body.

    Args:
        what: What was asked, for the error.

    Raises:
        GarbledAnswerError: It is no JSON.
    """
    if not answer.body:
        return None
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        pass
    try:  # the standard library also takes lone surrogates, which the row's check then names
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        kind = answer.headers.get("content-type", "no content type")
        raise GarbledAnswerError(
            f"{what}: HTTP {answer.status} with {len(answer.body)} bytes of {kind} that are not JSON"
        ) from None


def parsed_or_none(answer: Answer) -> Any:
    """The same for an error's body, which need not be JSON."""
    try:
        return json.loads(answer.body)  # takes what orjson does not, see above; errors are short
    except (ValueError, RecursionError):
        return None


def is_cut_json(answer: Answer) -> bool:
    """Whether the vendor's JSON was lost on the way."""
    return answer.body[:1] in (b"{", b"[") and "json" in answer.headers.get("content-type", "")
