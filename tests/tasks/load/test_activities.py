"""Tasks, notes and appointments planned for themselves: whatever goes wrong, each is there once, as asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import chance
from tests.tasks.load.conftest import ALIVE, Death

FIELDS = {
    "crm_task": """source: file.crm_task
target: highlevel.crm_task
match: [link, content]
fields:
  id:           {from: id}
  asOf:         {from: updated_at, clean: timestamp}
  contactEmail: {from: email, clean: email}
  title:        {from: title, clean: text, policy: newest}
  body:         {from: body, clean: text, policy: newest}
  dueDate:      {from: due, clean: timestamp, policy: newest}
  completed:    {from: done, policy: newest}
""",
    "note": """source: file.note
target: highlevel.note
match: [link, content]
fields:
  id:           {from: id}
  asOf:         {from: updated_at, clean: timestamp}
  contactEmail: {from: email, clean: email}
  title:        {from: title, clean: text, policy: newest}
  body:         {from: body, clean: text, policy: newest}
""",
    "appointment": """source: file.appointment
target: highlevel.appointment
match: [link, content]
fields:
  id:           {from: id}
  asOf:         {from: updated_at, clean: timestamp}
  contactEmail: {from: email, clean: email}
  calendarId:   {from: calendar}
  title:        {from: title, clean: text, policy: newest}
  startTime:    {from: start, clean: timestamp, policy: newest}
""",
}
KINDS = {"crm_task": "tasks", "note": "notes", "appointment": "appointments"}
FIRST, LATER = "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"
LOST = ("reset_before", "reset_after", "truncated_json", "500", "502_html", "422_after")
SCHEDULES = max(3, chance.many("RANDOM_SCHEDULES", 8) // 8)


def asked(stream: str, people: list[dict[str, Any]], *, again: bool = False) -> list[dict[str, Any]]:
    """What a source says of four records, and what it says later."""
    found = []
    for n, one in enumerate(people):
        record = {"id": str(n), "email": one["email"], "updated_at": LATER if again else FIRST}
        title = f"{stream} {n}" + (" moved" if again and n % 2 else "")
        if stream == "crm_task":
            record |= {"title": title, "due": f"2026-12-0{n + 1}T15:00:00Z", "done": again and n > 1}
        elif stream == "note":
            record |= {"title": title, "body": f"About {n}"}
        else:
            record |= {"title": title, "calendar": "Sales", "start": f"2026-12-0{n + 1}T15:00:00Z"}
        found.append(record)
    return found


def held(office: Any, stream: str) -> list[tuple[Any, ...]]:
    """What the vendor has of a kind, without ids and dates of writing."""
    records = office.vendor.records(KINDS[stream])
    return sorted(
        (one["contactId"], one.get("title"), one.get("body"), one.get("completed"), one.get("startTime"))
        for one in records
    )


@pytest.mark.parametrize("stream", FIELDS)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_goes_wrong_each_is_there_once(
    stream: str, kind: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(kind=kind)
    office.fields = FIELDS[stream]
    people = office.known(4)
    first, later = asked(stream, people), asked(stream, people, again=True)
    office.load(first)
    seen = dict(office.hub.seen)
    office.load(later)
    undisturbed = held(office, stream)
    for number in range(SCHEDULES):
        dice = chance.dice("activities", stream, kind, number)
        office = make_office(kind=kind)
        office.fields = FIELDS[stream]
        told = []
        for records in (first, later):
            for _ in range(dice.randint(1, 3)):
                of = dice.choice(("write", "request"))
                death = Death(of, dice.randint(1, max(1, seen[of])), dice.random() < 0.5)
                lost = [
                    {"operation": "*", "fault": dice.choice(LOST), "times": 1, "share": 0.2, "seed": number}
                    for _ in range(dice.randint(0, 2))
                ]
                office.vendor.set_faults(lost)
                told.append(f"{_attempt(office, records, death)} {[one['fault'] for one in lost]}")
            office.vendor.set_faults([])
            for _ in range(4):
                if (ended := _attempt(office, records, ALIVE)) == "through":
                    break
                told.append(ended)
        assert held(office, stream) == undisturbed, told
        before = office.writes()
        office.load(later)
        assert office.writes() == before, told


def _attempt(office: Any, records: list[dict[str, Any]], death: Death) -> str:
    ended: str = office.attempt(
        lambda dying: office.load(records, dying), death.of, death.at, after=death.after
    )
    return f"{ended} {death}" if ended != "through" else ended


@pytest.mark.parametrize("stream", FIELDS)
def test_all_of_it_can_be_taken_back(stream: str, make_office: Callable[..., Any]) -> None:
    office = make_office()
    office.fields = FIELDS[stream]
    people = office.known(4)
    [made] = office.load(asked(stream, people))
    before = held(office, stream)
    [changed] = office.load(asked(stream, people, again=True))
    assert held(office, stream) != before
    office.undo(changed)
    assert held(office, stream) == before
    office.undo(made)
    assert held(office, stream) == []


@pytest.mark.parametrize("stream", FIELDS)
def test_what_somebody_changed_meanwhile_is_planned_anew_and_not_overwritten(
    stream: str, make_office: Callable[..., Any]
) -> None:
    office = make_office()
    office.fields = FIELDS[stream]
    people = office.known(4)
    office.load(asked(stream, people))
    [one, *_] = [one for one in office.vendor.records(KINDS[stream]) if one["title"].endswith("1")]
    later = asked(stream, people, again=True)
    for record in later:
        record["updated_at"] = FIRST  # no newer than somebody's edit
    office.wait_and_apply(
        later, lambda: office.vendor.edit(kind=KINDS[stream], id=one["id"], set={"title": "by hand"})
    )
    [now] = [held for held in office.vendor.records(KINDS[stream]) if held["id"] == one["id"]]
    assert now["title"] == "by hand"


@pytest.mark.parametrize("stream", FIELDS)
def test_one_whose_contact_is_gone_meanwhile_is_left_and_the_others_go_in(
    stream: str, make_office: Callable[..., Any]
) -> None:
    office = make_office()
    office.fields = FIELDS[stream]
    people = office.known(4)
    office.wait_and_apply(
        asked(stream, people),
        lambda: office.vendor.edit(kind="contacts", id=people[0]["id"], delete=True),
    )
    assert {one[0] for one in held(office, stream)} == {person["id"] for person in people[1:]}
