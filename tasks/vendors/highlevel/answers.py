"""Reading HighLevel's answers: JSON, or the error that says what to do.

Branches on the HTTP status alone: the body's ``statusCode`` may differ from it (an empty create is
answered 400 with a body that says 422). 401 is the exception, where only the message tells a bad
token, a missing scope and a gateway's time-out apart.

HighLevel says no with a JSON object. Whatever else comes with a 4xx (a page, a line, nothing) is the word
of a gateway, firewall or proxy in between, which knows nothing of tokens, locations and records.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tasks.core.errors import (
    BadConfigurationError,
    BadCredentialError,
    DuplicateContactError,
    ForeignLocationError,
    GarbledAnswerError,
    InvalidRequestError,
    LushaConnectError,
    MissingScopeError,
    RateLimitedError,
    RecordNotFoundError,
    ServerFaultError,
    VendorFailedError,
)
from tasks.core.remedies import by_command
from tasks.vendors import bodies, gateway
from tasks.vendors.transport import Answer

WHERE = "HighLevel: Settings → Private Integrations"
GATEWAY = gateway.Vendor("HighLevel", "LUSHA_CONNECT_HIGHLEVEL_URL")
MESSAGE_LIMIT = 300
DEFAULT_WAIT_SECONDS = 10.0
MAX_WAIT_SECONDS = 30.0

_COMPLAINTS = (
    re.compile(r"^(?:(?P<within>\S+)\.)?property (?P<field>\S+) should not exist$"),
    re.compile(r"^(?P<field>\S+) (?:must|should) "),
    re.compile(r"^each value in (?P<field>\S+) must "),
)
"""The validator's sentences (class-validator's), as far as they name a field."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, as errors name it.

    Args:
        operation: Method and path template, e.g. ``GET /contacts/{contactId}``.
        scope: The scope it needs, e.g. ``contacts.readonly``.
        location_id: The location it was for.
    """

    operation: str
    scope: str
    location_id: str


def read(request: Request, answer: Answer) -> Any:
    """The answer's JSON.

    Raises:
        LushaConnectError: Of the type that says what to do, see ``tasks/core/errors.py``.

    Returns None for an empty body.
    """
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return bodies.parsed(f"{request.operation} for location {request.location_id}", answer)
    raise failure(request, answer)


def refuses_token(answer: Answer) -> bool:
    """Whether another token may help: not where its scope, the ``Version`` or a gateway is the matter."""
    body = bodies.parsed_or_none(answer)
    if answer.status != HTTPStatus.UNAUTHORIZED or not isinstance(body, dict):
        return False
    message = _message(body).lower()
    return not any(word in message for word in ("scope", "version header", "timed out"))


def failure(request: Request, answer: Answer) -> LushaConnectError:
    """The error that an answer of status 300 and up means."""
    body = bodies.parsed_or_none(answer)
    message = _message(body)
    trace = body.get("traceId") if isinstance(body, dict) else None
    place = f" for location {request.location_id}" if request.location_id else ""
    what = f"{request.operation}{place}: HTTP {answer.status}"
    what += f" {message}" if message else ""
    what += f" (traceId {trace})" if trace else ""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitedError(what, wait=_interval(answer))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or gateway.timed_out(answer, message):
        return ServerFaultError(what)
    if not isinstance(body, dict) and answer.status not in gateway.ABOUT_THE_REQUEST:
        return (
            GarbledAnswerError(what) if bodies.is_cut_json(answer) else gateway.blocked(what, answer, GATEWAY)
        )
    return _no(request, answer.status, body, what)


def _no(request: Request, status: int, body: Any, what: str) -> LushaConnectError:
    """The error for what HighLevel itself refuses."""
    message = _message(body)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _refused(request, status, message, what)
    if "not found" in message.lower():
        return RecordNotFoundError(what)
    if status == HTTPStatus.NOT_FOUND:
        return VendorFailedError(
            what, remedy="HighLevel does not know this path in the API version that was asked for."
        )
    return _invalid(body, what)


def _invalid(body: Any, what: str) -> LushaConnectError:
    """The error for a request that HighLevel understood and refuses."""
    meta = body.get("meta") if isinstance(body, dict) else None
    if isinstance(meta, dict) and isinstance(meta.get("contactId"), str):
        return DuplicateContactError(
            f"{what} (contact {meta['contactId']})",
            contact_id=meta["contactId"],
            matching_field=str(meta.get("matchingField") or ""),
            remedy="Update that contact instead of creating another one.",
        )
    fields = _fields(body)
    named = f" It complains of: {', '.join(fields)}." if fields else ""
    return InvalidRequestError(
        what, remedy=f"HighLevel refuses this request; a retry will not help.{named}", fields=fields
    )


def _fields(body: Any) -> tuple[str, ...]:
    """The fields that a 422 names, without values."""
    complaints = body.get("message") if isinstance(body, dict) else None
    found: dict[str, None] = {}
    for complaint in complaints if isinstance(complaints, list) else [complaints]:
        matches = (form.match(complaint) for form in _COMPLAINTS if isinstance(complaint, str))
        match = next(filter(None, matches), None)
        if match is not None:
            within = match.groupdict().get("within")
            found[f"{within}.{match['field']}" if within else match["field"]] = None
    return tuple(found)


def _refused(request: Request, status: int, message: str, what: str) -> LushaConnectError:
    low = message.lower()
    if "version header" in low:
        return BadConfigurationError(what, remedy="Set LUSHA_CONNECT_HIGHLEVEL_VERSION to 2021-07-28 or v3.")
    if low.startswith("e01"):  # what /users/search says to a required parameter that is missing
        return InvalidRequestError(what, remedy="A required parameter is missing; the token is not at fault.")
    if "scope" in low:
        return MissingScopeError(
            what,
            remedy=f"Give the private integration the scope {request.scope} ({WHERE}), or add the scope to"
            " the OAuth app and connect again.",
        )
    if status == HTTPStatus.FORBIDDEN:
        return ForeignLocationError(
            what,
            remedy=f"Use a token that was made in location {request.location_id}, or correct its id.",
        )
    return BadCredentialError(
        what,
        remedy=f"The token is wrong, expired or revoked: make a new one with the scope {request.scope}"
        f" ({WHERE}) and put it into LUSHA_CONNECT_HIGHLEVEL_TOKEN, or replace"
        f" the stored credential ({by_command('credentials add')}, or lusha-connect connect highlevel).",
    )


def _message(body: Any) -> str:
    """The readable part of an error body, in any of its shapes; "" for HTML and the like."""
    if not isinstance(body, dict):
        return ""
    found = body.get("message") or body.get("error") or ""
    if isinstance(found, dict):  # v3's newer envelope: {"error": {"code", "message", …}}
        found = found.get("message") or found.get("code") or ""
    text = "; ".join(map(str, found)) if isinstance(found, list) else str(found)
    return text[:MESSAGE_LIMIT]


def _interval(answer: Answer) -> float:
    # There is no Retry-After; the announced window is the only hint.
    raw = answer.headers.get("x-ratelimit-interval-milliseconds", "")
    return min(int(raw) / 1000, MAX_WAIT_SECONDS) if raw.isdigit() else DEFAULT_WAIT_SECONDS
