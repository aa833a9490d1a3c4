"""A location of a hub without a vendor: persons edit it, and rules run over it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tasks.core.batch import Reject
from tasks.extract.contexts import Contexts
from tasks.hub import journal, plans
from tasks.hub.engine import Hub
from tasks.hub.journal import OURS, THEIRS, Entry, Kind
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.hub.tables import MIRRORS
from tasks.hub.tables import plans as plan_table
from tasks.mapping.rules.compile import Rules, compile_rules
from tasks.mapping.rules.language import load_rules
from tasks.mapping.rules.moments import At, WorkingDays
from tasks.run.automating import Automating
from tasks.run.pipeline import Session

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CONTACTS = "hub.contact"


class Ran:
    """What came of a run.

    Attributes:
        fired: The rules that fired, each with its record.
        rows: What they made, by stream.
        refused: What they could not judge.
        plan: The first plan.
    """

    def __init__(self, working: Automating) -> None:
        self.told = working.tell()
        self.fired = [(one.rule.key, one.firing.subject) for one in working.judged.firings]
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.refused: list[Reject] = list(working.judged.refused.values())
        self.plan = ""


class Location:
    """A location.

    Args:
        folder: For its rules files.
    """

    id = "loc"

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub, self._folder = hub, folder

    def make(self, id_: str, stream: str = CONTACTS, kind: Kind = Kind.CREATED, **fields: Any) -> str:
        """A record that comes into being."""
        stamp = {"location_id": self.id, "fingerprint": "", "run_id": "sync", "synced_at": NOON}
        with self.hub.write() as connection:
            connection.execute(sa.insert(MIRRORS[stream]).values(id=id_, **stamp, **fields))
            self._note(connection, Entry(stream, id_, kind, NOON))
        return id_

    def edit(self, id_: str, stream: str = CONTACTS, plan_id: str = "", **fields: Any) -> None:
        """A person changes a record, or a plan of ours does."""
        table = MIRRORS[stream]
        mine = (table.c.location_id == self.id, table.c.id == id_)
        with self.hub.write() as connection:
            before = connection.execute(sa.select(table).where(*mine)).mappings().one()
            changed = {name: (before[name], value) for name, value in fields.items() if before[name] != value}
            if not changed:
                return
            connection.execute(sa.update(table).where(*mine).values(**fields))
            whose = OURS if plan_id else THEIRS
            self._note(connection, Entry(stream, id_, Kind.UPDATED, NOON, changed, whose, plan_id or None))

    def delete(self, id_: str, stream: str = CONTACTS) -> None:
        table = MIRRORS[stream]
        with self.hub.write() as connection:
            connection.execute(sa.update(table).where(table.c.id == id_).values(deleted_at=NOON))
            self._note(connection, Entry(stream, id_, Kind.DELETED, NOON))

    def _note(self, connection: sa.Connection, entry: Entry) -> None:
        stamp = {"location_id": self.id, "run_id": "sync", "synced_at": NOON}
        journal.write(connection, stamp, [entry])

    def held(self, id_: str, stream: str = CONTACTS) -> dict[str, Any]:
        table = MIRRORS[stream]
        with self.hub.read() as connection:
            return dict(connection.execute(sa.select(table).where(table.c.id == id_)).mappings().one())

    def rules(self, text: str, name: str = "mine") -> Rules:
        file = self._folder / f"{name}.yaml"
        file.write_text(text, encoding="utf-8")
        return compile_rules(load_rules(file))

    def working(self, rules: Rules, now: datetime = NOON) -> Automating:
        run = Run("an automation", self.id, "", "", {})
        session = Session(self.hub, cast("Any", None), run, AsyncMock(), AsyncMock())
        at = At(now, WorkingDays(ZoneInfo("UTC"), "AT"))
        contexts = Contexts(self.id, rules.roots, {})
        return Automating(session, rules, contexts, at, lambda _target, row: row)

    def run(
        self, rules: Rules, scope: str = "new", ids: tuple[str, ...] = (), *, dies_after: int = 9,
        state: str = "applied", now: datetime = NOON,
    ) -> Ran:  # fmt: skip
        """One run of an automation, in which tags alone are written.

        Args:
            dies_after: After how many plans it dies.
            state: What becomes of its plans.
        """
        working = self.working(rules, now)
        asyncio.run(working.judge(scope, ids))
        working.make_notices("https://crm.example/{}")
        done = Ran(working)
        for target in working.targets[:dies_after] if done.fired else ():
            batch = asyncio.run(working.source(target).read(None, 500))
            done.rows[target] = batch.records
            done.refused += batch.rejects
            plan = Plan(working.session.run.id, "an automation", self.id, "import", "", {}, state="ready")
            with self.hub.write() as connection:
                plans.insert(connection, plan)
                working.remember(connection, plan)
            done.plan = done.plan or plan.id
            self.settle(plan.id, state)
            for record in batch.records if target == "highlevel.contact" and state == "applied" else ():
                held = self.held(record["id"])["tags"] or []
                kept = [tag for tag in held if tag not in record.get("tagsRemoved", ())]
                tags = kept + [tag for tag in record.get("tags", ()) if tag not in kept]
                self.edit(record["id"], plan_id=plan.id, tags=tags)
        if not done.rows:
            working.remember_alone()
        done.told = working.tell()
        return done

    def settle(self, plan_id: str, state: str) -> None:
        with self.hub.write() as connection:
            connection.execute(sa.update(plan_table).where(plan_table.c.id == plan_id).values(state=state))


@pytest.fixture
def location(hub: Hub, tmp_path: Path) -> Location:
    return Location(hub, tmp_path)


@pytest.fixture(scope="session")
def new_location(sqlite_hub: Path) -> Callable[[], Any]:
    """Makes locations in hubs of their own, on SQLite."""

    @contextmanager
    def made() -> Iterator[Location]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "hub.db"
            shutil.copy(sqlite_hub, file)
            with closing(Hub(f"sqlite:///{file}")) as hub:
                yield Location(hub, Path(folder))

    return made
