"""What tests of undo share: faults, deaths, moments, and what there is before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.highlevel.auth import LOCATION_ID
from tasks.core.change import Scope, State
from tasks.hub.plans import Plan
from tasks.hub.tables import plans
from tasks.streams import Operation, operation_of

BOTH = pytest.mark.parametrize("recheck", ["each record", "by search"])
LOST = ("timeout_after", "reset_after", "truncated_json")
CREATE, UPDATE, UPSERT = "POST /contacts/", "PUT /contacts/{id}", "POST /contacts/upsert"
TAGS = "POST /contacts/bulk/tags/update/{type}"
SCOPE = Scope(LOCATION_ID, "file", "highlevel.contact")
TASK = {"title": "Call", "dueDate": "2027-01-01T00:00:00.000Z"}
ACTIVITIES = {
    "notes": ({"note": "Hi"}, {"body": "Hi"}),
    "tasks": ({"task": TASK}, {**TASK, "completed": False}),
}
WHO = {
    "e-mail": {"email": "made@undo.example", "first_name": "Made"},
    "phone": {"phone": "+16502531234", "first_name": "Made"},
    "name": {"first_name": "Made", "last_name": "Only"},
}
MADE = {
    "id": "1",
    "email": "made@undo.example",
    "first_name": "Made",
    "company": "Acme",
    "tags": ["fair"],
    "note": "Hi",
    "task": TASK,
}


def fault(office: Any, operation: str, kind: str, times: int = 1) -> None:
    office.vendor.set_faults([{"operation": operation, "fault": kind, "seconds": 0.3, "times": times}])


def dies(office: Any, doing: Callable[..., Any], operation: str, *, after: bool) -> None:
    """Do something and die at the first request of an operation, before it leaves or after it took effect."""
    assert office.attempt(doing, operation, 1, after=after) == "died"


def now() -> str:
    return ago(timedelta(0))


def a_minute_ago() -> str:
    return ago(timedelta(minutes=1))


def ago(age: timedelta) -> str:
    moment = datetime.now(UTC) - age
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def undo_all(office: Any) -> None:
    """Take back every plan, the newest first.

    A plan that waited while another was made and applied may have written to what the other made. Then the
    other's contact stays, and is told to, until that plan is taken back: it is taken back once more.
    """
    office.vendor.set_faults([])
    query = sa.select(plans).where(plans.c.kind != "undo").order_by(plans.c.made_at.desc())
    with office.hub.read() as connection:
        found = [Plan(**row) for row in connection.execute(query).mappings()]
    for plan in [plan for plan in found if waits_for_another(office, office.undo(plan))]:
        office.undo(plan)


def waits_for_another(office: Any, undone: Sequence[Plan]) -> bool:
    """Whether an undo left a contact only because another plan has written to it."""
    left = [one for plan in undone for one in office.changes(plan) if one.state is State.LEFT]
    return any("has written to it" in (one.error or "") for one in left)


def everything(office: Any) -> dict[str, Any]:
    """All that HighLevel holds, but for when a contact was changed last."""
    found = {}
    for one in office.vendor.records("contacts"):
        kept = {key: value for key, value in one.items() if key != "dateUpdated"}
        found[one["id"]] = kept | {"tags": sorted(kept.get("tags", []))}
    return found | {kind: office.vendor.records(kind) for kind in ("notes", "tasks", "appointments")}


def ended(office: Any, made: Sequence[Plan], kind: Operation) -> tuple[State, str]:
    """How the one change of a kind ended, and why."""
    [change] = [one for one in office.changes(made[0]) if operation_of(one) is kind]
    return change.state, change.error or ""
