"""The run ledger and the cursors: what every run did, and where each automation stands.

Both are written on the connection of the caller's transaction, so that they move together with the
data they describe.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.batch import Position, Tally
from tasks.core.errors import HubUnavailableError
from tasks.hub.engine import Hub
from tasks.hub.leases import holder_of_this_process, is_dead
from tasks.hub.tables import IS_RUNNING, cursors, runs
from tasks.hub.upsert import among

BEAT_SECONDS = 60.0
"""How often a run says that it is alive."""

SILENCE_SECONDS = 600.0
"""After so long without a word a run is taken for dead, even where nothing is known of its process."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place to keep a position: whose, where, and in what.

    Args:
        automation: The flow that reads.
        scope: What the position is a position in, e.g. ``added 2026-01-01…``; another scope,
            another cursor.
    """

    location_id: str
    automation: str
    scope: str

    def read(self, connection: sa.Connection) -> Position | None:
        """The committed position; None when nothing was begun."""
        return connection.execute(sa.select(cursors.c.position).where(*self._key())).scalar_one_or_none()

    def move(self, connection: sa.Connection, position: Position, run_id: str) -> None:
        """Set the position, within the caller's transaction."""
        key = {"location_id": self.location_id, "automation": self.automation, "scope": self.scope}
        values = {"position": position, "run_id": run_id, "moved_at": datetime.now(UTC)}
        insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(cursors)
        moving = insert.values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values)
        connection.execute(moving)

    def clear(self, connection: sa.Connection) -> None:
        """Forget the position: the next run starts from the beginning."""
        connection.execute(sa.delete(cursors).where(*self._key()))

    def _key(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            cursors.c.location_id == self.location_id,
            cursors.c.automation == self.automation,
            cursors.c.scope == self.scope,
        )


@dataclass(slots=True)
class Run:
    """One run of an automation, as the ledger keeps it.

    Args:
        parameters: What the run was asked to do; never a secret.
        flow_run_id: Prefect's id of it.
        holder: A name by which others can tell whether its process is alive.

    Attributes:
        waits: Whether it ends only until a person has answered.
    """

    automation: str
    location_id: str
    mapping: str
    mapping_digest: str
    parameters: dict[str, Any]
    flow_run_id: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    tally: Tally = field(default_factory=Tally)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    holder: str = field(default_factory=holder_of_this_process)
    waits: bool = False

    def open(self, hub: Hub) -> None:
        """Enter the run into the ledger as running; those of before that are dead were interrupted."""
        row = {name: getattr(self, name) for name in _KEPT}
        with hub.write() as connection:
            now = hub.now_ms(connection)
            self._tell_the_dead(connection, now)
            running = {"state": "running", "tally": _plain(self.tally), "alive_at_ms": now}
            connection.execute(sa.insert(runs).values(row | running))

    def beat(self, hub: Hub) -> None:
        """Say that the run is alive, until it is closed; also after somebody took it for dead."""
        with hub.write() as connection:
            mine = (runs.c.id == self.id, runs.c.finished_at.is_(None))
            alive = {"alive_at_ms": hub.now_ms(connection), "state": "running"}
            connection.execute(sa.update(runs).where(*mine).values(alive))

    def _tell_the_dead(self, connection: sa.Connection, now: int) -> None:
        mine = (runs.c.automation == self.automation, runs.c.location_id == self.location_id)
        query = sa.select(runs.c.id, runs.c.holder, runs.c.alive_at_ms).where(*mine, IS_RUNNING)
        found = connection.execute(query)
        dead = [id_ for id_, holder, said in found if not _is_alive(holder, said, now)]
        if dead:
            gone = sa.update(runs).where(among(connection, runs.c.id, dead), IS_RUNNING)
            connection.execute(gone.values(state="interrupted"))

    def record(self, connection: sa.Connection, done: Tally) -> None:
        """Write the tally so far and ``done`` on top, within the caller's transaction.

        The caller adds ``done`` to the run's tally once the transaction is through.
        """
        total = Tally()
        total.add(self.tally)
        total.add(done)
        self._update(connection, tally=_plain(total))

    def ask(self, hub: Hub, plan_id: str) -> None:
        """Note the plan about which a person is asked, before they are: another process goes on with it."""
        with hub.write() as connection:
            self._update(connection, asked_about=plan_id)

    def close(self, hub: Hub, error: str | None = None) -> None:
        """Enter how the run ended."""
        with hub.write() as connection:
            self._update(
                connection,
                tally=_plain(self.tally),
                state="waiting" if self.waits else "failed" if error else "completed",
                error=error,
                finished_at=datetime.now(UTC),
            )

    def _update(self, connection: sa.Connection, **values: Any) -> None:
        connection.execute(sa.update(runs).where(runs.c.id == self.id).values(**values))


_KEPT = (
    "id",
    "automation",
    "location_id",
    "flow_run_id",
    "mapping",
    "mapping_digest",
    "parameters",
    "started_at",
    "holder",
)


def asked_about(connection: sa.Connection, flow_run_id: str) -> str:
    """Id of the plan about which Prefect's flow run asked a person last; empty for none."""
    mine = (runs.c.flow_run_id == flow_run_id, runs.c.asked_about.is_not(None))
    query = sa.select(runs.c.asked_about).where(*mine).order_by(runs.c.started_at.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none() or ""


def is_asked_about(connection: sa.Connection, plan_id: str) -> bool:
    """Whether any run asked a person about a plan."""
    query = sa.select(sa.literal(1)).where(runs.c.asked_about == plan_id).limit(1)
    return connection.execute(query).scalar_one_or_none() is not None


def those_over(hub: Hub, connection: sa.Connection, run_ids: Collection[str]) -> set[str]:
    """Which of these runs have ended or are dead, as far as can be told; those that nobody knows, too."""
    columns = (runs.c.id, runs.c.holder, runs.c.alive_at_ms)
    query = sa.select(*columns).where(among(connection, runs.c.id, sorted(run_ids)), IS_RUNNING)
    now = hub.now_ms(connection)
    alive = {id_ for id_, holder, said in connection.execute(query) if _is_alive(holder, said, now)}
    return set(run_ids) - alive


def living(hub: Hub) -> list[str]:
    """Automations of which a run may be alive just now, of any location."""
    query = sa.select(runs.c.automation, runs.c.holder, runs.c.alive_at_ms).where(IS_RUNNING)
    with hub.read() as connection:
        now = hub.now_ms(connection)
        found = connection.execute(query).all()
    return sorted({name for name, holder, said in found if _is_alive(holder, said, now)})


def _is_alive(holder: str | None, alive_at_ms: int | None, now: int) -> bool:
    """Whether a run may be alive: its process is, as far as can be told, and it said so not long ago."""
    if not holder or alive_at_ms is None or is_dead(holder):
        return False
    return abs(now - alive_at_ms) <= SILENCE_SECONDS * 1000


def was_carried(hub: Hub, automation: str, location_id: str, mapping_digest: str) -> bool:
    """Whether a run of the automation was completed with the same mapping."""
    mine = (runs.c.automation == automation, runs.c.location_id == location_id)
    query = sa.select(runs.c.id).where(
        *mine, runs.c.mapping_digest == mapping_digest, runs.c.state == "completed"
    )
    with hub.read() as connection:
        return connection.execute(query.limit(1)).scalar() is not None


@asynccontextmanager
async def beating(hub: Hub, run: Run) -> AsyncIterator[None]:
    """Say now and then that a run is alive."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with suppress(HubUnavailableError):  # the next one may reach it
                await asyncio.to_thread(run.beat, hub)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


_KEPT_OF_MORE = ("credits",)
"""What only some automations tell, and is looked up later."""


def _plain(tally: Tally) -> dict[str, Any]:
    return {
        **tally.counts(),
        "seconds": {step: round(seconds, 3) for step, seconds in tally.seconds.items()},
        "reasons": dict(tally.reasons),
        "warnings": dict(tally.warnings),
        "dropped": tally.dropped.plain(),
        "notes": tally.notes,
        **{name: tally.more[name] for name in _KEPT_OF_MORE if name in tally.more},
    }
