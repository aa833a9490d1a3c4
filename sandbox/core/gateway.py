"""One vendor's gateway as a bare ASGI application.

Checks come in this order, each ending the request: what the vendor admits at all (its quota), a fault that
strikes, and then the vendor's own handling. Everything but the control door counts, and every answer carries
the vendor's headers.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple, Protocol

from sandbox.core.answers import Answer, Headers, Request
from sandbox.core.control import PREFIX, Behind, Control
from sandbox.core.faults import Fault, draw

__all__ = ["App", "Gateway", "Incoming", "Vendor", "by_port", "send_answer"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Incoming(NamedTuple):
    """A request that reached a vendor.

    Attributes:
        operation: What it is counted as: method and template.
        limits: The headers that every answer to it carries.
        refused: The answer where it is not admitted.
        handle: Does what was asked.
    """

    operation: str
    limits: Headers
    refused: Answer | None
    handle: Callable[[], Answer]


class Vendor(Behind, Protocol):
    """What answers behind a gateway."""

    def receive(self, request: Request) -> Incoming:
        """Look at one request; nothing is done for it yet."""
        ...

    def refusal(self, fault: Fault) -> Answer | None:
        """The answer of a fault that strikes before anything happened; None for one that has none."""
        ...

    def lost(self, fault: Fault) -> Answer | None:
        """The answer that takes the place of the right one after the effect; None for one that has none."""
        ...

    def closing(self, limits: Headers, fault: Fault | None) -> Headers:
        """The headers of an answer, written when it goes out."""
        ...


class Gateway:
    """A vendor behind its gateway.

    Args:
        latency: Seconds added to every answer.
    """

    def __init__(self, vendor: Vendor, faults: list[Fault], latency: float = 0.0) -> None:
        self._vendor = vendor
        self._control = Control(vendor, faults)
        self._latency = latency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method, path = scope["method"], scope["path"]
        body = b"" if method == "GET" else await _body(receive)
        if body is None:
            return
        if path.startswith(PREFIX):
            await send_answer(send, self._control.answer(method, path, body), [])
            return
        request = Request(method, path, scope["query_string"], dict(scope["headers"]), body)
        incoming = self._vendor.receive(request)
        if self._latency:
            await asyncio.sleep(self._latency)
        if incoming.refused is not None:
            await self._finish(send, incoming, incoming.refused)
            return
        fault = None
        if self._control.faults:
            fault = draw(self._control.faults, incoming.operation, path.encode() + b" " + body)
        if fault is None:
            await self._finish(send, incoming, incoming.handle())
        else:
            await self._play(fault, incoming, scope, receive, send)

    async def _finish(
        self, send: Send, incoming: Incoming, given: Answer, fault: Fault | None = None
    ) -> None:
        self._control.counts.add(incoming.operation, str(given.status))
        await send_answer(send, given, self._vendor.closing(incoming.limits, fault))

    async def _play(
        self, fault: Fault, incoming: Incoming, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Go wrong as the fault says."""
        kind, _, moment = fault.kind.partition("_")
        refused = self._vendor.refusal(fault)
        if refused is not None:
            self._control.then(fault)
            await self._finish(send, incoming, refused, fault)
            return
        if kind in ("timeout", "reset"):
            if moment == "after":
                incoming.handle()
            self._control.then(fault)
            self._control.counts.add(incoming.operation, kind)
            if kind == "timeout":
                await _hang(receive, fault.seconds)
            await _reset(scope, receive)
            return
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        given = incoming.handle()
        self._control.then(fault)
        if fault.kind == "truncated_json":
            given = Answer(given.status, given.body[: len(given.body) // 2], given.content_type)
        await self._finish(send, incoming, self._vendor.lost(fault) or given, fault)


def by_port(apps: Mapping[int, App]) -> App:
    """One application for several vendors, each on a port of its own."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    return app


async def _body(receive: Receive) -> bytes | None:
    """A request's body; None where the client was gone before all of it arrived: that is no request."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def send_answer(send: Send, given: Answer, limits: Headers) -> None:
    """Send one answer with these headers beside its own."""
    length = (b"content-length", b"%d" % len(given.body))
    kind = [(b"content-type", given.content_type)] if given.body else []
    headers = [*kind, length, *given.headers, *limits]
    await send({"type": "http.response.start", "status": given.status, "headers": headers})
    await send({"type": "http.response.body", "body": given.body})


async def _hang(receive: Receive, seconds: float) -> None:
    """Keep the client waiting until it gives up, the time is over, or the sandbox is stopped."""
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _reset(scope: Scope, receive: Receive) -> None:
    """Break the connection without an answer: an RST where the platform can, else a plain close."""
    transport = scope["extensions"]["sandbox.transport"]["transport"]
    with contextlib.suppress(OSError, AttributeError, NotImplementedError):
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
