"""One request to Lusha, and the refusals that it is known to give.

``message`` is one sentence or, where several things are wrong, a list of them: both are seen live.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from sandbox.core.answers import Answer, RefusedError, answer, load
from sandbox.lusha.checks import Check

__all__ = ["Call", "RefusalError", "request_id", "told"]


@dataclass(slots=True)
class Call:
    """A request with a good key that is within the limits."""

    params: dict[str, str]
    raw_query: bytes
    raw_body: bytes
    _query: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Read the query."""
        self._query = parse_qs(self.raw_query.decode("latin-1"), keep_blank_values=True)

    def query(self, name: str) -> str:
        """The first value of a query parameter; empty where it was not sent."""
        return self._query.get(name, [""])[0]

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A query parameter that is a whole number.

        Raises:
            RefusalError: 400 where it is none, or out of range.
        """
        given = self.query(name) or str(default)
        if not given.isdecimal() or not low <= int(given) <= high:
            raise RefusalError.bad_request([f"{name} must be an integer number from {low} to {high}"])
        return int(given)

    def body(self, check: Check, *, webhooks: bool = False) -> dict[str, Any]:
        """The JSON object sent, checked.

        Args:
            webhooks: Refuse it in the words of the webhook routes.

        Raises:
            RefusalError: 400 where it is not what the operation takes; unknown keys are refused, too.
        """
        try:
            parsed = load(self.raw_body or b"{}")
        except ValueError:
            raise RefusalError.bad_request(["Unexpected token in JSON"]) from None
        if not isinstance(parsed, dict):
            raise RefusalError.bad_request(["the body must be an object"])
        complaints = check("", parsed)
        if complaints and webhooks:
            raise RefusalError(400, "Validation failed", complaints)
        if complaints:
            raise RefusalError.bad_request(complaints)
        return parsed


class RefusalError(RefusedError):
    """A refusal in Lusha's words.

    Args:
        errors: What exactly, where the vendor says so in a list of its own.
    """

    def __init__(self, status: int, message: str | list[str], errors: list[str] | None = None) -> None:
        body: dict[str, Any] = {"statusCode": status, "message": message}
        super().__init__(status, {**body, "errors": errors} if errors else body)

    @classmethod
    def bad_request(cls, complaints: list[str]) -> RefusalError:
        """400 with what is wrong."""
        return cls(400, complaints[0] if len(complaints) == 1 else complaints)

    @classmethod
    def unpaid(cls) -> RefusalError:
        """402: the credits do not last."""
        return cls(402, "Insufficient credits for this operation")

    @classmethod
    def not_on_plan(cls, feature: str) -> RefusalError:
        """403 for a feature that the plan does not have."""
        return cls(403, "Forbidden", [f"{feature} is not available on your current plan"])

    @classmethod
    def missing(cls, message: str = "Resource not found") -> RefusalError:
        """404."""
        return cls(404, message)


def request_id() -> str:
    """A fresh UUID, as most answers carry one in their body."""
    return str(uuid.uuid4())


def told(results: list[Any], credits_charged: int, found: int, **more: Any) -> Answer:
    """The envelope of an answer with results.

    Args:
        found: How many of the results are no errors.
    """
    billing = {"creditsCharged": credits_charged, "resultsReturned": found}
    return answer(200, {"requestId": request_id(), "results": results, **more, "billing": billing})
