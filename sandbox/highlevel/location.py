"""The sub-account (HighLevel: location) that the sandbox plays, with everything in it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from sandbox.core.options import Options
from sandbox.highlevel import account, catalogue, people
from sandbox.highlevel.activity import activity
from sandbox.highlevel.auth import LOCATION_ID, location_id_of
from sandbox.highlevel.calls import Call, RefusalError
from sandbox.highlevel.names import TAGS
from sandbox.highlevel.records import Records
from sandbox.highlevel.search_index import SearchIndex
from sandbox.highlevel.shapes import Document, Row, iso
from sandbox.highlevel.store import Clock, ContactStore, Lookup
from sandbox.highlevel.tokens import Tokens

__all__ = ["LOCATION_ID", "Location"]


_SEEDS_APART = 1000
"""How far the seeds of two sub-accounts are apart."""


class Location:
    """One sub-account.

    Args:
        place: Its number, from 1.
        tokens: The authorization server, where there are several sub-accounts.

    Attributes:
        id: Its identifier.
        siblings: All sub-accounts of its agency.
        contacts: The contacts as they are.
        index: The contacts as search sees them.
        others: The records of every other kind, by kind and id.
        tokens: What the authorization server has given out.
        verbatim: JSON values that a person put into search's answers as they stand.
        tags: The sub-account's tags by name; an unknown tag on a contact becomes one.
    """

    def __init__(self, options: Options, place: int = 1, tokens: Tokens | None = None) -> None:
        self.id = location_id_of(place)
        self.name = "Sandbox Location" if place == 1 else f"Sandbox Location {place}"
        self.siblings = [self]
        self._with_activity = options.activity
        self.strict_slots = options.strict_slots
        self._seed = options.seed + _SEEDS_APART * (place - 1)
        self.allow_duplicates = options.allow_duplicates
        self.clock = Clock(account.LATEST, options.clock_ahead)
        self.index = SearchIndex(options.search_lag, self._lookups)
        self.contacts = ContactStore(
            (Row(document) for document in people.contacts(self._seed, options.contacts, self.id)), self._note
        )
        self.tokens = tokens or Tokens(options.token_seconds)
        self._fill()

    def reset(self) -> None:
        """Back to the generated data."""
        self.contacts.reset()
        self.tokens.removed.discard(self.id)
        if self.id == LOCATION_ID:
            self.tokens.reset()
        self.clock.reset()
        self._fill()

    def _fill(self) -> None:
        self.use_fresh_ids("new ids")
        self.index.reset(self.contacts.rows)
        self.users = account.users(self.id)
        self.custom_fields = account.custom_fields(self.id)
        self.verbatim: list[bytes] = []
        self.tags: dict[str, Document] = {}
        self.add_tags(TAGS)
        self.others = {
            "businesses": Records(account.businesses(self._seed, self.id)),
            "tasks": Records(),
            "notes": Records(),
            "appointments": Records(),
            "calendars": Records(account.calendars(self.id)),
            "workflows": Records(account.workflows(self.id)),
            "campaigns": Records(account.campaigns(self.id)),
            "enrolments": Records(),
            "customValues": Records(),
        }
        if self._with_activity:
            made = activity(self._seed, self.contacts.rows, self.users, account.calendars(self.id), self.id)
            self.others |= {kind: Records(records) for kind, records in made.items()}
        since = iso(account.LATEST)
        born = {"locationId": self.id, "dateAdded": since, "dateUpdated": since}
        for kind, facts in catalogue.kinds().items():
            self.others[kind] = Records({**born, **seed} for seed in facts.seed)

    def use_fresh_ids(self, series: str) -> None:
        """Draw new records' identifiers from another series; the same one for each seed."""
        self._dice = random.Random(f"{series} {self._seed}")  # noqa: S311 - ids, no secret

    def fresh_id(self) -> str:
        """An identifier for a new record."""
        return account.fresh_id(self._dice)

    def fresh_hex_id(self) -> str:
        """An identifier as businesses and custom objects have them: 24 hexadecimal digits."""
        return f"{self._dice.getrandbits(96):024x}"

    def now(self) -> str:
        """This instant as records tell it."""
        return iso(self.clock.now())

    def user_or_none(self, user_id: Any) -> str | None:
        """A user of the location; anyone else is dropped without a word."""
        return user_id if any(user["id"] == user_id for user in self.users) else None

    def add_tags(self, names: Any) -> None:
        """Make tags of the sub-account of those that are new."""
        for name in names:
            if name not in self.tags:
                self.tags[name] = {"id": self.fresh_id(), "name": name, "locationId": self.id}

    def require(self, location_id: Any, call: Call) -> None:
        """Refuse a request about another location.

        Raises:
            RefusalError: 403, also where no location is named.
        """
        if location_id != self.id or call.credential.location_id not in ("", self.id):
            raise RefusalError.foreign_location()

    def settings(self) -> Mapping[str, bool]:
        """The location's settings as ``GET /locations/{locationId}`` shows them."""
        return {
            "allowDuplicateContact": self.allow_duplicates,
            "allowDuplicateOpportunity": False,
            "allowFacebookNameMerge": False,
            "disableContactTimezone": False,
        }

    def _note(self, contact_id: str, row: Row | None) -> None:
        """Tell search of a write; what belongs to a deleted contact goes with it."""
        self.index.note(contact_id, row)
        if row is None:
            for kind in ("tasks", "notes", "appointments"):
                self.others[kind].drop(contact_id)

    def _lookups(self) -> tuple[Lookup, Lookup]:
        return self.contacts.emails, self.contacts.phones
