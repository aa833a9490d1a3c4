"""Whatever goes wrong, and wherever it dies: what HighLevel and hub hold in the end is the undisturbed run's.

A story is a sequence of records for a location; a schedule is one way in which its import is disturbed:
answers that fail or are lost after their effect, and deaths of the engine just before or just after any
write of the hub. A dead or stopped import is resumed, or simply run again, until it is through.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.batch import canonical_json
from tasks.core.change import State
from tasks.hub.plans import Plan
from tasks.hub.tables import MIRRORS, changes, links, plans, provenance, reviews

STORIES, SCHEDULES = 30, 6
"""Stories, each a test, and schedules of each story: 180 schedules."""

SEED = int(os.environ.get("ANY_FAULT_SEED") or random.randrange(10**6))

CREATE, UPDATE, UPSERT = "POST /contacts/", "PUT /contacts/{contactId}", "POST /contacts/upsert"
NOTE, TASK = "POST /contacts/{contactId}/notes", "POST /contacts/{contactId}/tasks"
TAGS, BUSINESS = "POST /contacts/bulk/tags/update/{type}", "POST /contacts/bulk/business"
WRITES = (CREATE, CREATE, UPDATE, UPSERT, NOTE, TASK, TAGS, BUSINESS)
READS = (
    "*",
    "GET /contacts/{contactId}",
    "GET /contacts/search/duplicate",
    "POST /contacts/search",
    "GET /contacts/{contactId}/notes",
    "GET /contacts/{contactId}/tasks",
)
KINDS = ("429", "500", "502_html", "timeout_before", "timeout_after", "reset_before", "reset_after")
LOST = ("timeout_after", "reset_after", "truncated_json", "422_after")


class Story:
    """Records for a location, and what a person does there before the import that is disturbed."""

    def __init__(self, seed: str, contacts: list[dict[str, Any]]) -> None:
        self.chance = random.Random(seed)
        self._contacts = self._unmistakable(contacts)
        self._users = sorted({one["assignedTo"] for one in contacts if "assignedTo" in one})
        self._businesses = sorted({one["businessId"] for one in contacts if "businessId" in one})
        self.tags = self.chance.choice(("add", "overwrite"))
        self.records = [self._record(n) for n in range(self.chance.randint(4, 11))]
        self.before: list[dict[str, Any]] = []
        self.edits: list[dict[str, Any]] = []
        if self.chance.random() < 0.4:
            self._past()

    def _unmistakable(self, contacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        fit = [
            one for one in contacts if "@" in one.get("email", "") and one.get("dateAdded", "").endswith("Z")
        ]
        self.chance.shuffle(fit)
        return fit

    def _record(self, n: int) -> dict[str, Any]:
        roll, record = self.chance.random(), {"id": f"r{n}"}
        if roll < 0.2:
            record |= {"email": f"new{n}@story.example"}
        elif roll < 0.35:
            record |= {"phone": f"+1650253{1000 + n}"}
        elif roll < 0.5:
            twin = self.chance.random() < 0.4
            record |= {"name": "Same Name"} if twin else {"first_name": "Only", "last_name": f"Name{n}"}
        elif roll < 0.85 or not self._with("phone"):
            record |= {"email": self._contacts.pop()["email"]}
        else:
            one = self._with("phone")[-1]
            self._contacts.remove(one)
            record |= {"phone": one["phone"]}
        return record | self._content(n)

    def _with(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self._contacts if str(one.get(name, "")).startswith("+1")]

    def _content(self, n: int) -> dict[str, Any]:
        choice = self.chance.choice
        offered: dict[str, Any] = {
            "first_name": f"First{n}",
            "last_name": f"Last{n}",
            "company": choice(("Acme", f"Company {n}")),
            "website": f"https://story{n}.example",
            "city": choice(("Springfield", "Shelbyville")),
            "owner": choice((*self._users, "nobodyHereHasThisId0")),
            "tags": choice((["story"], ["story", "vip"], ["vip", "newsletter"], ["customer"])),
            "business": choice(self._businesses),
            "note": choice(("Met at the fair", f"Note {n}")),
            "task": {"title": choice(("Call", f"Call {n}")), "dueDate": "2027-02-03T04:05:06Z"},
            "nickname": choice(("Ace", f"Nick{n}")),
        }
        return {name: value for name, value in offered.items() if self.chance.random() < 0.35} | (
            {"updated_at": "2025-06-01T00:00:00Z"} if self.chance.random() < 0.15 else {}
        )

    def _past(self) -> None:
        """An earlier import, a person's edits since, and records that have changed since."""
        self.before = [dict(record) for record in self.records if self.chance.random() < 0.7]
        for record in self.records:
            if self.chance.random() < 0.5:
                record.update(self._content(int(record["id"][1:]) + 50))
            if "email" in record and self.chance.random() < 0.3:
                record["email"] = f"moved{record['id']}@story.example"
        known = [one for one in self._contacts if one.get("firstName")][:3]
        self.edits = [{"kind": "contacts", "id": one["id"], "set": {"city": "By hand"}} for one in known]

    def begin(self, office: Any) -> None:
        if self.before:
            office.load(self.before)
            for edit in self.edits:
                office.vendor.edit(**edit)


def faults(chance: random.Random) -> list[dict[str, Any]]:
    made = []
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        writing = chance.random() < 0.75
        made.append(
            {
                "operation": chance.choice(WRITES if writing else READS),
                "fault": chance.choice(KINDS + LOST * 2) if writing else chance.choice(KINDS),
                "share": chance.choice((0.2, 0.5, 1.0)),
                "seed": chance.randrange(10**6),
                "seconds": 0.2,
                "times": chance.choice((1, 1, 2, 7)),
            }
        )
    return made


def disturb(
    office: Any, records: list[dict[str, Any]], chance: random.Random, most: Mapping[str, int]
) -> list[str]:
    """Import the records under faults and deaths; what happened."""
    told = []
    for _ in range(chance.randint(1, 4)):
        played = faults(chance)
        office.vendor.set_faults(played)
        of = chance.choice(("write", "request"))
        at = chance.randint(4, most[of]) if chance.random() < 0.75 else 0
        after = chance.random() < 0.5
        open_plans = unfinished(office)
        resumed = chance.choice(open_plans) if open_plans and chance.random() < 0.5 else None
        doing = partial(office.load, records) if resumed is None else partial(office.apply, resumed)
        ended = office.attempt(doing, of, at, after=after)
        told += [f"{'resume' if resumed else 'import'}, {of} {at} after {after}, {played}", f"  {ended}"]
        if ended == "through":
            break
    office.vendor.set_faults([])
    if (left := unfinished(office)) and chance.random() < 0.5:
        told.append("an old plan is resumed")
        office.apply(chance.choice(left))
    return told


def unfinished(office: Any) -> list[Plan]:
    query = sa.select(plans).where(plans.c.state.in_(("ready", "applying", "stopped")))
    with office.hub.engine.connect() as connection:
        return [Plan(**row) for row in connection.execute(query.order_by(plans.c.made_at)).mappings()]


def content(office: Any, first: set[str]) -> dict[str, list[str]]:
    """What HighLevel and the hub hold, new contacts named by what they have."""
    contacts = office.vendor.records("contacts")
    names = {one["id"]: one["id"] if one["id"] in first else f"new {told(one)}" for one in contacts}
    found = {"contacts": [f"{names[one['id']]}: {told(one)}" for one in contacts]}
    for kind, keys in (("notes", ("body",)), ("tasks", ("title", "dueDate", "completed", "body"))):
        found[kind] = [
            f"{names[one['contactId']]}: {[one.get(key) for key in keys]}"
            for one in office.vendor.records(kind)
        ]
    return {kind: sorted(lines) for kind, lines in (found | hub_content(office, names)).items()}


def told(contact: dict[str, Any]) -> str:
    kept = {key: value for key, value in contact.items() if key not in ("id", "dateAdded", "dateUpdated")}
    return canonical_json(kept | {"tags": sorted(kept.get("tags", []))})


def hub_content(office: Any, names: dict[str, str]) -> dict[str, list[str]]:
    with office.hub.read() as connection:
        mirror = MIRRORS["hub.contact"]
        own = ("run_id", "synced_at", "date_added", "date_updated", "fingerprint", "id", "location_id")
        own += ("known_at", "mapped_by")
        rows = [
            f"{names.get(row['id'])}: {[(key, value) for key, value in row.items() if key not in own]}"
            for row in connection.execute(sa.select(mirror)).mappings()
        ]
        linked = [
            f"{record} {names.get(target, stream)}"
            for record, stream, target in connection.execute(
                sa.select(links.c.record_id, links.c.stream, links.c.target_id)
            )
        ]
        origin = provenance.c
        query = sa.select(origin.id, origin.field, origin.system, origin.value, origin.dropped)
        origins = [
            f"{names.get(id_)} {field}: {rest}"
            for id_, field, *rest in connection.execute(query.where(origin.field != "date_updated"))
        ]
        asked = [str(row) for row in connection.execute(sa.select(reviews.c.record_id, reviews.c.state))]
        sending = sa.select(changes.c.plan_id, changes.c.n, changes.c.kind)
        under_way = [
            str(row) for row in connection.execute(sending.where(changes.c.state == State.SENDING.value))
        ]
    return {"mirror": rows, "links": linked, "origins": origins, "reviews": asked, "under way": under_way}


def differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    found = []
    for kind, lines in one.items():
        mine, theirs = list(lines), list(other[kind])
        for line in lines:
            if line in theirs:
                theirs.remove(line)
                mine.remove(line)
        found += [f"{kind} missing: {line}" for line in mine] + [
            f"{kind} too many: {line}" for line in theirs
        ]
    return found


def again(office: Any, records: list[dict[str, Any]]) -> int:
    """Import once more, and then once more; how many requests of the second write."""
    office.load(records)
    before = office.writes()
    office.load(records)
    return int(office.writes() - before)


@pytest.mark.parametrize("number", range(STORIES))
def test_any_disturbance_ends_as_the_undisturbed_run(
    number: int, make_office: Callable[..., Any], small_sandbox: Any
) -> None:
    print(f"ANY_FAULT_SEED={SEED}")
    seed = f"{SEED} {number}"
    small_sandbox.reset()
    contacts = small_sandbox.records("contacts")
    first = {one["id"] for one in contacts}
    story = Story(seed, contacts)
    office = make_office(tags=story.tags)
    story.begin(office)
    office.load(story.records)
    most = dict(office.hub.seen)
    assert again(office, story.records) == 0
    undisturbed = content(office, first)
    failures: list[str] = []
    for schedule in range(SCHEDULES):
        chance = random.Random(f"{seed} {schedule}")
        recheck = chance.choice(("each record", "by search"))
        office = make_office(tags=story.tags, recheck=recheck, timeout=0.08)
        story.begin(office)
        happened = disturb(office, story.records, chance, most)
        writes = again(office, story.records)
        found = differences(undisturbed, content(office, first))
        if found or writes:
            about = f"ANY_FAULT_SEED={SEED} story {number} schedule {schedule} ({recheck}):"
            failures += [about, *happened, *found, f"{writes} requests of a further run write", ""]
    assert not failures, "\n".join([*failures, *map(str, story.records)])
