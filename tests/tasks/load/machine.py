"""The machine that an import runs on: its clock may be set, and its process be held up."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

import pytest

from tasks.core import clocks
from tasks.hub import engine, leases
from tasks.vendors import network

BUSY_SECONDS = 0.1
"""How long a SQLite transaction waits for another's while the hub is away."""


class Machine:
    """As it is for a test.

    Attributes:
        ahead: Seconds by which its clock is ahead; HighLevel's and a database server's stay.
        held_up: Seconds that its process has lost without noticing.
        loser: Told of every piece of a request that leaves, once somebody has taken over.
    """

    def __init__(self) -> None:
        self.ahead = 0.0
        self.held_up = 0.0
        self.loser: Any = None

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """In the ``with`` body the hub is not waited for as long as it would be."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "_patience", ContextVar("patience", default=BUSY_SECONDS))
            yield


def install(machine: Machine, patch: pytest.MonkeyPatch) -> None:
    """Let the engine, as far as it is imported, run on this machine."""
    calendar, clock = _calendar(machine), _Clock(machine)
    for name, module in list(sys.modules.items()):
        if name.startswith("tasks.") and getattr(module, "datetime", None) is datetime:
            patch.setattr(module, "datetime", calendar)
    patch.setattr(leases, "time", clock)
    patch.setattr(engine, "time", clock)
    patch.setattr(leases, "elapsed", lambda: clocks.elapsed() + machine.held_up)
    leave = network._Stream.write

    async def write(stream: Any, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        loser = machine.loser
        lost = loser is not None and loser.may_not_leave(buffer)
        await leave(stream, buffer, timeout)
        if lost:
            loser.sent += 1

    patch.setattr(network._Stream, "write", write)


class _Clock:
    """The module ``time`` on this machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def time(self) -> float:
        return time.time() + self._machine.ahead

    def time_ns(self) -> int:
        return time.time_ns() + int(self._machine.ahead * 1e9)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


class _Kind(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


def _calendar(machine: Machine) -> Any:
    """The class ``datetime`` on this machine."""

    class Calendar(datetime, metaclass=_Kind):
        def __new__(cls, *arguments: Any, **more: Any) -> Any:
            return datetime(*arguments, **more)  # noqa: DTZ001 - the caller's

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=machine.ahead)

        fromisoformat = datetime.fromisoformat
        fromtimestamp = datetime.fromtimestamp
        strptime = datetime.strptime
        combine = datetime.combine

    return Calendar
