"""One process, one event loop: sockets, uvicorn and a clean end.

uvicorn is used for HTTP alone. Two things are added to it: the connection is handed to the application,
because a fault may have to reset it, and a signal ends the process with code 0 instead of being raised
again.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.auth import CLIENT_ID, CLIENT_SECRET, token_of
from sandbox.faults import read_faults
from sandbox.location import Location
from sandbox.options import BadOptionError, Options
from sandbox.several import open_locations, opened_app

__all__ = ["serve"]


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


def serve(options: Options, *, as_json: bool) -> None:
    """Generate the data, listen, answer until a signal comes.

    Raises:
        BadOptionError: the port is taken, or the faults file is unreadable or malformed.
    """
    faults = read_faults(options.faults) if options.faults is not None else []
    with _listen(options) as listener:
        locations = open_locations(options)
        app = opened_app(locations, options, faults)
        gc.collect()
        gc.freeze()  # the generated records live as long as the process: no need to walk them again
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
        facts = _facts(options, locations, listener.getsockname()[1])
        announcement = json.dumps(facts) if as_json else _readable(facts)
        _Server(config, announcement).run(sockets=[listener])


def _listen(options: Options) -> socket.socket:
    try:
        return socket.create_server((options.host, options.port), backlog=2048)
    except OSError as refused:
        raise BadOptionError(
            f"cannot listen on {options.host}:{options.port} ({refused.strerror}): choose another --port, "
            "or 0 for a free one"
        ) from refused


def _facts(options: Options, locations: list[Location], port: int) -> dict[str, Any]:
    first = locations[0]
    return {
        "url": f"http://{options.host}:{port}",
        "port": port,
        "token": token_of(1),
        "location_id": first.id,
        "locations": [
            {"location_id": one.id, "token": token_of(place)} for place, one in enumerate(locations, start=1)
        ],
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "authorize_url": f"http://{options.host}:{port}/oauth/chooselocation",
        "contacts": len(first.contacts.rows),
        "businesses": len(first.others["businesses"]),
        "seed": options.seed,
        "quota": options.quota,
        "daily": options.daily,
        "pid": os.getpid(),
    }


def _readable(facts: dict[str, Any]) -> str:
    quota = "off" if facts["quota"] == "off" else f"{facts['quota']}, {facts['daily']:,} a day"
    businesses = f"{facts['businesses']:,} businesses"
    return "\n".join(
        (
            "HighLevel sandbox: the vendor's API on loopback, quirks and quota included",
            f"  base URL    {facts['url']}",
            f"  token       {facts['token']}",
            f"  location    {facts['location_id']}",
            *(f"  another     {one['location_id']}, token {one['token']}" for one in facts["locations"][1:]),
            f"  OAuth app   {facts['client_id']}, secret {facts['client_secret']}",
            f"  consent     {facts['authorize_url']}",
            f"  contacts    {facts['contacts']:,} and {businesses}, seed {facts['seed']}",
            f"  quota       {quota}",
            f"  control     {facts['url']}/_sandbox/requests",
        )
    )
