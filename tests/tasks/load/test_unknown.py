"""What nothing can be asked about is not sent again: it is told as unknown, and the rest goes on.

Notes stand for it here, by a HighLevel that does not list them.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tasks.core.change import Change, State
from tasks.vendors.highlevel.writers import activities, table
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect
from tests import operations

RECORDS = [{"id": str(n), "email": f"unknown{n}@trap.example", "note": f"Note {n}"} for n in range(3)]
NOTE = "POST /contacts/{contactId}/notes"


async def send(context: Context, change: Change) -> Effect:
    made = await activities.NOTES.make(context.client, change.parent_id, change.values())
    return activities._done(context, change, activities.NOTES, made)


@pytest.fixture(autouse=True)
def unlisted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table._TABLE, operations.CREATE_NOTE.key, table._Row((), send))


def notes(office: Any, plan: Any) -> dict[str, Any]:
    return {one.record_id: one for one in office.changes(plan) if one.stream == "highlevel.note"}


def test_what_a_dead_run_left_under_way_is_unknown_and_not_sent_again(office: Any) -> None:
    doing = partial(office.load, RECORDS)
    assert office.attempt(doing, "POST /contacts/{id}/notes", 2, after=True) == "died"
    office.load(RECORDS)
    office.load(RECORDS)
    bodies = [one["body"] for one in office.vendor.records("notes")]
    assert len(bodies) == len(set(bodies)) <= len(RECORDS)


def test_a_lost_answer_ends_its_change_and_no_other(make_office: Any) -> None:
    office = make_office(timeout=0.2)
    fault = {"operation": NOTE, "fault": "timeout_after", "seconds": 0.5, "times": 1}
    office.vendor.set_faults([fault])
    [plan] = office.load(RECORDS)
    states = sorted(str(one.state) for one in notes(office, plan).values())
    assert states == ["done", "done", "unknown"]
    [lost] = [one for one in notes(office, plan).values() if one.state is State.UNKNOWN]
    assert "look there yourself" in (lost.error or "")
    assert len(office.vendor.records("notes")) == 3
    office.apply(plan)
    assert len(office.vendor.records("notes")) == 3
