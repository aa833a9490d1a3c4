"""What befalls an import beside death and HighLevel's faults: it is held up, its hub away."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Json
from tasks.core.errors import HubUnavailableError, StoppedError
from tasks.hub import leases
from tasks.hub.leases import holder_of_this_process
from tasks.hub.tables import leases as lease_table
from tasks.vendors import network
from tests.tasks.load.conftest import Engines, nothing
from tests.tasks.load.machine import Machine
from tests.tasks.load.stories import Edit

TEN_MINUTES = 600
WRITING, SEARCH = (b"POST ", b"PUT ", b"DELETE "), b"POST /contacts/search "
AT_REST = 0.05
"""Seconds after which the sandbox is through with what was sent."""

HOLDS_MS = 1_500
"""How long a rival holds the lease that does nothing."""

THEIRS: Engines = {}
"""Of rivals: a process that begins or ends does not touch another's connections."""

OUTAGES = (0.05, 0.25, 1.0)
"""Seconds: waited for, waited for again, and longer than anybody waits."""


def aside(work: Callable[[], Any]) -> Any:
    """Do something in a thread of its own, whose event loop and patience are its own."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001 - raised below
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


class Disturbance:
    """Befalls one attempt.

    Args:
        moment: At one of these.
        at: At which, from 1; the next, where it cannot be then.
    """

    def __init__(self, office: Any, moment: str, at: int) -> None:
        self.office = office
        self.moment, self.at = moment, at
        self.seen, self.struck = 0, False

    def __str__(self) -> str:
        return f"{type(self).__name__} at {self.moment} {self.at}{'' if self.struck else ' (never came)'}"

    def __call__(self, moment: str) -> None:
        if moment == self.moment and not self.struck:
            self.seen += 1
            self.struck = self.seen >= self.at
            if self.struck:
                self.struck = self.strike() is not False

    def strike(self) -> bool | None:
        """Do it; False where it cannot be now."""
        raise NotImplementedError

    def over(self, _ended: str) -> str:
        """The attempt is over; what was wrong about how it ended."""
        return ""


class Rival(Disturbance):
    """The process is held up for longer than its lease, and somebody else takes over.

    Args:
        records: What the other imports meanwhile; none: it only holds the lease.
        certain: No fault of HighLevel can end the attempt before.
    """

    def __init__(
        self, office: Any, moment: str, at: int, machine: Machine, records: list[Json], *, certain: bool
    ) -> None:
        super().__init__(office, moment, at)
        self._machine, self._records, self._certain = machine, records, certain
        self._loop = threading.get_ident()
        self._lost = False
        self._generation = 0
        self.sent = 0
        self.ended = "did nothing"
        machine.loser = self

    def __str__(self) -> str:
        return f"{super().__str__()}, lease lost {self._lost}; the rival: {self.ended}"

    def may_not_leave(self, piece: bytes) -> bool:
        """Whether this piece of a request is one that needs the lease that its process has lost.

        Reading needs none; and the process may take the lease anew, as anybody may. An empty piece is a
        request's end: all of it has left before, perhaps right before the other took over.
        """
        if not piece or not self._lost or threading.get_ident() != self._loop:
            return False
        guard: Any = network._guard.get()
        if guard is None:
            return piece.startswith(WRITING) and not piece.startswith(SEARCH)
        return bool(guard.lease.generation < self._generation)

    def strike(self) -> bool | None:
        taken = aside(self._take_over)
        if not taken and not self._records:
            return False
        if taken:
            self._machine.held_up += leases.SECONDS
            self._lost = True
        if self._records:
            time.sleep(AT_REST)
            aside(self._import)
        return None

    def _take_over(self) -> bool:
        table = lease_table.c
        ours = table.holder.startswith(holder_of_this_process().rpartition("/")[0] + "/")
        with self.office.outside() as connection:
            now = self.office.hub.now_ms(connection)
            until = 0 if self._records else now + HOLDS_MS
            theirs = {"holder": "elsewhere/1/x", "until_ms": until, "generation": table.generation + 1}
            held = (table.name.startswith("write "), ours, table.until_ms > now)
            taking = sa.update(lease_table).where(*held).values(theirs).returning(table.generation)
            self._generation = connection.execute(taking).scalar() or 0
        return bool(self._generation)

    def _import(self) -> None:
        rival = replace(self.office, befall=nothing, engines=THEIRS)
        try:
            rival.load(self._records)
            self.ended = "through"
        except StoppedError as error:
            self.ended = f"{type(error).__name__}: {error.what}"
        finally:
            rival.hub.close()

    def over(self, ended: str) -> str:
        self._machine.loser = None
        if self.sent:
            return f"{self.sent} pieces of requests left after the lease was lost"
        stopped = ended not in ("through", "died")
        if self._lost and self._certain and stopped and not ended.startswith("LeaseLostError"):
            return "the lease was lost, and that is not what was told"
        return ""


class Locked(Disturbance):
    """Another program holds SQLite's write lock for a while."""

    def __init__(self, office: Any, at: int, machine: Machine, seconds: float) -> None:
        super().__init__(office, "write", at)
        self._seconds = seconds
        self._impatient = ExitStack()
        self._impatient.enter_context(machine.impatient())
        self._locker: threading.Thread | None = None

    def __str__(self) -> str:
        return f"{super().__str__()} for {self._seconds} s"

    def strike(self) -> None:
        held = threading.Event()
        self._locker = threading.Thread(target=self._hold, args=(held,))
        self._locker.start()
        held.wait(10)

    def _hold(self, held: threading.Event) -> None:
        path = self.office.hub_url.removeprefix("sqlite:///")
        connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(self._seconds)
        connection.execute("ROLLBACK")
        connection.close()

    def over(self, _ended: str) -> str:
        if self._locker:
            self._locker.join()
        self._impatient.close()
        return ""


class Ended(Disturbance):
    """A PostgreSQL server ends all connections, as it does when it is restarted; and takes none for a while.

    Args:
        seconds: How long.
    """

    def __init__(self, office: Any, moment: str, at: int, seconds: float) -> None:
        super().__init__(office, moment, at)
        self._seconds = seconds
        self._back: threading.Thread | None = None

    def __str__(self) -> str:
        return f"{super().__str__()} for {self._seconds} s"

    def strike(self) -> None:
        self._accept(False)
        self._back = threading.Thread(target=self._come_back)
        self._back.start()
        if self.moment == "committed":
            raise HubUnavailableError("the answer to a commit was lost")

    def _come_back(self) -> None:
        time.sleep(self._seconds)
        self._accept(True)

    def _accept(self, connections: bool) -> None:
        url = sa.make_url(self.office.hub_url).set(drivername="postgresql+psycopg")
        maintenance = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        name = url.database
        with maintenance.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {connections}")
            if not connections:
                connection.exec_driver_sql(
                    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
                )
        maintenance.dispose()

    def over(self, _ended: str) -> str:
        if self._back:
            self._back.join()
        return ""


class ClockSet(Disturbance):
    """Somebody sets this machine's clock."""

    def __init__(self, office: Any, moment: str, at: int, machine: Machine, ahead: float) -> None:
        super().__init__(office, moment, at)
        self._machine, self._ahead = machine, ahead

    def __str__(self) -> str:
        return f"{super().__str__()}, {self._ahead} s ahead"

    def strike(self) -> None:
        self._machine.ahead = self._ahead


class Edited(Disturbance):
    """A person edits a contact in HighLevel right before a request of ours."""

    def __init__(self, office: Any, at: int, edit: Edit) -> None:
        super().__init__(office, "request", at)
        self.edit = edit

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.edit}"

    def strike(self) -> bool:
        return self.edit(self.office.vendor)


def drawn(
    office: Any,
    dice: random.Random,
    machine: Machine,
    most: dict[str, int],
    records: list[Json],
    *,
    faults: bool,
) -> Disturbance:
    """Something that befalls an attempt.

    Args:
        most: How many moments an undisturbed import has.
        faults: Whether HighLevel fails as well.
    """
    moment = dice.choice(("write", "request"))
    at = dice.randint(1, most[moment])
    roll = dice.random()
    if roll < 0.45:
        theirs = records if dice.random() < 0.6 else []
        return Rival(office, moment, at, machine, theirs, certain=not faults)
    if roll < 0.8:
        at, seconds = dice.randint(1, most["write"]), dice.choice(OUTAGES)
        if office.hub.is_sqlite:
            return Locked(office, at, machine, seconds)
        return Ended(office, dice.choice(("write", "commit", "committed")), at, seconds)
    return ClockSet(office, moment, at, machine, dice.choice((-TEN_MINUTES, 0, TEN_MINUTES)))
