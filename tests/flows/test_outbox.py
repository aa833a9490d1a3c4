"""What other programs put into the outbox reaches HighLevel once, and each row is told what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.hub import outbox
from tasks.hub.engine import Hub
from tasks.hub.tables import OUTBOXES

Command = Callable[..., Any]
TASKS = OUTBOXES["highlevel.crm_task"]


@pytest.fixture(scope="session")
def few() -> Iterator[RunningSandbox]:
    with process.start(contacts=30, seed=9, quota="off") as running:
        yield running


@pytest.fixture
def vendor(few: RunningSandbox) -> RunningSandbox:
    """A sandbox of few contacts, as it began."""
    few.reset()
    few.set_faults([])
    return few


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    """SQLite alone: ``tests/tasks/load/test_activities.py`` writes by way of both."""
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def lusha_connect(environment: dict[str, str], hub: Hub, prefect_api: str, command_line: Command) -> Command:
    """Runs a command to its exit, against a new hub."""
    return command_line


def put(hub: Hub, table: sa.Table, *rows: dict[str, Any]) -> None:
    """As another program does."""
    with hub.write() as connection:
        for row in rows:
            connection.execute(sa.insert(table).values(row))


def told(hub: Hub, table: sa.Table) -> dict[str, tuple[bool, str | None]]:
    """Of each row, whether it is done, and what it was told."""
    with hub.read() as connection:
        found = connection.execute(sa.select(table.c.id, table.c.done_at, table.c.error))
        return {id_: (done_at is not None, error) for id_, done_at, error in found}


def email_of(vendor: RunningSandbox, n: int = 0) -> str:
    found = [one["email"] for one in vendor.records("contacts") if "@" in one.get("email", "")]
    return str([email for email in found if email.isascii()][n])


def test_rows_of_every_kind_reach_highlevel_once_and_what_changes_there_comes_back(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    whose = {"contact_email": email_of(vendor)}
    put(hub, TASKS, {"id": "t", "title": "Call", "due_date": "2026-12-01T15:00:00Z", **whose})
    put(hub, OUTBOXES["highlevel.note"], {"id": "n", "body": "Spoke on the phone.", **whose})
    visit = {"id": "a", "calendar": "Sales", "start_time": "2026-12-02T15:00:00Z", "title": "Visit"}
    put(hub, OUTBOXES["highlevel.appointment"], {**visit, **whose})
    done = lusha_connect("run", "sync_activity", "--json")
    assert done.code == 0, done.err
    assert sum(done.json["outbox"].values()) == 3
    for kind in ("tasks", "notes", "appointments"):
        assert len(vendor.records(kind)) == 1
    for table in OUTBOXES.values():
        assert set(told(hub, table).values()) == {(True, None)}
    again = lusha_connect("run", "sync_activity", "--json").json
    assert "outbox" not in again
    assert (again["created"], again["deleted"]) == (0, 0)


def test_a_row_that_is_changed_is_sent_again_as_an_update(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    row = {"id": "t", "title": "Call", "due_date": "2026-12-01T15:00:00Z", "contact_email": email_of(vendor)}
    put(hub, TASKS, row)
    lusha_connect("run", "sync_activity")
    with hub.write() as connection:
        connection.execute(sa.update(TASKS).values(title="Call back", completed=True, done_at=None))
    assert lusha_connect("run", "sync_activity").code == 0
    [task] = vendor.records("tasks")
    assert (task["title"], task["completed"]) == ("Call back", True)


def test_a_row_that_cannot_go_in_waits_and_says_why_and_the_others_go_in(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    due = "2026-12-01T15:00:00Z"
    put(
        hub,
        TASKS,
        {"id": "fine", "title": "Call", "due_date": due, "contact_email": email_of(vendor)},
        {"id": "lost", "title": "Call", "due_date": due, "contact_email": "nobody@nowhere.example"},
    )
    lusha_connect("run", "sync_activity")
    found = told(hub, TASKS)
    assert found["fine"] == (True, None)
    assert found["lost"][0] is False
    assert "nobody@nowhere.example" in str(found["lost"][1])
    with hub.write() as connection:
        mended = sa.update(TASKS).where(TASKS.c.id == "lost")
        connection.execute(mended.values(contact_email=email_of(vendor, 1)))
    lusha_connect("run", "sync_activity")
    assert told(hub, TASKS)["lost"] == (True, None)
    assert len(vendor.records("tasks")) == 2


def test_without_the_outbox_nothing_is_written(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    row = {"id": "t", "title": "Call", "due_date": "2026-12-01T15:00:00Z", "contact_email": email_of(vendor)}
    put(hub, TASKS, row)
    assert lusha_connect("run", "sync_activity", "-p", "outbox=false").code == 0
    assert vendor.records("tasks") == []
    assert told(hub, TASKS) == {"t": (False, None)}


def test_a_row_that_wants_nothing_new_is_done_too(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    row = {"id": "t", "title": "Call", "due_date": "2026-12-01T15:00:00Z", "contact_email": email_of(vendor)}
    put(hub, TASKS, row)
    lusha_connect("run", "sync_activity")
    with hub.write() as connection:
        connection.execute(sa.update(TASKS).values(done_at=None))
    lusha_connect("run", "sync_activity")
    assert told(hub, TASKS) == {"t": (True, None)}


def test_a_row_that_is_changed_while_it_is_sent_goes_on_waiting(hub: Hub) -> None:
    put(hub, TASKS, {"id": "t", "title": "Call"}, {"id": "u", "title": "Write"})
    now = datetime.now(UTC)
    with hub.write() as connection:
        read = {row["id"]: row for row in outbox.some(connection, "loc", "highlevel.crm_task", "", 10)}
        connection.execute(sa.update(TASKS).where(TASKS.c.id == "t").values(title="Call back"))
        outbox.note(connection, "loc", "highlevel.crm_task", done=read, at=now, errors={})
    assert told(hub, TASKS) == {"t": (False, None), "u": (True, None)}
