"""Who works on what now: a lease that ends by itself, and at once where its holder is known to be dead."""

from __future__ import annotations

import os
import socket
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.errors import StoppedError
from tasks.hub.engine import Hub
from tasks.hub.tables import leases

SECONDS = 60.0
"""How long a lease lasts that nobody renews."""


def _machine() -> str:
    """Where process numbers mean the same: containers may share a machine's name, and not its processes."""
    with suppress(OSError):
        return f"{socket.gethostname()}:{Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def _me() -> str:
    return f"{_machine()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True, slots=True)
class Lease:
    """The wish to be the only one, across all processes of the hub.

    Args:
        name: What is worked on, e.g. ``write <location>``.
        about: What for, for whoever has to wait.
    """

    name: str
    about: str
    holder: str = field(default_factory=_me)

    def take(self, hub: Hub) -> str:
        """Take it, or take it again; "" when it is ours, else what its holder is about."""
        with hub.write() as connection:
            now = hub.now_ms(connection)
            insert = (sqlite.insert if hub.is_sqlite else postgresql.insert)(leases)
            nobodys = {"name": self.name, "holder": "", "about": "", "until_ms": 0}
            connection.execute(insert.values(nobodys).on_conflict_do_nothing())
            query = sa.select(leases).where(leases.c.name == self.name).with_for_update()
            row = connection.execute(query).mappings().one()
            values = {
                "holder": self.holder,
                "about": self.about,
                "until_ms": now + int(SECONDS * 1000),
            }
            if row["holder"] != self.holder and row["until_ms"] > now and not _dead(row["holder"]):
                return str(row["about"]) or "something else"
            connection.execute(sa.update(leases).where(leases.c.name == self.name).values(**values))
            return ""

    def require(self, connection: sa.Connection) -> None:
        """Make sure, within the caller's transaction, that it is still ours.

        Raises:
            StoppedError: Somebody else took it, because it was not renewed in time.
        """
        mine = sa.select(leases.c.holder).where(leases.c.name == self.name).with_for_update()
        if connection.execute(mine).scalar_one_or_none() != self.holder:
            raise StoppedError(
                f"{self.about}: another process took over to {self.name}; this one was held up too long.",
                remedy="Nothing more was sent; run it again when the other is through.",
            )

    def release(self, hub: Hub) -> None:
        """Give it back."""
        mine = (leases.c.name == self.name, leases.c.holder == self.holder)
        with hub.write() as connection:
            connection.execute(sa.delete(leases).where(*mine))


def _dead(holder: str) -> bool:
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
