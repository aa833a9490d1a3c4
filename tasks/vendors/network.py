"""Sockets for the HTTP client, on which a request that must not be sent any more does not leave.

A process may be stopped at any moment and go on much later (a suspended laptop, a paused machine). Whether
it may still send is therefore asked with nothing between the question and the bytes that go out: httpcore's
own backend hands over to the event loop there, and a whole turn of it may lie between.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import httpcore

_READ_AHEAD = 1 << 18
"""Bytes that a connection reads before somebody asks for them."""


class Guard(Protocol):
    """Says whether a request may be sent now."""

    @property
    def in_doubt(self) -> bool:
        """Whether it must be asked first; told at once, without waiting."""

    async def ask(self) -> None:
        """Find out.

        Raises:
            Exception: Nothing may be sent any more.
        """


_guard: ContextVar[Guard | None] = ContextVar("guard", default=None)


@contextmanager
def guarded(guard: Guard | None) -> Iterator[None]:
    """Let this task's requests in the ``with`` body leave only as the guard allows."""
    token = _guard.set(guard)
    try:
        yield
    finally:
        _guard.reset(token)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connections of asyncio's own streams."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect."""
        local = (local_address, 0) if local_address else None
        async with _as_httpcore(httpcore.ConnectTimeout, httpcore.ConnectError, timeout):
            reader, writer = await asyncio.open_connection(host, port, limit=_READ_AHEAD, local_addr=local)
        for option in socket_options or ():
            writer.get_extra_info("socket").setsockopt(*option)
        return _Stream(reader, writer)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        async with _as_httpcore(httpcore.ReadTimeout, httpcore.ReadError, timeout):
            return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        guard = _guard.get()
        while guard is not None and guard.in_doubt:
            await guard.ask()
        async with _as_httpcore(httpcore.WriteTimeout, httpcore.WriteError, timeout):
            self._writer.write(buffer)
            await self._writer.drain()

    async def aclose(self) -> None:
        self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
    ) -> httpcore.AsyncNetworkStream:
        async with _as_httpcore(httpcore.ConnectTimeout, httpcore.ConnectError, timeout):
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # of an idle connection: it was closed, or said what nobody asked for
            return self._reader.at_eof() or self._writer.transport.is_closing()
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._writer.get_extra_info(names.get(info, info))


@asynccontextmanager
async def _as_httpcore(
    late: type[Exception],
    broken: type[Exception],
    timeout: float | None,  # noqa: ASYNC109 - httpcore's interface
) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(timeout):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:  # ssl.SSLError is one
        raise broken(str(error)) from error
