"""One request and one answer, and the refusals that HighLevel is known to give.

Branch on the HTTP status, never on the body's ``statusCode``: the vendor's bodies disagree with it in
places, and so do these.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from sandbox.core.answers import Answer, RefusedError, dump, load
from sandbox.highlevel.auth import Credential

__all__ = ["Call", "RefusalError", "trace_id", "traced"]


@dataclass(slots=True)
class Call:
    """A request that passed the gate: path, version, token and scope are in order."""

    params: dict[str, str]
    raw_query: bytes
    raw_body: bytes
    content_type: bytes
    dialect: str
    credential: Credential
    base_url: str
    _query: dict[str, list[str]] | None = field(default=None)

    @property
    def v3(self) -> bool:
        """Whether the request speaks the dialect of 2026-06-11."""
        return self.dialect == "v3"

    @property
    def done(self) -> dict[str, bool]:
        """The success flag: misspelt, and since v3 also spelt right."""
        return {"succeeded": True, "succeded": True} if self.v3 else {"succeded": True}

    def whole(self, name: str, default: int, most: int | None = None) -> int:
        """A query parameter that is a whole number; a page size over the cap is refused, not clamped.

        Raises:
            RefusalError: 422 where it is no number, 400 where it is over the cap.
        """
        given = self.query(name)
        if given is None or given == "":
            return default
        if not given.isdecimal():
            raise RefusalError.unprocessable([f"{name} must be a number string"])
        if most is not None and not 1 <= int(given) <= most:
            raise RefusalError.bad_request(f"{name} must be between 1 and {most}")
        return int(given)

    def query(self, name: str) -> str | None:
        """The first value of a query parameter; unknown ones are ignored without a word."""
        if self._query is None:
            self._query = parse_qs(self.raw_query.decode("latin-1"), keep_blank_values=True)
        values = self._query.get(name)
        return values[0] if values else None

    def form(self) -> dict[str, Any]:
        """The form sent, each field once; a body of another content type counts as empty."""
        if not self.content_type.lower().startswith(b"application/x-www-form-urlencoded"):
            return {}
        fields = parse_qs(self.raw_body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    def body(self) -> dict[str, Any]:
        """The JSON object sent; a body of another content type counts as empty.

        Raises:
            RefusalError: 400 where the body is not JSON, or not an object.
        """
        if not self.raw_body or not self.content_type.lower().startswith(b"application/json"):
            return {}
        try:
            parsed = load(self.raw_body)
        except ValueError:
            raise RefusalError.bad_request("Unexpected token in JSON") from None
        if not isinstance(parsed, dict):
            raise RefusalError.unprocessable(["body must be an object"])
        return parsed


class RefusalError(RefusedError):
    """A refusal in HighLevel's words."""

    @classmethod
    def bad_request(cls, message: str, **more: Any) -> RefusalError:
        """400 with one sentence."""
        body = {"message": message, "error": "Bad Request", "statusCode": 400, **more}
        return cls(400, {**body, "traceId": trace_id()})

    @classmethod
    def missing(cls, kind: str, record_id: str, *, reading: bool) -> RefusalError:
        """400 for a record that is not there, worded as reading or as writing says it."""
        message = f"{kind} with id {record_id} not found"
        if reading:
            return cls(400, {"error": message, "status": 400, "traceId": trace_id()})
        return cls.bad_request(message)

    @classmethod
    def unprocessable(cls, messages: list[str], status: int = 422) -> RefusalError:
        """422 with the validator's list of sentences (class-validator's words)."""
        body = {"message": messages, "error": "Unprocessable Entity", "statusCode": 422}
        return cls(status, {**body, "traceId": trace_id()})

    @classmethod
    def foreign_location(cls) -> RefusalError:
        """403, also where the location is not named at all (InvalidLocationDTO)."""
        return cls(403, {"statusCode": 403, "message": "The token does not have access to this location"})


def trace_id() -> str:
    """A fresh UUID, as the vendor puts on its answers."""
    return str(uuid.uuid4())


def traced(status: int, body: dict[str, Any]) -> Answer:
    """An answer from a JSON object, with a trace id beside its keys."""
    return Answer(status, dump({**body, "traceId": trace_id()}))
