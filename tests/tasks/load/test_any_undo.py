"""Whatever went wrong in imports: taking all of them back leaves what there was, and what a person did.

The stories and the schedules are those of ``test_any_fault``; between two attempts a person works in
HighLevel, on contacts that were there and on contacts that an import has just made.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests import chance as chances
from tests.tasks.load.attempts import Attempts
from tests.tasks.load.machine import Machine
from tests.tasks.load.stories import Story
from tests.tasks.load.undoing import a_minute_ago, everything, undo_all

SCHEDULES = 3
STORIES = -(-chances.many("RANDOM_UNDOS", 6) // SCHEDULES)
"""Stories, each a test, and schedules of each story."""

BY_HAND: dict[str, dict[str, Any]] = {
    "notes": {"body": "Met at the fair"},
    "tasks": {"title": "Call", "dueDate": "2027-02-03T04:05:06.000Z", "completed": False},
    "appointments": {"title": "By hand"},
}
"""What a person adds to a contact: often the same as a record has for it."""


class Person:
    """Somebody who works in HighLevel meanwhile.

    Attributes:
        expected: What is to be there in the end, of what was there or a person made.
        touched: Contacts that an import made and that a person has worked on.
    """

    def __init__(self, office: Any, chance: random.Random, records: list[dict[str, Any]]) -> None:
        self._office, self._chance = office, chance
        self.expected = held(office)
        self._first = [id_ for id_ in self.expected if id_ not in BY_HAND]
        addresses = {str(record.get(key)).lower() for record in records for key in ("email", "phone")}
        self._meant = [
            id_
            for id_ in self._first
            if addresses & {self.expected[id_]["email"], self.expected[id_].get("phone")}
        ]
        self.touched: set[str] = set()

    def works(self) -> None:
        """Does one thing, perhaps."""
        made = [one["id"] for one in self._office.vendor.records("contacts") if one["id"] not in self._first]
        acts: list[Callable[[str], None]] = [self._tags, self._edits, self._adds, self._adds]
        if self._chance.random() < 0.5:
            self._chance.choice(acts)(self._chance.choice(self._meant or self._first))
        if made and self._chance.random() < 0.5:
            one = self._chance.choice(made)
            self._chance.choice(acts)(one)
            self.touched.add(one)

    def _tags(self, id_: str) -> None:
        tags = {*self._office.contact(id_).get("tags", []), "by hand"}
        self._set(id_, {"tags": list(tags)}, {"tags": sorted({*self._was(id_).get("tags", []), "by hand"})})

    def _edits(self, id_: str) -> None:
        self._set(id_, {"state": "By hand"}, {"state": "By hand"})

    def _adds(self, id_: str) -> None:
        kind = self._chance.choice(list(BY_HAND))
        made = {**BY_HAND[kind], "contactId": id_, "dateAdded": a_minute_ago()}
        self.expected[kind].append(self._office.vendor.edit(kind=kind, create=made)["record"])

    def _set(self, id_: str, now: dict[str, Any], then: dict[str, Any]) -> None:
        self._office.vendor.edit(kind="contacts", id=id_, set=now)
        if id_ in self._first:
            self.expected[id_] |= then

    def _was(self, id_: str) -> dict[str, Any]:
        return self.expected.get(id_, {})

    def misses(self) -> list[str]:
        """What is not as it is to be."""
        now = held(self._office)
        gone = [f"contact {id_} was worked on, and is gone" for id_ in self.touched - now.keys()]
        others = [key for key in self.expected.keys() | now.keys() if key not in self.touched]
        return gone + [
            f"{key}: {self.expected.get(key)} -> {now.get(key)}"
            for key in others
            if self.expected.get(key) != now.get(key)
        ]


def held(office: Any) -> dict[str, Any]:
    """All that HighLevel holds, but for the custom field that the records fill, and that it cannot empty."""
    nickname = next(
        one["id"] for one in office.vendor.records("customFields") if one["fieldKey"] == "contact.nickname"
    )
    found = everything(office)
    for key, one in found.items():
        if key not in BY_HAND:
            one["customFields"] = [entry for entry in one.get("customFields", ()) if entry["id"] != nickname]
            one["email"] = str(one.get("email", "")).lower()
    return found


@pytest.mark.parametrize("number", range(STORIES))
def test_any_import_is_taken_back_whole(
    number: int, make_office: Callable[..., Any], small_sandbox: Any, machine: Machine
) -> None:
    small_sandbox.reset()
    story = Story(chances.dice("undo", number), small_sandbox.records("contacts"))
    office = make_office(tags=story.tags)
    story.begin(office)
    office.load(story.records)
    most = dict(office.hub.seen)
    failures: list[str] = []
    for schedule in range(SCHEDULES):
        chance = chances.dice("undo", number, schedule)
        machine.ahead = machine.held_up = 0.0
        recheck = chance.choice(("each record", "by search"))
        office = make_office(tags=story.tags, recheck=recheck, timeout=0.08)
        person, attempt = Person(office, chance, story.records), office.attempt

        def attempted(*how: Any, person: Person = person, attempt: Any = attempt, **more: Any) -> Any:
            ended = attempt(*how, **more)
            person.works()
            return ended

        office.attempt = attempted
        if story.before:
            office.load(story.before)
            person.works()
        attempts = Attempts(office, story.records, chance, machine, most)
        attempts.go()
        machine.ahead = 0.0
        office.load(story.records)
        undo_all(office)
        if found := attempts.wrong + person.misses():
            about = f"{chances.SEED}={chances.settle_seed()} undo {number} {schedule} ({recheck}):"
            failures += [about, *attempts.told, *found, ""]
    assert not failures, "\n".join([*failures, *map(str, story.records), "before:", *map(str, story.before)])
