"""Tasks, appointments and notes reach the hub, whole, resumable, and for as few requests as it takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.hub import journal
from tasks.hub.engine import Hub
from tasks.hub.journal import Asked, Entry
from tasks.hub.tables import MIRRORS
from tasks.mapping.language import MAPPINGS

Command = Callable[..., Any]
KINDS = {"tasks": "crm_tasks", "notes": "notes", "appointments": "appointments"}
CONTACTS = 60


@pytest.fixture(scope="session")
def busy() -> Iterator[RunningSandbox]:
    """A sandbox whose contacts have notes, tasks and appointments."""
    with process.start(contacts=CONTACTS, seed=5, quota="off", activity=True) as running:
        yield running


@pytest.fixture
def vendor(busy: RunningSandbox) -> RunningSandbox:
    """The sandbox of these tests, as it began."""
    busy.reset()
    busy.set_faults([])
    return busy


@pytest.fixture
def lusha_connect(environment: dict[str, str], hub: Hub, prefect_api: str, command_line: Command) -> Command:
    """Runs a command to its exit, against a new hub."""
    return command_line


@pytest.fixture
def filled(lusha_connect: Command, hub: Hub) -> Hub:
    """A hub that holds all of it."""
    assert lusha_connect("run", "backfill_activity").code == 0
    return hub


def rows(hub: Hub, stream: str) -> dict[str, dict[str, Any]]:
    """The rows of a mirror that are not marked as deleted, by id."""
    table = MIRRORS[stream]
    query = sa.select(table).where(table.c.deleted_at.is_(None))
    with hub.read() as connection:
        return {row["id"]: dict(row) for row in connection.execute(query).mappings()}


def news(hub: Hub, vendor: RunningSandbox, after: int = 0) -> list[Entry]:
    with hub.read() as connection:
        return journal.read(connection, vendor.location_id, Asked(after=after))


def head(hub: Hub, vendor: RunningSandbox) -> int:
    with hub.read() as connection:
        return journal.head(connection, vendor.location_id)


def exported(lusha_connect: Command, stream: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lusha_connect("hub", "export", stream).out.splitlines()]


def calls(vendor: RunningSandbox) -> dict[str, int]:
    return {name: sum(told.values()) for name, told in vendor.requests()["operations"].items()}


def test_everything_that_hangs_on_contacts_reaches_the_hub(
    lusha_connect: Command, vendor: RunningSandbox
) -> None:
    done = lusha_connect("run", "backfill_activity", "--json")
    assert done.code == 0, done.err
    for kind, stream in KINDS.items():
        there = {one["id"]: one["contactId"] for one in vendor.records(kind)}
        assert {one["id"]: one["contact_id"] for one in exported(lusha_connect, stream)} == there
    task = exported(lusha_connect, "crm_tasks")[0]
    assert {"title", "body", "due_date", "completed", "assigned_to"} <= task.keys()
    assert len(exported(lusha_connect, "users")) == len(vendor.records("users"))
    assert len(exported(lusha_connect, "calendars")) == len(vendor.records("calendars"))
    told = done.json
    assert told["covered"] == {**told["covered"], "contacts": CONTACTS, "read": CONTACTS, "share": 1.0}
    assert told["read"] == sum(told["streams"].values()) == told["mapped"] + told["rejected"]


def test_the_first_load_takes_hardly_more_than_a_request_for_each_contact(
    lusha_connect: Command, vendor: RunningSandbox
) -> None:
    lusha_connect("run", "backfill_activity")
    done = calls(vendor)
    tasks = len(vendor.records("tasks"))
    assert done["POST /locations/{locationId}/tasks/search"] <= tasks // 100 + 2
    assert done["GET /calendars/events"] == len(vendor.records("calendars"))
    assert done["GET /contacts/{contactId}/notes"] == CONTACTS
    assert "GET /contacts/{contactId}/appointments" not in done
    assert "GET /contacts/{contactId}/tasks" not in done


def test_a_dry_run_tells_the_bill_and_reads_none_of_it(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    done = lusha_connect("run", "backfill_activity", "--dry-run", "--json")
    assert done.json["bill"]["requests"] == CONTACTS
    assert "GET /contacts/{contactId}/notes" not in calls(vendor)
    assert rows(hub, "hub.crm_task") == {}


def test_a_second_run_writes_nothing(lusha_connect: Command, vendor: RunningSandbox, filled: Hub) -> None:
    before = head(filled, vendor)
    for automation in ("backfill_activity", "sync_activity", "sync_activity"):
        done = lusha_connect("run", automation, "--json").json
        assert (done["created"], done["updated"], done["deleted"]) == (0, 0, 0)
    assert head(filled, vendor) == before


def test_what_somebody_does_to_them_is_found_and_noted(
    lusha_connect: Command, vendor: RunningSandbox, filled: Hub
) -> None:
    task, gone = vendor.records("tasks")[:2]
    note, lost = vendor.records("notes")[:2]
    appointment, cleared = vendor.records("appointments")[:2]
    before = head(filled, vendor)
    vendor.edit(kind="tasks", id=task["id"], set={"completed": not task["completed"], "title": "Other"})
    vendor.edit(kind="notes", id=note["id"], set={"body": "edited"})
    vendor.edit(kind="appointments", id=appointment["id"], set={"appointmentStatus": "cancelled"})
    for kind, one in (("tasks", gone), ("notes", lost), ("appointments", cleared)):
        vendor.edit(kind=kind, id=one["id"], delete=True)
    assert lusha_connect("run", "sync_activity").code == 0
    assert rows(filled, "hub.crm_task")[task["id"]]["completed"] is not task["completed"]
    assert rows(filled, "hub.note")[note["id"]]["body"] == "edited"
    assert rows(filled, "hub.appointment")[appointment["id"]]["status"] == "cancelled"
    told = {(entry.id, entry.kind.value) for entry in news(filled, vendor, before)}
    assert told == {
        *((one["id"], "updated") for one in (task, note)),
        *(((appointment["id"], "updated"),) if appointment["appointmentStatus"] != "cancelled" else ()),
        *((one["id"], "deleted") for one in (gone, lost, cleared)),
    }
    [reopened] = [entry for entry in news(filled, vendor, before) if entry.id == task["id"]]
    assert reopened.fields["completed"] == (task["completed"], not task["completed"])


def test_notes_are_read_of_contacts_that_moved_and_of_so_many_in_turn(
    lusha_connect: Command, vendor: RunningSandbox, filled: Hub
) -> None:
    lusha_connect("run", "sync_activity", "-p", "contacts_in_turn=0")
    known = rows(filled, "hub.contact")
    moved = next(one for one in vendor.records("contacts") if one["id"] in known)
    vendor.edit(kind="contacts", id=moved["id"], set={"city": "Graz"})
    vendor.edit(kind="notes", create={"contactId": moved["id"], "body": "new"})
    before = calls(vendor)["GET /contacts/{contactId}/notes"]
    lusha_connect("run", "sync_activity", "-p", "contacts_in_turn=0")
    assert calls(vendor)["GET /contacts/{contactId}/notes"] == before + 1
    assert "new" in {row["body"] for row in rows(filled, "hub.note").values()}
    lusha_connect("run", "sync_activity", "-p", "contacts_in_turn=7")
    assert calls(vendor)["GET /contacts/{contactId}/notes"] == before + 8


def test_no_more_contacts_than_the_day_allows(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    lusha_connect("run", "sync_activity", "-p", "contacts_a_day=20", "-p", "contacts_in_turn=15")
    assert calls(vendor)["GET /contacts/{contactId}/notes"] == 15
    done = lusha_connect(
        "run", "sync_activity", "-p", "contacts_a_day=20", "-p", "contacts_in_turn=15", "--json"
    )
    assert calls(vendor)["GET /contacts/{contactId}/notes"] == 20
    assert done.json["covered"]["read"] == 20


def test_a_contact_that_is_gone_takes_all_that_hangs_on_it_along(
    lusha_connect: Command, vendor: RunningSandbox, filled: Hub
) -> None:
    owner = vendor.records("notes")[0]["contactId"]
    vendor.edit(kind="contacts", id=owner, delete=True)
    lusha_connect("run", "sync_contacts", "-p", "full_pass=now")
    lusha_connect("run", "sync_activity")
    for stream in ("hub.crm_task", "hub.note", "hub.appointment"):
        assert owner not in {row["contact_id"] for row in rows(filled, stream).values()}


def test_what_cannot_be_read_is_a_reject_and_the_others_go_in(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    tasks = vendor.records("tasks")
    vendor.edit(kind="tasks", id=tasks[0]["id"], set={"dueDate": "soon"})
    done = lusha_connect("run", "backfill_activity", "--json").json
    assert done["rejected"] == 1
    assert rows(hub, "hub.crm_task").keys() == {task["id"] for task in tasks[1:]}
    found = lusha_connect("rejects", "list", "--json").json
    [reject] = [one for one in found if one["stream"] == "highlevel.crm_task"]
    assert reject["reasons"][0]["field"] == "due_date"


def test_a_backfill_that_stopped_goes_on_where_it_was(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    notes = {"operation": "GET /contacts/{contactId}/notes"}
    vendor.set_faults([notes | {"fault": "slow", "seconds": 0.01, "times": 25}, notes | {"fault": "401"}])
    assert lusha_connect("run", "backfill_activity", "-p", "contacts_at_once=10").code == 2
    vendor.set_faults([])
    before = calls(vendor)["GET /contacts/{contactId}/notes"]
    assert lusha_connect("run", "backfill_activity", "-p", "contacts_at_once=10").code == 0
    assert CONTACTS - 20 <= calls(vendor)["GET /contacts/{contactId}/notes"] - before < CONTACTS
    assert rows(hub, "hub.note").keys() == {one["id"] for one in vendor.records("notes")}


def test_another_mapping_takes_over_on_purpose_only(
    lusha_connect: Command, vendor: RunningSandbox, filled: Hub, tmp_path: Path
) -> None:
    mine = tmp_path / "my_tasks.yaml"
    text = (MAPPINGS / "highlevel_crm_task.yaml").read_text(encoding="utf-8")
    mine.write_text(
        text.replace("{from: title, clean: text}", "{from: title, clean: upper}"), encoding="utf-8"
    )
    refused = lusha_connect("run", "sync_activity", "-p", f"mapping={mine}")
    assert refused.code == 2
    assert "full_pass=now" in refused.err
    before = head(filled, vendor)
    done = lusha_connect("run", "sync_activity", "-p", f"mapping={mine}", "-p", "full_pass=now")
    assert done.code == 0, done.err
    titles = {row["title"] for row in rows(filled, "hub.crm_task").values() if row["title"]}
    assert titles == {title.upper() for title in titles}
    assert head(filled, vendor) == before  # another spelling is no news


def test_a_day_that_allows_nothing_more_leaves_what_moved_for_the_next(
    lusha_connect: Command, vendor: RunningSandbox, filled: Hub
) -> None:
    def sync(a_day: int) -> int:
        before = calls(vendor)["GET /contacts/{contactId}/notes"]
        limits = ("-p", "contacts_in_turn=0", "-p", f"contacts_a_day={a_day}")
        assert lusha_connect("run", "sync_activity", *limits).code == 0
        return calls(vendor)["GET /contacts/{contactId}/notes"] - before

    known = rows(filled, "hub.contact")
    one, other = [one["id"] for one in vendor.records("contacts") if one["id"] in known][:2]
    vendor.edit(kind="contacts", id=one, set={"city": "Graz"})
    assert sync(20_000) == 1
    vendor.edit(kind="contacts", id=other, set={"city": "Graz"})
    assert sync(0) == 0
    assert sync(20_000) == 1  # and not again of the one before
