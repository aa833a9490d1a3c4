"""Who works on what now: a lease that ends by itself, and at once where its holder is known to be dead.

A lease has a generation, which rises each time that it changes hands. So a process that was held up (a
suspended laptop, a paused machine) and wakes up after somebody else took over knows that it has lost it,
whatever has happened since: ``require`` asks within the transaction that is about to say "sending", and
``overdue`` tells by a clock of this machine, before a request leaves, that the hub must be asked first.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.clocks import elapsed
from tasks.core.errors import LeaseLostError
from tasks.hub.engine import Hub
from tasks.hub.tables import leases

SECONDS = 60.0
"""How long a lease lasts that nobody renews."""

RENEW_AFTER = 0.25
"""The share of its time after which a lease is renewed."""

CERTAIN = 0.75
"""The share of its time in which a lease is ours without asking the hub."""


def _machine() -> str:
    """Where process numbers mean the same: containers may share a machine's name, and not its processes."""
    with suppress(OSError):
        return f"{socket.gethostname()}:{Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def holder_of_this_process() -> str:
    """A name for one holder of this process, by which others can tell whether the process is alive."""
    return f"{_machine()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"


@dataclass(slots=True)
class Lease:
    """The wish to be the only one, across all processes of the hub.

    Args:
        name: What is worked on, e.g. ``write <location>``.
        about: What for, for whoever has to wait.

    Attributes:
        generation: The one that we hold; 0 while we never held it.
    """

    name: str
    about: str
    holder: str = field(default_factory=holder_of_this_process)
    generation: int = 0
    _certain_until: float = field(default=float("-inf"), repr=False)
    _certain_until_by_date: float = field(default=float("-inf"), repr=False)

    def take(self, hub: Hub) -> str:
        """Take it; "" when it is ours, else what its holder is about."""
        began, date = elapsed(), time.time()
        with hub.write() as connection:
            now = hub.now_ms(connection)
            insert = (sqlite.insert if hub.is_sqlite else postgresql.insert)(leases)
            nobodys = {"name": self.name, "holder": "", "about": "", "until_ms": 0, "generation": 0}
            connection.execute(insert.values(nobodys).on_conflict_do_nothing())
            query = sa.select(leases).where(leases.c.name == self.name).with_for_update()
            row = connection.execute(query).mappings().one()
            held = row["holder"] and row["until_ms"] > now and not is_dead(row["holder"])
            if held and row["until_ms"] <= now + int(SECONDS * 1000):  # beyond it, a clock was set back
                return str(row["about"]) or "something else"
            generation = row["generation"] + 1
            self._write(connection, now, generation=generation)
        self.generation = generation
        self._be_certain(began, date)
        return ""

    def renew(self, hub: Hub) -> None:
        """Hold it for longer.

        Raises:
            LeaseLostError: Somebody else took it since.
            HubUnavailableError: The hub cannot be asked: it is ours until its time is over.
        """
        began, date = elapsed(), time.time()
        with hub.write() as connection:
            self.require(connection)
            self._write(connection, hub.now_ms(connection), generation=self.generation)
        self._be_certain(began, date)

    @property
    def renew_every(self) -> float:
        """Seconds after which it is to be renewed."""
        return SECONDS * RENEW_AFTER

    @property
    def overdue(self) -> bool:
        """Whether somebody else may have it by now: the hub must be asked (``renew``) before going on.

        Both of this machine's clocks count: one stands still while a virtual machine is paused, the other
        may be set.
        """
        return elapsed() > self._certain_until or time.time() > self._certain_until_by_date

    def require(self, connection: sa.Connection) -> None:
        """Make sure, within the caller's transaction, that it is still ours.

        Raises:
            LeaseLostError: Somebody else took it, because it was not renewed in time.
        """
        query = sa.select(leases.c.holder, leases.c.generation).where(leases.c.name == self.name)
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None or (row.holder, row.generation) != (self.holder, self.generation):
            raise LeaseLostError(
                f"{self.about}: another process took over to {self.name}; this one was held up too long.",
                remedy="Nothing more was sent; run it again when the other is through.",
            )

    def release(self, hub: Hub) -> None:
        """Give it back, if it is ours; the generation stays, so that nobody gets an older one again."""
        mine = (leases.c.name == self.name, leases.c.holder == self.holder)
        with hub.write() as connection:
            values = {"holder": "", "about": "", "until_ms": 0}
            connection.execute(sa.update(leases).where(*mine).values(**values))

    def _write(self, connection: sa.Connection, now: int, *, generation: int) -> None:
        values = {
            "holder": self.holder,
            "about": self.about,
            "until_ms": now + int(SECONDS * 1000),
            "generation": generation,
        }
        connection.execute(sa.update(leases).where(leases.c.name == self.name).values(**values))

    def _be_certain(self, began: float, date: float) -> None:
        self._certain_until = began + SECONDS * CERTAIN
        self._certain_until_by_date = date + SECONDS * CERTAIN


def is_dead(holder: str) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    host, _, rest = holder.partition("/")
    number = rest.partition("/")[0]
    if host != _machine() or not number.isdigit() or os.name != "posix":
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
