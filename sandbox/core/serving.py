"""One process, one event loop: sockets, uvicorn and a clean end.

uvicorn is used for HTTP alone. Two things are added to it: the connection is handed to the application,
because a fault may have to reset it, and a signal ends the process with code 0 instead of being raised
again.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.core.gateway import App
from sandbox.core.options import BadOptionError

__all__ = ["answer_until_stopped", "listen"]


class _ResettableProtocol(HttpToolsProtocol):
    """Hands each request its connection, for the faults that break it."""

    def on_message_begin(self) -> None:
        """Put the transport among the request's ASGI extensions."""
        super().on_message_begin()
        self.scope["extensions"] = {"sandbox.transport": {"transport": self.transport}}


class _Server(uvicorn.Server):
    """A server that says when it is ready, and ends quietly on SIGINT and SIGTERM."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Announce the start only once connections are answered."""
        await super().startup(sockets)
        sys.stdout.write(self._announcement + "\n")
        sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal without raising it again afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def listen(host: str, port: int, flag: str) -> socket.socket:
    """A socket that accepts connections.

    Args:
        flag: The option that the port was given by.

    Raises:
        BadOptionError: the port is taken, or the address is none of this machine's.
    """
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as refused:
        raise BadOptionError(
            f"cannot listen on {host}:{port} ({refused.strerror}): choose another {flag}, or 0 for a free one"
        ) from refused


def answer_until_stopped(app: App, listeners: list[socket.socket], announcement: str) -> None:
    """Answer on these sockets until a signal comes."""
    config = uvicorn.Config(
        app,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=_ResettableProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    _Server(config, announcement).run(sockets=listeners)
