"""The Lusha side: what stands before every operation, and the operations.

Checks come in this order, each ending the request: the limits, a fault that strikes, the key, the path,
whether the account has V3, and then the operation itself with its body, its plan and its price.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from typing import Any

from sandbox.core.answers import Answer, Headers, RefusedError, Request, answer
from sandbox.core.control import Door
from sandbox.core.faults import COMMON, Fault
from sandbox.core.gateway import Incoming
from sandbox.core.options import Options
from sandbox.core.routing import Router
from sandbox.lusha import control
from sandbox.lusha.account import KEY, Account
from sandbox.lusha.calls import Call
from sandbox.lusha.route import Route
from sandbox.lusha.routes import ROUTES

__all__ = ["KINDS", "Lusha"]


def _said(status: int, message: str) -> Answer:
    return answer(status, {"statusCode": status, "message": message})


_BAD_KEY = _said(401, "Invalid API key")
_NO_V3 = _said(403, "V3 API access is not enabled for your account")
_TIMED_OUT = _said(499, "Request timed out")
_FAULTY = {
    "401": _BAD_KEY,
    "402": _said(402, "Insufficient credits for this operation"),
    "403": _said(403, "Your account is not active. Please reach out to support at support@lusha.com"),
    "429": _said(429, "Too many requests. Please wait before making another request."),
    "429_hourly": _said(
        429, "Hourly API rate limit exceeded. Limit: 150 calls per hour. Reset in 1200 seconds"
    ),
    "429_daily": _said(429, "Daily API quota limit exceeded. Limit 100 calls per day"),
    "429_trial": _said(429, "You've reached your trial limit. Please upgrade your plan."),
    "451": _said(451, "Unavailable for legal reasons"),
    "499_before": _TIMED_OUT,
    "500": _said(500, "Internal server error. Please try again later."),
    "502_html": Answer(
        502,
        b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>"
        b"<body><center><h1>502 Bad Gateway</h1></center></body></html>\n",
        b"text/html; charset=UTF-8",
    ),
    "503": _said(503, "Service unavailable"),
}
_AFTER = {"499": _TIMED_OUT, "500_after": _FAULTY["500"]}
_USED_UP = {
    "429": b"x-minute-requests-left",
    "429_hourly": b"x-hourly-requests-left",
    "429_daily": b"x-daily-requests-left",
}
KINDS: tuple[str, ...] = (*COMMON, *(kind for kind in (*_FAULTY, *_AFTER) if kind not in COMMON))
"""The ways in which Lusha may go wrong; ``499`` and ``500_after`` strike after the credits were spent."""


class Lusha:
    """One account."""

    fault_kinds = KINDS

    def __init__(self, options: Options) -> None:
        self._account = Account(options)
        self._router: Router[Route] = Router(ROUTES)

    def receive(self, request: Request) -> Incoming:
        """Count a request against the limits and find its operation."""
        found = self._router.find(request.method, request.path)
        operation = found[0].operation if found else f"{request.method} (unknown path)"
        refused, limits = self._account.windows.admit(found[0].limit if found else "")

        def handle() -> Answer:
            if not hmac.compare_digest(request.headers.get(b"api_key", b""), KEY.encode()):
                return _BAD_KEY
            if found is None:
                unrouted = {"message": "no Route matched with those values", "request_id": uuid.uuid4().hex}
                return answer(404, unrouted)
            return self._handle(*found, request)

        return Incoming(operation, limits, refused, handle)

    def _handle(self, route: Route, params: dict[str, str], request: Request) -> Answer:
        if request.path.startswith("/v3/") and not self._account.has_v3:
            return _NO_V3
        try:
            return route.handler(self._account, Call(params, request.query, request.body))
        except RefusedError as refusal:
            return refusal.answer

    def refusal(self, fault: Fault) -> Answer | None:
        """The answer of a fault that strikes before anything happened; None for the others."""
        return _FAULTY.get(fault.kind)

    def lost(self, fault: Fault) -> Answer | None:
        """The answer of a fault that strikes after the effect; None for the others."""
        return _AFTER.get(fault.kind)

    def closing(self, limits: Headers, fault: Fault | None) -> Headers:
        """The windows, and the clock; a 429 tells a used-up window also when it is played."""
        used_up = _USED_UP.get(fault.kind) if fault is not None else None
        limits = [(name, b"0" if name == used_up else value) for name, value in limits]
        return [*limits, (b"date", formatdate(usegmt=True).encode())]

    def doors(self) -> Mapping[tuple[str, str], Door]:
        """Lusha's own doors."""
        return control.doors(self._account)

    def records(self, kind: str) -> bytes | None:
        """A JSON list of all records of a kind, None where there is no such kind."""
        return control.records(self._account, kind)

    def kinds(self) -> Iterable[str]:
        """Which kinds of records there are."""
        return control.KINDS

    def edit(self, given: Any) -> Answer:
        """Make one change to a person."""
        return control.edit(self._account, given)

    def reset(self) -> dict[str, int]:
        """Back to the generated data, all credits and fresh limits."""
        self._account.reset()
        return {"credits": self._account.ledger.total}
