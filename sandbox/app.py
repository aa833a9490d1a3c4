"""The HighLevel side as a bare ASGI application.

Checks come in this order, each ending the request: the quota, a fault that strikes, the path (an unknown
one is an empty 404, a mis-cased one a 401), the Version header, the token, its scope, and then the
operation itself with location and body. Everything but the control door counts against the quota, and
every answer tells what is left of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from sandbox.auth import FORBIDDEN, INVALID_TOKEN, NOBODY, NOT_IN_SCOPE, VERSIONS, Credential
from sandbox.calls import Answer, Call, RefusalError, answer
from sandbox.control import PREFIX, Control, Counts
from sandbox.faults import Fault, draw
from sandbox.location import Location
from sandbox.options import Options
from sandbox.quota import Headers, Quota
from sandbox.routes import ROUTES
from sandbox.routing import Route, Router

__all__ = ["HighLevelApp"]

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_TOO_MANY = answer(429, {"statusCode": 429, "message": "Too Many Requests"})
_UNKNOWN = Answer(404, b"")
_BAD_TOKEN = answer(401, INVALID_TOKEN)
_FAULTY = {
    "401": _BAD_TOKEN,
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
_BEFORE = frozenset({*_FAULTY, "422_before", "timeout_before", "reset_before", "gone"})
"""Faults that strike before anything happened."""
_UNPROCESSABLE = RefusalError.unprocessable(["Unprocessable"]).answer
_NO_VERSION = answer(401, {"statusCode": 401, "message": "version header was not found."})
_BAD_VERSION = answer(401, {"statusCode": 401, "message": "version header is invalid"})
_BAD_SCOPE = answer(401, NOT_IN_SCOPE)
_FORBIDDEN = answer(403, FORBIDDEN)


class HighLevelApp:
    """One sub-account behind HighLevel's gateway."""

    def __init__(self, location: Location, options: Options, faults: list[Fault]) -> None:
        self._location = location
        self._quota = Quota(options.window(), options.daily)
        self._counts = Counts()
        self._control = Control(location, self._quota, self._counts, faults)
        self._router = Router(ROUTES)
        self._strict_version = options.strict_version
        self._latency = options.latency

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer one request."""
        method, path = scope["method"], scope["path"]
        body = b"" if method == "GET" else await _body(receive)
        if body is None:
            return
        if path.startswith(PREFIX):
            await _send(send, self._control.answer(method, path, body), [])
            return
        headers = dict(scope["headers"])
        found = self._router.find(method, path)
        operation = found[0].operation if found else f"{method} (unknown path)"
        authorization = headers.get(b"authorization", b"")
        known = self._location.tokens.credential(authorization)
        spends = known.spends if known else (authorization.decode("latin-1"), self._location.id)
        admitted, limits = self._quota.admit(*spends)
        if self._latency:
            await asyncio.sleep(self._latency)
        if not admitted:
            await self._finish(send, operation, _TOO_MANY, limits)
            return

        def handle() -> Answer:
            if found is None:
                return _BAD_SCOPE if self._router.is_miscased(method, path) else _UNKNOWN
            return self._handle(*found, path, headers, known, scope["query_string"], body)

        fault = None
        if self._control.faults:
            fault = draw(self._control.faults, operation, path.encode() + b" " + body)
        if fault is None:
            await self._finish(send, operation, handle(), limits)
        else:

            def handle_and_edit() -> Answer:
                given = handle()
                self._control.then(fault)
                return given

            await self._play(fault, operation, handle_and_edit, limits, scope, receive, send)

    def _handle(
        self,
        route: Route,
        params: dict[str, str],
        path: str,
        headers: dict[bytes, bytes],
        known: Credential | None,
        query: bytes,
        body: bytes,
    ) -> Answer:
        """The gate, then the operation."""
        version = headers.get(b"version", b"").decode("latin-1")
        refused = self._version_refusal(route, version, path) or _token_refusal(route, known)
        if refused is not None:
            return refused
        base_url = "http://" + headers.get(b"host", b"127.0.0.1").decode("latin-1")
        content_type = headers.get(b"content-type", b"")
        call = Call(params, query, body, content_type, version, known or NOBODY, base_url)
        try:
            return route.handler(self._location, call)
        except RefusalError as refusal:
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

    async def _finish(self, send: _Send, operation: str, given: Answer, limits: Headers) -> None:
        self._counts.add(operation, str(given.status))
        await _send(send, given, [*limits, (b"date", self._location.clock.header())])

    async def _play(
        self,
        fault: Fault,
        operation: str,
        handle: Callable[[], Answer],
        limits: Headers,
        scope: _Scope,
        receive: _Receive,
        send: _Send,
    ) -> None:
        """Go wrong as the fault says."""
        if fault.kind in _BEFORE:
            self._control.then(fault)
        refused = _refusal(fault)
        if refused is not None:
            await self._finish(send, operation, refused, _spent(limits, fault.kind))
            return
        kind, _, moment = fault.kind.partition("_")
        if kind in ("timeout", "reset"):
            if moment == "after":
                handle()
            self._counts.add(operation, kind)
            if kind == "timeout":
                await _hang(receive, fault.seconds)
            await _reset(scope, receive)
            return
        if fault.kind == "422_after":
            handle()
            await self._finish(send, operation, _UNPROCESSABLE, limits)
            return
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        given = handle()
        if fault.kind == "truncated_json":
            given = Answer(given.status, given.body[: len(given.body) // 2], given.content_type)
        await self._finish(send, operation, given, limits)


def _refusal(fault: Fault) -> Answer | None:
    """The answer of a fault that strikes before anything happened; None for the others."""
    if fault.kind == "gone":
        return RefusalError.missing("Contact", fault.record, reading=True).answer
    return _UNPROCESSABLE if fault.kind == "422_before" else _FAULTY.get(fault.kind)


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


async def _body(receive: _Receive) -> bytes | None:
    """A request's body; None where the client was gone before all of it arrived: that is no request."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _send(send: _Send, given: Answer, limits: Headers) -> None:
    length = (b"content-length", b"%d" % len(given.body))
    kind = [(b"content-type", given.content_type)] if given.body else []
    headers = [*kind, length, *given.headers, *limits]
    await send({"type": "http.response.start", "status": given.status, "headers": headers})
    await send({"type": "http.response.body", "body": given.body})


def _spent(limits: Headers, kind: str) -> Headers:
    """A 429 tells a window that is used up, also when it is played."""
    if kind != "429":
        return limits
    return [(name, b"0" if name == b"x-ratelimit-remaining" else value) for name, value in limits]


async def _hang(receive: _Receive, seconds: float) -> None:
    """Keep the client waiting until it gives up, the time is over, or the sandbox is stopped."""
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _reset(scope: _Scope, receive: _Receive) -> None:
    """Break the connection without an answer: an RST where the platform can, else a plain close."""
    transport = scope["extensions"]["sandbox.transport"]["transport"]
    with contextlib.suppress(OSError, AttributeError, NotImplementedError):
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
