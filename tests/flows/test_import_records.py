"""Tasks, notes and appointments of a file reach HighLevel once, follow the file, and can be taken back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.hub import journal
from tasks.hub.engine import Hub
from tasks.hub.journal import Asked

Command = Callable[..., Any]
Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def small() -> Iterator[RunningSandbox]:
    with process.start(contacts=40, seed=9, quota="off") as running:
        yield running


@pytest.fixture
def vendor(small: RunningSandbox) -> RunningSandbox:
    """A sandbox of few contacts, as it began."""
    small.reset()
    small.set_faults([])
    return small


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    """SQLite alone: ``tests/tasks/load/test_activities.py`` writes by way of both."""
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def lusha_connect(environment: dict[str, str], hub: Hub, prefect_api: str, command_line: Command) -> Command:
    """Runs a command to its exit, against a new hub."""
    return command_line


@pytest.fixture
def people(vendor: RunningSandbox) -> list[dict[str, Any]]:
    """Contacts with an address and a phone that nobody shares."""
    found = [one for one in vendor.records("contacts") if str(one.get("phone")).startswith("+")]
    return [one for one in found if "@" in one.get("email", "") and one["email"].isascii()][:6]


@pytest.fixture
def load(lusha_connect: Command, tmp_path: Path) -> Callable[..., Any]:
    """Imports rows of a stream; what the run told."""

    def run(stream: str, rows: Rows, *options: str, code: int = 0) -> Any:
        path = tmp_path / f"{stream}s.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
            writer.writeheader()
            writer.writerows(rows)
        given = ("-p", f"stream={stream}", "-p", f"file={path}", "-p", "approve=false", *options)
        done = lusha_connect("run", "import_records", *given, "--json")
        assert done.code == code, done.err
        return done.json

    return run


def calls(vendor: RunningSandbox, operation: str) -> int:
    return sum(vendor.requests()["operations"].get(operation, {}).values())


def test_a_task_is_made_once_follows_its_file_and_is_taken_back(
    vendor: RunningSandbox, people: list[dict[str, Any]], load: Callable[..., Any], lusha_connect: Command
) -> None:
    row = {"id": "t1", "contact_id": people[0]["id"], "title": "Call", "due": "2026-12-01T15:00:00Z"}
    assert load("crm_task", [row])["applied"] == {"create_task done": 1}
    [task] = vendor.records("tasks")
    assert (task["title"], task["contactId"], task["completed"]) == ("Call", people[0]["id"], False)
    assert load("crm_task", [row])["unchanged"] == 1
    changed = load("crm_task", [row | {"title": "Call back", "done": "yes"}])
    assert changed["applied"] == {"update_task done": 1, "complete_task done": 1}
    [task] = vendor.records("tasks")
    assert (task["title"], task["completed"]) == ("Call back", True)
    assert calls(vendor, "PUT /contacts/{contactId}/tasks/{taskId}/completed") == 1
    assert load("crm_task", [row | {"title": "Call back", "done": "yes"}])["unchanged"] == 1
    assert lusha_connect("plans", "undo", changed["plan"]).code == 0
    [task] = vendor.records("tasks")
    assert (task["title"], task["completed"]) == ("Call", False)


@pytest.mark.parametrize(
    ("stream", "kind", "row", "changed"),
    [
        ("crm_task", "tasks", {"title": "Call", "due": "2026-12-01T15:00:00Z"}, {"title": "Call back"}),
        ("note", "notes", {"body": "Spoke on the phone."}, {"body": "Spoke on the phone twice."}),
        (
            "appointment",
            "appointments",
            {"calendar": "Sales", "start": "2026-12-01T15:00:00Z", "title": "Visit"},
            {"status": "cancelled"},
        ),
    ],
)
def test_each_kind_is_made_changed_and_undone(
    vendor: RunningSandbox,
    people: list[dict[str, Any]],
    load: Callable[..., Any],
    lusha_connect: Command,
    stream: str,
    kind: str,
    row: dict[str, str],
    changed: dict[str, str],
) -> None:
    rows = [{"id": str(n), "email": one["email"], **row} for n, one in enumerate(people[:3])]
    made = load(stream, rows)
    assert made["applied"] == {f"create_{kind[:-1]} done": 3}
    assert {one["contactId"] for one in vendor.records(kind)} == {one["id"] for one in people[:3]}
    before = vendor.records(kind)
    assert load(stream, rows)["applied"] == {}
    assert vendor.records(kind) == before
    done = load(stream, [{**one, **changed} for one in rows])
    assert done["applied"] == {f"update_{kind[:-1]} done": 3}
    assert lusha_connect("plans", "undo", done["plan"]).code == 0
    dates = ("dateUpdated",)
    assert [_without(one, dates) for one in vendor.records(kind)] == [_without(one, dates) for one in before]
    assert lusha_connect("plans", "undo", made["plan"], "--delete-created").code == 0
    assert vendor.records(kind) == []


def _without(one: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in names}


def test_the_contact_is_found_by_id_e_mail_phone_or_its_link(
    vendor: RunningSandbox,
    people: list[dict[str, Any]],
    load: Callable[..., Any],
    lusha_connect: Command,
    tmp_path: Path,
) -> None:
    linked = tmp_path / "people.csv"
    linked.write_text(f"id,email,city\ncrm-7,{people[3]['email']},Graz\n", encoding="utf-8")
    options = ("-p", f"file={linked}", "-p", "approve=false", "-p", "hand_edits=by age")
    assert lusha_connect("run", "import_contacts", *options).code == 0
    rows = [
        {"contact_id": people[0]["id"], "body": "by id"},
        {"email": people[1]["email"].upper(), "body": "by e-mail"},
        {"phone": people[2]["phone"], "body": "by phone"},
        {"contact_id": "crm-7", "body": "by link"},
    ]
    assert load("note", rows)["applied"] == {"create_note done": 4}
    made = {one["body"]: one["contactId"] for one in vendor.records("notes")}
    assert made == {row["body"]: one["id"] for row, one in zip(rows, people, strict=False)}


def test_rows_that_cannot_go_in_are_rejects_and_the_others_do(
    vendor: RunningSandbox, people: list[dict[str, Any]], load: Callable[..., Any], lusha_connect: Command
) -> None:
    fine = {"email": people[0]["email"], "title": "Fine", "due": "2026-12-01"}
    rows = [
        fine,
        {**fine, "email": "nobody@nowhere.example"},
        {**fine, "email": ""},
        {**fine, "title": ""},
        {**fine, "title": "No date", "due": ""},
        {**fine, "title": "Whose", "assignee": "Nobody At All"},
    ]
    told = load("crm_task", rows)
    assert told["applied"] == {"create_task done": 2}
    assert told["rejected"] == 4
    assert {task["title"] for task in vendor.records("tasks")} == {"Fine", "Whose"}
    found = lusha_connect("rejects", "list", "--json").json
    reasons = {
        reason["message"] for one in found if one["stream"] == "file.crm_task" for reason in one["reasons"]
    }
    assert "the hub has no contact with nobody@nowhere.example" in reasons
    assert "it does not say which contact it belongs to" in reasons


def test_a_text_that_is_too_long_goes_in_as_far_as_it_fits_and_that_is_told(
    vendor: RunningSandbox, people: list[dict[str, Any]], load: Callable[..., Any]
) -> None:
    told = load("note", [{"email": people[0]["email"], "body": "x" * 70_000}])
    [note] = vendor.records("notes")
    assert 60_000 < len(note["body"]) <= 65_000
    assert "body" in str(told["dropped"])


def test_a_task_that_is_there_without_a_link_is_found_by_its_content(
    vendor: RunningSandbox, people: list[dict[str, Any]], load: Callable[..., Any]
) -> None:
    vendor.edit(
        kind="tasks",
        create={
            "contactId": people[0]["id"],
            "title": "call",
            "dueDate": "2026-12-01T15:00:00.000Z",
            "completed": False,
        },
    )
    row = {"email": people[0]["email"], "title": "Call", "due": "2026-12-01T15:00:00Z", "done": "yes"}
    assert load("crm_task", [row])["applied"].get("complete_task done") == 1
    [task] = vendor.records("tasks")
    assert task["completed"] is True


def test_a_note_that_the_contact_has_already_is_not_made_again(
    vendor: RunningSandbox, people: list[dict[str, Any]], load: Callable[..., Any], lusha_connect: Command
) -> None:
    vendor.edit(kind="notes", create={"contactId": people[0]["id"], "body": "Met at the fair."})
    told = load("note", [{"email": people[0]["email"], "body": "Met at the fair."}])
    assert len(vendor.records("notes")) == 1
    assert lusha_connect("plans", "undo", told["plan"], "--delete-created").code == 0
    assert len(vendor.records("notes")) == 1


def test_what_somebody_edited_stays(
    vendor: RunningSandbox, people: list[dict[str, Any]], load: Callable[..., Any]
) -> None:
    row = {"id": "t1", "email": people[0]["email"], "title": "Call", "due": "2026-12-01T15:00:00Z"}
    load("crm_task", [row])
    [task] = vendor.records("tasks")
    vendor.edit(kind="tasks", id=task["id"], set={"title": "Call her"})
    assert load("crm_task", [row | {"title": "Call him"}])["unchanged"] == 1
    [task] = vendor.records("tasks")
    assert task["title"] == "Call her"


def test_times_without_a_zone_are_the_location_s(
    vendor: RunningSandbox, people: list[dict[str, Any]], load: Callable[..., Any]
) -> None:
    """Chicago: six hours behind UTC in winter, five in summer; the hour that comes twice is the first one."""
    begins = {"2026-12-01 09:00": "15:00", "2026-07-01 09:00": "14:00", "2026-11-01 01:30": "06:30"}
    rows = [{"email": people[0]["email"], "title": due, "due": due} for due in begins]
    load("crm_task", rows)
    assert {one["title"]: one["dueDate"][11:16] for one in vendor.records("tasks")} == begins


def test_what_we_made_is_ours_in_the_journal_whoever_reads_it(
    vendor: RunningSandbox,
    people: list[dict[str, Any]],
    load: Callable[..., Any],
    lusha_connect: Command,
    hub: Hub,
) -> None:
    plan = load("note", [{"email": people[0]["email"], "body": "ours"}])["plan"]
    lusha_connect("run", "sync_activity")
    [note] = vendor.records("notes")
    with hub.read() as connection:
        told = journal.read(connection, vendor.location_id, Asked(id=note["id"]))
    assert {entry.whose for entry in told} == {"ours"}
    assert told[0].plan_id == plan


def test_an_hour_that_is_not_free_is_told_and_the_others_are_booked(
    people: list[dict[str, Any]],
    load: Callable[..., Any],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with process.start(contacts=40, seed=9, quota="off", strict_slots=True) as strict:
        monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_URL", strict.url)
        wednesday = "2031-01-08"
        hours = {"free": f"{wednesday} 10:00", "taken": f"{wednesday} 10:00", "night": f"{wednesday} 03:00"}
        rows = [
            {"id": title, "email": one["email"], "calendar": "Sales", "title": title, "start": start}
            for one, (title, start) in zip(
                people, [*hours.items(), ("past", "2020-01-08 10:00")], strict=False
            )
        ]
        told = load("appointment", rows)
        assert told["applied"] == {"create_appointment done": 1, "create_appointment failed": 3}
        [booked] = strict.records("appointments")
        assert booked["startTime"].startswith("2031-01-08T10:00") or "16:00" in booked["startTime"]
