"""What rules judge: a record of a mirror with its contact, business, owner and tasks, as the hub has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sqlalchemy as sa

from tasks.core.batch import Json, Row
from tasks.hub.journal import Entry
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.mapping.rules.known import CALLED
from tasks.streams import CUSTOM, STREAMS, mirror_of

Context: TypeAlias = dict[str, Any]
"""By the name of its root: ``record``, ``contact``, ``business``, ``lead``, ``task``, ``tasks``, ``notes``,
``owner``, ``change``; what is not there is None."""

CONTACT = "hub.contact"
ROOTS = {
    "business": "hub.business",
    "tasks": "hub.crm_task",
    "notes": "hub.note",
    "owner": "hub.user",
    "assignee": "hub.user",
}
"""Roots that are read only where a rule reads them, and the mirrors that they come from."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """Reads contexts of a location.

    Args:
        roots: The roots that rules read.
        custom: Custom field key to id.
        location: What rules read of the location: ``id``, ``zone``, ``country``.
        enrich: Adds what the run knows besides the hub's records, e.g. the company.
    """

    location_id: str
    roots: frozenset[str]
    custom: Mapping[str, str]
    location: Row = field(default_factory=dict)
    enrich: Callable[[Context], None] = lambda _context: None

    def read(self, connection: sa.Connection, stream: str, ids: Sequence[str]) -> dict[str, Context]:
        """The contexts of records that the hub has, deleted ones among them, by id."""
        records = self._rows(connection, stream, ids, deleted=True)
        whose = {id_: self.about(stream, row) for id_, row in records.items()}
        contacts = records if stream == CONTACT else {}
        if stream != CONTACT:
            contacts = self._rows(connection, CONTACT, _named(whose.values()))
        by_contact = {
            root: self._hanging(connection, ROOTS[root], list(contacts))
            for root in ("tasks", "notes")
            if root in self.roots
        }
        businesses = self._referred(connection, "business", contacts, "business_id")
        owners = self._referred(connection, "owner", contacts, "assigned_to")
        assignees = self._referred(connection, "assignee", records, "assigned_to")
        found: dict[str, Context] = {}
        for id_, record in records.items():
            contact = contacts.get(whose[id_]) if stream != CONTACT else record
            context: Context = {"record": record, "contact": contact, "change": None}
            context["location"] = self.location
            context["assignee"] = assignees.get(record.get("assigned_to") or "")
            if contact is not None:
                context["business"] = businesses.get(contact.get("business_id") or "")
                context["owner"] = owners.get(contact.get("assigned_to") or "")
                context |= {root: held.get(contact["id"], []) for root, held in by_contact.items()}
            if stream in CALLED:
                context[CALLED[stream]] = record
            self.enrich(context)
            found[id_] = context
        return found

    def about(self, stream: str, record: Row) -> str:
        """Id of the contact that a record is about; the record's own where it hangs on none."""
        parent = mirror_of(stream)[1].parent
        return str(record.get(parent) or "") if parent else str(record["id"])

    def change(self, entry: Entry) -> Row:
        """A journal entry as a rule reads it; custom fields by their keys."""
        keys = {f"{CUSTOM}{id_}": f"{CUSTOM}{key}" for key, id_ in self.custom.items()}
        return {
            "kind": entry.kind.value,
            "at": entry.at,
            "whose": entry.whose,
            "fields": {keys.get(name, name): list(values) for name, values in entry.fields.items()},
        }

    def _referred(
        self, connection: sa.Connection, root: str, contacts: Mapping[str, Row], column: str
    ) -> dict[str, Row]:
        if root not in self.roots:
            return {}
        ids = _named(one.get(column) for one in contacts.values())
        return self._rows(connection, ROOTS[root], ids)

    def _hanging(self, connection: sa.Connection, stream: str, ids: Sequence[str]) -> dict[str, list[Row]]:
        """What hangs on contacts and is not deleted, by contact."""
        parent = mirror_of(stream)[1].parent
        found: dict[str, list[Row]] = {}
        for row in self._select(connection, stream, parent, ids, deleted=False):
            found.setdefault(row[parent], []).append(row)
        return found

    def _rows(
        self, connection: sa.Connection, stream: str, ids: Sequence[str], *, deleted: bool = False
    ) -> dict[str, Row]:
        return {row["id"]: row for row in self._select(connection, stream, "id", ids, deleted=deleted)}

    def _select(
        self, connection: sa.Connection, stream: str, column: str, values: Sequence[str], *, deleted: bool
    ) -> list[Row]:
        if not values:
            return []
        table = MIRRORS[stream]
        columns = [table.c[name] for name in STREAMS[stream].fields]
        mine = [table.c.location_id == self.location_id, among(connection, table.c[column], values)]
        mine += [] if deleted else [table.c.deleted_at.is_(None)]
        query = sa.select(*columns, table.c.deleted_at).where(*mine).order_by(table.c.id)
        return [self._row(stream, dict(row)) for row in connection.execute(query).mappings()]

    def _row(self, stream: str, row: Row) -> Row:
        if stream == CONTACT:
            # HighLevel's search does not tell the whole name.
            row["name"] = row["name"] or " ".join(filter(None, (row["first_name"], row["last_name"]))) or None
            held: Mapping[str, Json] = row["custom"] or {}
            row["custom"] = {key: held.get(id_) for key, id_ in self.custom.items()}
        return row


def _named(ids: Iterable[Any]) -> list[str]:
    return sorted({str(id_) for id_ in ids if id_})
