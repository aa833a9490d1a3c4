"""Which automation uses which operation of HighLevel's contacts, tasks, notes, appointments and tags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub

CONTACT, BUSINESS = "/contacts/{contactId}", "/contacts/business/{businessId}"
TASKS, TASK = f"{CONTACT}/tasks", f"{CONTACT}/tasks/{{taskId}}"
NOTES, NOTE = f"{CONTACT}/notes", f"{CONTACT}/notes/{{id}}"
APPOINTMENTS, APPOINTMENT = "/calendars/events/appointments", "/calendars/events/appointments/{eventId}"
BULK_TAGS = "POST /contacts/bulk/tags/update/{type}"

USED = {
    "backfill_contacts": {"POST /contacts/search"},
    "backfill_activity": {
        "POST /locations/{locationId}/tasks/search",
        f"GET {NOTES}",
        "GET /calendars/",
        "GET /calendars/events",
    },
    # What the lists no longer hold is asked for before it counts as deleted.
    "sync_activity": {f"GET {TASK}", f"GET {APPOINTMENT}"},
    "import_contacts": {
        "POST /contacts/",
        f"GET {CONTACT}",
        f"PUT {CONTACT}",
        BULK_TAGS,
    },
    "import_records": {
        f"POST {TASKS}",
        f"PUT {TASK}",
        f"PUT {TASK}/completed",
        f"POST {NOTES}",
        f"PUT {NOTE}",
        f"POST {APPOINTMENTS}",
        f"PUT {APPOINTMENT}",
    },
    # Before a contact is deleted, and before a business is, it is asked what hangs on it.
    "undo_plan": {
        BULK_TAGS,
        f"DELETE {TASK}",
        f"DELETE {NOTE}",
        "DELETE /calendars/events/{eventId}",
        f"GET {TASKS}",
        f"GET {CONTACT}/appointments",
        f"DELETE {CONTACT}",
        f"GET {BUSINESS}",
    },
    # Plans change tags in bulk; those of one contact alone only where that answer leaves it out.
    "run_operation": {f"POST {CONTACT}/tags", f"DELETE {CONTACT}/tags"},
}


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def vendor() -> Iterator[RunningSandbox]:
    with process.start(contacts=30, seed=3, quota="off", activity=True) as running:
        yield running


class Noting:
    """Runs automations, and notes which operations each of them called."""

    def __init__(self, run: Any, vendor: RunningSandbox, folder: Path) -> None:
        self._run, self._vendor, self._folder = run, vendor, folder
        self.called: dict[str, set[str]] = {}

    def run(self, automation: str, **parameters: Any) -> str:
        """Run one; the id of its plan, where it made one."""
        before = self._calls()
        ended = self._run(automation, **parameters)
        assert ended.error is None, ended.error
        new = {name for name, number in self._calls().items() if number > before.get(name, 0)}
        self.called.setdefault(automation, set()).update(new)
        return str(ended.tally.more.get("plan", ""))

    def load(self, automation: str, *lines: str, **parameters: Any) -> str:
        """Import a file with these lines."""
        file = self._folder / "rows.csv"
        file.write_text("\n".join(lines), encoding="utf-8")
        return self.run(automation, file=str(file), **parameters)

    def undo(self, *plans: str) -> None:
        for plan in reversed(plans):
            self.run("undo_plan", plan=plan, delete_created=True)

    def _calls(self) -> dict[str, int]:
        told = self._vendor.requests()["operations"]
        return {name: sum(codes.values()) for name, codes in told.items()}


@pytest.fixture
def noting(run: Any, vendor: RunningSandbox, opened: Hub, tmp_path: Path) -> Noting:
    return Noting(run, vendor, tmp_path)


def play(noting: Noting, vendor: RunningSandbox) -> None:
    """Everything is read, made, changed, and taken back."""
    noting.run("backfill_contacts")
    noting.run("backfill_activity")
    for kind in ("tasks", "appointments"):
        vendor.edit(kind=kind, id=vendor.records(kind)[0]["id"], delete=True)
    noting.run("sync_activity")
    people = "id,email,first_name,city,tags"
    made = noting.load("import_contacts", people, "p1,ann@new.example,Ann,Graz,vip")
    changed = noting.load(
        "import_contacts", people, "p1,ann@new.example,Ann,Wien,vip;gold", hand_edits="by age"
    )
    contact = ("id,email", "r1,ann@new.example")
    plans = [made, changed, *_records(noting, *contact)]
    plans.append(noting.load("import_records", "id,name,website", "b1,Acme,acme.example", stream="business"))
    noting.undo(*plans)
    tagged = {"contactId": vendor.records("contacts")[0]["id"], "tags": ["vip"]}
    for operation in ("tags.add-tags", "tags.remove-tags"):
        noting.run("run_operation", operation=operation, parameters=tagged, dry_run=False)


def _records(noting: Noting, head: str, row: str) -> Iterator[str]:
    for stream, columns, first, then in (
        ("crm_task", "title,due,done", "Call,2031-01-08,no", "Call back,2031-01-08,yes"),
        ("note", "body", "Spoke.", "Spoke twice."),
        (
            "appointment",
            "calendar,start,title",
            "Sales,2031-01-08 10:00,Visit",
            "Sales,2031-01-08 10:00,Talk",
        ),
    ):
        for values in (first, then):
            yield noting.load("import_records", f"{head},{columns}", f"{row},{values}", stream=stream)


def test_every_operation_is_used_by_the_automation_that_is_said_to(
    noting: Noting, vendor: RunningSandbox
) -> None:
    play(noting, vendor)
    missing = {name: used - noting.called.get(name, set()) for name, used in USED.items()}
    assert not {name: used for name, used in missing.items() if used}
