"""Stories of the random schedules: records for a location, and what a person does there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tasks.core.batch import Json

KEYS = ("email", "phone")
NEWEST = {"first_name", "last_name", "company", "website", "business"}
"""What a record may say under the policy ``newest``."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's edit whose right outcome is known: it stays, whenever it is made.

    Args:
        kind: Of a ``field`` that no record has, of one whose ``newest`` value counts, one more ``note`` or
            ``tag``.
        n: Of which record's contact.
        address: Of that contact, or its name where it has none.
        ids: Of the contacts that are there from the beginning, by address.
    """

    kind: str
    n: int
    address: Json
    ids: dict[str, str]

    def __str__(self) -> str:
        return f"{self.kind} of r{self.n}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Of the mirror's, those whose origin depends on when the edit was made.

        A contact that the import made and that was not read whole since does not tell what an edit changed.
        """
        return {"field": ("postal_code",), "newest": ("website",), "tag": ("tags",)}.get(self.kind, ())

    def contact(self, vendor: Any) -> Json:
        """The contact; None while it is not there."""
        everybody = vendor.records("contacts")
        id_ = next((self.ids[text] for text in self.address.values() if text in self.ids), None)
        for one in everybody:
            if one["id"] == id_ or (id_ is None and self._is_at_home(one)):
                return one
        return None

    def _is_at_home(self, contact: Json) -> bool:
        fitting = [contact.get(key) == text for key, text in self.address.items()]
        return any(fitting) if set(KEYS) & set(self.address) else all(fitting)

    def __call__(self, vendor: Any) -> bool:
        """Make it; False where the contact is not there yet."""
        contact = self.contact(vendor)
        if contact is None:
            return False
        vendor.edit(**self.of(contact))
        return True

    def of(self, contact: Json) -> dict[str, Any]:
        """As the control door has it."""
        if self.kind == "note":
            return {"kind": "notes", "create": {"contactId": contact["id"], "body": f"By hand {self.n}"}}
        values = {
            "field": {"postalCode": f"by hand {self.n}"},
            "newest": {"website": f"https://by-hand-{self.n}.example"},
            "tag": {"tags": [*contact.get("tags", []), "by hand"]},
        }
        return {"kind": "contacts", "id": contact["id"], "set": values[self.kind]}


class Story:
    """Records for a location, and what a person does there before the import that is disturbed."""

    def __init__(self, dice: random.Random, contacts: list[Json]) -> None:
        self._dice = dice
        self._contacts = self._unmistakable(contacts)
        self._users = sorted({one["assignedTo"] for one in contacts if "assignedTo" in one})
        self._businesses = sorted({one["businessId"] for one in contacts if "businessId" in one})
        self.tags = self._dice.choice(("add", "overwrite"))
        self.records = [self._record(n) for n in range(self._dice.randint(4, 11))]
        self.before: list[Json] = []
        self._earlier_edits: list[Json] = []
        self.edits: list[Edit] = []
        if self._dice.random() < 0.4:
            self._past()
        self.edits = list(self._edited(contacts))

    def _unmistakable(self, contacts: list[Json]) -> list[Json]:
        fit = [
            one for one in contacts if "@" in one.get("email", "") and one.get("dateAdded", "").endswith("Z")
        ]
        self._dice.shuffle(fit)
        return fit

    def _record(self, n: int) -> Json:
        roll, record = self._dice.random(), {"id": f"r{n}"}
        if roll < 0.2:
            record |= {"email": f"new{n}@story.example"}
        elif roll < 0.35:
            record |= {"phone": f"+1650253{1000 + n}"}
        elif roll < 0.5:
            twin = self._dice.random() < 0.4
            record |= {"name": "Same Name"} if twin else {"first_name": "Only", "last_name": f"Name{n}"}
        elif roll < 0.85 or not self._with("phone"):
            record |= {"email": self._contacts.pop()["email"]}
        else:
            one = self._with("phone")[-1]
            self._contacts.remove(one)
            record |= {"phone": one["phone"]}
        return record | self._content(n)

    def _with(self, name: str) -> list[Json]:
        return [one for one in self._contacts if str(one.get(name, "")).startswith("+1")]

    def _content(self, n: int) -> Json:
        choice = self._dice.choice
        offered: Json = {
            "first_name": f"First{n}",
            "last_name": f"Last{n}",
            "company": choice(("Acme", f"Company {n}")),
            "website": f"https://story{n}.example",
            "city": choice(("Springfield", "Shelbyville")),
            "owner": choice((*self._users, "nobodyHereHasThisId0")),
            "tags": choice((["story"], ["story", "vip"], ["vip", "newsletter"], ["customer"])),
            "lose": choice((["lead"], ["webinar 2025", "trade fair"], ["renewal", "never given"])),
            "business": choice(self._businesses),
            "note": choice(("Met at the fair", f"Note {n}")),
            "task": {"title": choice(("Call", f"Call {n}")), "dueDate": "2027-02-03T04:05:06Z"},
            "nickname": choice(("Ace", f"Nick{n}")),
        }
        return {name: value for name, value in offered.items() if self._dice.random() < 0.35} | (
            {"updated_at": "2025-06-01T00:00:00Z"} if self._dice.random() < 0.15 else {}
        )

    def _past(self) -> None:
        """An earlier import, a person's edits since, and records that have changed since."""
        self.before = [dict(record) for record in self.records if self._dice.random() < 0.7]
        for record in self.records:
            if self._dice.random() < 0.5:
                record.update(self._content(int(record["id"][1:]) + 50))
            if "email" in record and self._dice.random() < 0.3:
                record["email"] = f"moved{record['id']}@story.example"
        known = [one for one in self._contacts if one.get("firstName")][:3]
        self._earlier_edits = [
            {"kind": "contacts", "id": one["id"], "set": {"city": "By hand"}} for one in known
        ]

    def begin(self, office: Any) -> None:
        """Import an earlier file, which is older, and edit."""
        if self.before:
            replace(office, as_of=office.as_of - timedelta(hours=1)).load(self.before)
            for edit in self._earlier_edits:
                office.vendor.edit(**edit)

    def _edited(self, contacts: list[Json]) -> Iterator[Edit]:
        """What a person does to contacts of the records from when the import begins until it is through."""
        ids = {one[key]: one["id"] for one in contacts for key in KEYS if one.get(key)}
        earlier = {record["id"]: record for record in self.before}
        for n, record in enumerate(self.records):
            known = earlier.get(record["id"], record)
            if self._dice.random() > 0.3 or any(known.get(key) != record.get(key) for key in KEYS):
                continue  # whose contact is another's by now
            address = {key: record[key] for key in KEYS if key in record}
            if not address and ("name" in record or record["id"] in earlier):
                continue  # not to be told from others, or called otherwise before
            name = {"firstName": record.get("first_name"), "lastName": record.get("last_name")}
            is_there = any(text in ids for text in address.values())
            kinds = self._kinds(record | known, is_there=is_there)
            yield Edit(self._dice.choice(kinds), n, address or name, ids)

    def _kinds(self, record: Json, *, is_there: bool) -> tuple[str, ...]:
        """The kinds of edits that change nothing about what else the import is to do.

        An edit makes a contact younger that we have not written to: all that it has is as young, as far as is
        known, and what is to win by being newer does not any more.
        """
        if is_there and record.keys() & NEWEST:
            return ("note",)
        return ("field", "newest", "note") + (("tag",) if self.tags == "add" else ())
