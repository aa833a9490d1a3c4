"""Reading Lusha's answers: JSON, or the error that says what to do.

An error's ``message`` is a text or a list, and may be called ``error`` or ``detail``; ``errors`` says more.
403 and 429 have several meanings, which only their words tell apart. What an error quotes may be of a person:
e-mail addresses and phone numbers are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from tasks.core.errors import (
    BadCredentialError,
    GarbledAnswerError,
    InvalidRequestError,
    LushaConnectError,
    MissingScopeError,
    NoCreditsError,
    QuotaExhaustedError,
    RateLimitedError,
    RecordNotFoundError,
    RestrictedError,
    ServerFaultError,
    VendorFailedError,
)
from tasks.vendors import bodies, gateway
from tasks.vendors.transport import Answer

WHERE = "Lusha: dashboard → API Hub → Manage API Keys"
GATEWAY = gateway.Vendor("Lusha", "LUSHA_CONNECT_LUSHA_URL")
MESSAGE_LIMIT = 300

WAIT_SECONDS = 15.0
"""After a 429 that does not say how long: the minute's window gives some requests back all the time."""
LONGEST_WAIT_SECONDS = 3_600.0

TIMED_OUT = 499
"""Lusha gave up waiting for itself: what it did, and what it charged, is not known."""
UNDONE = HTTPStatus.SERVICE_UNAVAILABLE
"""Lusha does nothing at all just now; in any other 5xx it may have charged before it failed."""

_RESET = re.compile(r"reset in (\d+) sec", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s\"'<>,;:()]+@[^\s\"'<>,;:()]+")
_PHONE = re.compile(r"\+\d[\d\s().-]{5,}\d")
_COMPLAINTS = (
    re.compile(r"^(?P<place>[\w.]+\.)?property (?P<field>\S+) should not exist"),
    re.compile(r"^(?:each value in )?(?P<field>[A-Za-z][\w.]*) (?:must|should) "),
    re.compile(r"^(?P<field>[A-Za-z]\w*(?:\.\w+)+) is "),
)
"""The validator's sentences (class-validator's), as far as they name a field."""


def read(operation: str, answer: Answer) -> Any:
    """The answer's JSON; None for an empty body.

    Args:
        operation: As errors name it, e.g. ``POST /v3/contacts/search``.

    Raises:
        LushaConnectError: Of the type that says what to do, see ``tasks/core/errors.py``.
    """
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return bodies.parsed(operation, answer)
    raise failure(operation, answer)


def failure(operation: str, answer: Answer) -> LushaConnectError:
    """The error that an answer of status 300 and up means."""
    body = bodies.parsed_or_none(answer)
    message = _message(body)
    what = f"{operation}: HTTP {answer.status}" + (f" {message}" if message else "")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(message, what, answer)
    if answer.status == TIMED_OUT or gateway.timed_out(answer, message):
        return ServerFaultError(what)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerFaultError(what, undone=answer.status == UNDONE and isinstance(body, dict))
    if not isinstance(body, dict) and answer.status not in gateway.ABOUT_THE_REQUEST:
        if bodies.is_cut_json(answer):
            return GarbledAnswerError(what)
        return gateway.blocked(what, answer, GATEWAY)
    return _REFUSALS.get(answer.status, _invalid)(what, message, body)


def _too_many(message: str, what: str, answer: Answer) -> LushaConnectError:
    low = message.lower()
    if "daily" in low or "per day" in low:
        return QuotaExhaustedError(
            what,
            remedy="Run again when the day's requests are free again: the run continues where it stopped.",
        )
    if "trial" in low:
        return QuotaExhaustedError(what, remedy="The plan's trial is used up: choose a plan in Lusha.")
    told = _RESET.search(message)
    after = answer.headers.get("retry-after", "") or (told[1] if told else "")
    wait = float(after) if after.isdigit() else WAIT_SECONDS
    return RateLimitedError(what, wait=min(wait, LONGEST_WAIT_SECONDS))


def _unauthorized(what: str, _message: str, _body: Any) -> LushaConnectError:
    return BadCredentialError(
        what,
        remedy=f"The API key is wrong or was revoked: make a new one ({WHERE}) and put it into"
        " LUSHA_CONNECT_LUSHA_API_KEY, or replace the stored credential (lusha-connect credentials add"
        " NAME --vendor lusha --replace).",
    )


def _no_credits(what: str, _message: str, _body: Any) -> LushaConnectError:
    return NoCreditsError(
        what,
        remedy="Nothing more is spent. Buy credits or wait for the plan's next ones, then run again.",
    )


def _forbidden(what: str, message: str, body: Any) -> LushaConnectError:
    low = f"{message} {_further(body)}".lower()
    if "limit reached" in low or "already exists" in low:
        return InvalidRequestError(what, remedy="Remove what is there in Lusha, or use it.")
    if "not enabled" in low:
        return MissingScopeError(
            what, remedy="The account has no access to Lusha's API V3: ask Lusha to enable it for the plan."
        )
    if "plan" in low:
        return MissingScopeError(
            what, remedy="Lusha's plan does not have this feature: leave it out, or change the plan."
        )
    return BadCredentialError(
        what, remedy="The Lusha account is not active, or may not do this: look at it in Lusha's dashboard."
    )


def _gone(what: str, message: str, _body: Any) -> LushaConnectError:
    if "no route" in message.lower():
        return VendorFailedError(
            what, remedy="Lusha does not know this path: correct LUSHA_CONNECT_LUSHA_URL."
        )
    return RecordNotFoundError(what)


def _restricted(what: str, _message: str, _body: Any) -> LushaConnectError:
    return RestrictedError(what, remedy="The law forbids Lusha to tell it; do not ask again in other words.")


def _invalid(what: str, _message: str, body: Any) -> LushaConnectError:
    fields = _fields(body)
    named = f" It complains of: {', '.join(fields)}." if fields else ""
    return InvalidRequestError(
        what, remedy=f"Lusha refuses this request; a retry will not help.{named}", fields=fields
    )


_REFUSALS: dict[int, Callable[[str, str, Any], LushaConnectError]] = {
    HTTPStatus.UNAUTHORIZED: _unauthorized,
    HTTPStatus.PAYMENT_REQUIRED: _no_credits,
    HTTPStatus.FORBIDDEN: _forbidden,
    HTTPStatus.NOT_FOUND: _gone,
    HTTPStatus.GONE: _gone,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: _restricted,
}
"""By status; every other says that the request is wrong."""


def _message(body: Any) -> str:
    """The readable part of an error body, in any of its shapes, without anybody's address or number."""
    if not isinstance(body, dict):
        return ""
    found = body.get("message") or body.get("error") or body.get("detail") or ""
    if isinstance(found, dict):
        found = found.get("message") or found.get("code") or ""
    words = [*map(str, found)] if isinstance(found, list) else [str(found)]
    further = _further(body)
    text = "; ".join(filter(None, [*words, *([further] if further not in words else [])]))
    return _PHONE.sub("(a phone number)", _EMAIL.sub("(an e-mail address)", text))[:MESSAGE_LIMIT]


def _further(body: Any) -> str:
    told = body.get("errors") if isinstance(body, dict) else None
    return "; ".join(map(str, told)) if isinstance(told, list) else ""


def _fields(body: Any) -> tuple[str, ...]:
    """The fields that a 400 names, without values, e.g. ``contacts.3.email``."""
    told = [body.get("message"), body.get("errors")] if isinstance(body, dict) else []
    found: dict[str, None] = {}
    for words in told:
        for complaint in words if isinstance(words, list) else [words]:
            matches = (form.match(complaint) for form in _COMPLAINTS if isinstance(complaint, str))
            if match := next(filter(None, matches), None):
                found[f"{match.groupdict().get('place') or ''}{match['field']}"] = None
    return tuple(found)
