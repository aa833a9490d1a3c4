"""A process that dies in an instant: at a chosen write of the hub, or at a request to the vendor."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tasks.hub.engine import Hub
from tasks.vendors import retry
from tasks.vendors.transport import Transport
from tests.forks import command_line


@dataclass(frozen=True)
class Death:
    """When a process dies.

    Args:
        of: ``write`` (a transaction of the hub) or ``request`` (one that writes or is charged).
        at: At which, from 1.
        after: Whether right after it, and not right before it is committed or sent.
    """

    of: str
    at: int
    after: bool


def mortal(environment: dict[str, str], words: tuple[str, ...], death: Death) -> None:
    """The command line, until it dies."""
    seen: Counter[str] = Counter()
    begin, send = Hub.write, Transport.send

    def die(of: str, *, after: bool) -> None:
        if (of, seen[of], after) == (death.of, death.at, death.after):
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def write(hub: Hub) -> Iterator[sa.Connection]:
        with begin(hub) as connection:
            yield connection
            seen["write"] += 1
            die("write", after=False)
        die("write", after=True)

    async def sent(transport: Transport, method: str, path: str, **more: Any) -> Any:
        is_free = path.endswith("/search") and not path.startswith("/v3/")  # HighLevel's, and not Lusha's
        if method == "GET" or is_free:
            return await send(transport, method, path, **more)
        seen["request"] += 1
        die("request", after=False)
        answer = await send(transport, method, path, **more)
        die("request", after=True)
        return answer

    retry.FIRST_WAIT_SECONDS = 0.01
    Hub.write = write  # type: ignore[method-assign,assignment]
    Transport.send = sent  # type: ignore[method-assign,assignment]
    command_line(environment, words)
