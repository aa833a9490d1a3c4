"""The run ledger and the cursors: what every run did, and where each automation stands.

Both are written on the connection of the caller's transaction, so that they move together with the
data they describe.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.batch import Position, Tally
from tasks.hub.engine import Hub
from tasks.hub.tables import IS_RUNNING, cursors, runs


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
        """Forget the position: the next run begins anew."""
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

    def open(self, hub: Hub, *, alongside: bool = False) -> None:
        """Enter the run into the ledger as running; one that was killed before it is told apart.

        Args:
            alongside: Another run of the same automation may well be alive.
        """
        row = {
            name: getattr(self, name)
            for name in ("id", "automation", "location_id", "flow_run_id", "mapping", "mapping_digest")
        }
        mine = (runs.c.automation == self.automation, runs.c.location_id == self.location_id)
        with hub.write() as connection:
            if not alongside:
                dead = sa.update(runs).where(*mine, IS_RUNNING)
                connection.execute(dead.values(state="interrupted"))
            connection.execute(
                sa.insert(runs).values(
                    **row,
                    parameters=self.parameters,
                    state="running",
                    tally=_plain(self.tally),
                    started_at=self.started_at,
                )
            )

    def record(self, connection: sa.Connection, done: Tally) -> None:
        """Write the tally so far and ``done`` on top, within the caller's transaction.

        The caller adds ``done`` to the run's tally once the transaction is through.
        """
        total = Tally()
        total.add(self.tally)
        total.add(done)
        self._update(connection, tally=_plain(total))

    def close(self, hub: Hub, error: str | None = None) -> None:
        """Enter how the run ended."""
        with hub.write() as connection:
            self._update(
                connection,
                tally=_plain(self.tally),
                state="failed" if error else "completed",
                error=error,
                finished_at=datetime.now(UTC),
            )

    def _update(self, connection: sa.Connection, **values: Any) -> None:
        connection.execute(sa.update(runs).where(runs.c.id == self.id).values(**values))


def _plain(tally: Tally) -> dict[str, Any]:
    return {
        **tally.counts(),
        "seconds": {step: round(seconds, 3) for step, seconds in tally.seconds.items()},
        "reasons": dict(tally.reasons),
        "warnings": dict(tally.warnings),
    }
