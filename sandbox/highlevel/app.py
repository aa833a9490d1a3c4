"""The HighLevel side: what stands before every operation, and the operations.

Checks come in this order, each ending the request: the quota, a fault that strikes, the path (an unknown
one is an empty 404, a mis-cased one a 401), the Version header, the token, its scope, and then the
operation itself with location and body.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.core.answers import Answer, Headers, RefusedError, Request, answer
from sandbox.core.control import Door
from sandbox.core.faults import COMMON, Fault
from sandbox.core.gateway import Incoming
from sandbox.core.options import Options
from sandbox.core.routing import Router
from sandbox.highlevel import control, edits
from sandbox.highlevel.auth import FORBIDDEN, INVALID_TOKEN, NOBODY, NOT_IN_SCOPE, VERSIONS, Credential
from sandbox.highlevel.calls import Call, RefusalError
from sandbox.highlevel.location import Location
from sandbox.highlevel.quota import Quota
from sandbox.highlevel.route import Route
from sandbox.highlevel.routes import ROUTES

__all__ = ["KINDS", "HighLevel"]

_TOO_MANY = answer(429, {"statusCode": 429, "message": "Too Many Requests"})
_UNKNOWN = Answer(404, b"")
_BAD_TOKEN = answer(401, INVALID_TOKEN)
_UNPROCESSABLE = RefusalError.unprocessable(["Unprocessable"]).answer
_FAULTY = {
    "401": _BAD_TOKEN,
    "422_before": _UNPROCESSABLE,
    "429": _TOO_MANY,
    "500": answer(500, {"statusCode": 500, "message": "Internal Server Error"}),
    "403_html": Answer(
        403,
        b"<!DOCTYPE html>\n<html><head><title>Attention Required! | Cloudflare</title></head>"
        b"<body><h1>Sorry, you have been blocked</h1></body></html>\n",
        b"text/html; charset=UTF-8",
        ((b"cf-ray", b"sandbox0-000"),),
    ),
    "502_html": Answer(
        502,
        b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>"
        b"<body><center><h1>502 Bad Gateway</h1></center><hr><center>cloudflare</center></body></html>\n",
        b"text/html; charset=UTF-8",
    ),
}
KINDS: tuple[str, ...] = (*COMMON, "401", "403_html", "422_before", "422_after", "gone")
"""The ways in which HighLevel may go wrong."""
_NO_VERSION = answer(401, {"statusCode": 401, "message": "version header was not found."})
_BAD_VERSION = answer(401, {"statusCode": 401, "message": "version header is invalid"})
_BAD_SCOPE = answer(401, NOT_IN_SCOPE)
_FORBIDDEN = answer(403, FORBIDDEN)


class HighLevel:
    """One sub-account."""

    fault_kinds = KINDS

    def __init__(self, location: Location, options: Options) -> None:
        self._location = location
        self._quota = Quota(options.window(), options.daily)
        self._router = Router(ROUTES)
        self._strict_version = options.strict_version

    def receive(self, request: Request) -> Incoming:
        """Count a request against the quota and find its operation."""
        found = self._router.find(request.method, request.path)
        operation = found[0].operation if found else f"{request.method} (unknown path)"
        authorization = request.headers.get(b"authorization", b"")
        known = self._location.tokens.credential(authorization)
        spends = known.spends if known else (authorization.decode("latin-1"), self._location.id)
        admitted, limits = self._quota.admit(*spends)

        def handle() -> Answer:
            if found is None:
                miscased = self._router.is_miscased(request.method, request.path)
                return _BAD_SCOPE if miscased else _UNKNOWN
            return self._handle(*found, request, known)

        return Incoming(operation, limits, None if admitted else _TOO_MANY, handle)

    def _handle(
        self, route: Route, params: dict[str, str], request: Request, known: Credential | None
    ) -> Answer:
        """The gate, then the operation."""
        version = request.header(b"version")
        refused = self._version_refusal(route, version, request.path) or _token_refusal(route, known)
        if refused is not None:
            return refused
        base_url = "http://" + (request.header(b"host") or "127.0.0.1")
        content_type = request.headers.get(b"content-type", b"")
        call = Call(params, request.query, request.body, content_type, version, known or NOBODY, base_url)
        try:
            return route.handler(self._location, call)
        except RefusedError as refusal:
            return refusal.answer

    def _version_refusal(self, route: Route, version: str, path: str) -> Answer | None:
        """Why the Version header does not do, or None."""
        if not version:
            return None if route.level == "open" else _NO_VERSION
        if version not in ({"v3", route.version} if self._strict_version else VERSIONS):
            return _BAD_VERSION
        if route.dialect and (route.dialect == "v3") != (version == "v3"):
            message = f"Cannot {route.method} {path}"
            return answer(404, {"message": message, "error": "Not Found", "statusCode": 404})
        return None

    def refusal(self, fault: Fault) -> Answer | None:
        """The answer of a fault that strikes before anything happened; None for the others."""
        if fault.kind == "gone":
            return RefusalError.missing("Contact", fault.record, reading=True).answer
        return _FAULTY.get(fault.kind)

    def lost(self, fault: Fault) -> Answer | None:
        """The answer of a fault that strikes after the effect; None for the others."""
        return _UNPROCESSABLE if fault.kind == "422_after" else None

    def closing(self, limits: Headers, fault: Fault | None) -> Headers:
        """What is left of the quota, and the clock; a 429 tells a used-up window also when it is played."""
        if fault is not None and fault.kind == "429":
            limits = [(name, b"0" if name == b"x-ratelimit-remaining" else value) for name, value in limits]
        return [*limits, (b"date", self._location.clock.header())]

    def doors(self) -> Mapping[tuple[str, str], Door]:
        """HighLevel's own doors."""
        return control.doors(self._location)

    def records(self, kind: str) -> bytes | None:
        """A JSON list of all records of a kind, None where there is no such kind."""
        return control.records(self._location, kind)

    def kinds(self) -> Iterable[str]:
        """Which kinds of records there are."""
        return control.kinds(self._location)

    def edit(self, given: Any) -> Answer:
        """Make one change as a person in the CRM would."""
        return edits.apply(self._location, given)

    def reset(self) -> dict[str, int]:
        """Back to the generated data and a fresh quota."""
        self._location.reset()
        self._quota.reset()
        return {"contacts": len(self._location.contacts.rows)}


def _token_refusal(route: Route, known: Credential | None) -> Answer | None:
    """Why the token does not do, or None."""
    if route.level == "open":
        return None
    if known is None:
        return _BAD_TOKEN
    if route.level == "agency" and known.location_id:
        return _FORBIDDEN
    if route.scope not in known.scopes:
        return _BAD_SCOPE
    if route.level == "location" and not known.location_id:
        return RefusalError.foreign_location().answer
    return None
