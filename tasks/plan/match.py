"""Finding each record's counterpart in the hub's mirror: in bulk, by index, never by a guess.

A known link decides alone, and survives a changed address. Otherwise, and where its contact is gone, every
key of the record is looked up: one contact is a match; two, or one key that several contacts share, is a
conflict for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tasks.core.batch import Row
from tasks.hub import links
from tasks.hub.spec import PlanSpec
from tasks.hub.tables import MIRRORS, aliases
from tasks.hub.upsert import among
from tasks.plan.references import folded
from tasks.streams import CUSTOM, Field

TITLES = {"email": "e-mail", "phone": "phone"}

Book: TypeAlias = dict[str, tuple[str, ...]]
"""The contacts that have a value, by value."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A key of a record that contacts have."""

    key: str
    value: str
    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        """For people: ``e-mail a@b.example``."""
        return f"{TITLES.get(self.key, self.key)} {self.value}"


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a record.

    Args:
        target_id: The contact; empty where there is none, or a conflict.
        why: What it was found by.
        conflict: Why a person must say; empty where all is clear.
        split: A person said that it is a contact of its own.
    """

    target_id: str = ""
    why: str = "new"
    hits: tuple[Hit, ...] = ()
    conflict: str = ""
    linked: bool = False
    split: bool = False


class Matcher:
    """Finds counterparts as a plan's spec says."""

    def __init__(self, spec: PlanSpec) -> None:
        self._spec = spec
        self._mirror = MIRRORS[spec.mirror]
        self._whole: dict[str, Book] = {}

    def match(self, connection: sa.Connection, rows: Sequence[Row]) -> list[Match]:
        """A match for each row, in order."""
        known: dict[str, str] = {}
        if "link" in self._spec.match:
            known = links.targets(connection, self._spec.scope, [row["id"] for row in rows])
        present = self._present(connection, [target for target in known.values() if target])
        open_rows = [row for row in rows if known.get(row["id"]) not in present]
        books = self._books(connection, open_rows) if open_rows else []
        return [_one(self._spec, row, known.get(row["id"]), present, books) for row in rows]

    def holders(self, connection: sa.Connection, key: str, values: Sequence[str]) -> dict[str, set[str]]:
        """Which records have an address or another indexed key, as their first or a further one."""
        column = self._mirror.c[self._declared(key).mirror]
        mine = (self._mirror.c.location_id == self._spec.location_id, self._mirror.c.deleted_at.is_(None))
        first = sa.select(column, self._mirror.c.id).where(*mine, among(connection, column, values))
        further = (
            sa.select(aliases.c.value, aliases.c.id)
            .join(
                self._mirror,
                sa.and_(
                    self._mirror.c.location_id == aliases.c.location_id, self._mirror.c.id == aliases.c.id
                ),
            )
            .where(*mine, aliases.c.kind == key, among(connection, aliases.c.value, values))
        )
        found: dict[str, set[str]] = {}
        for query in (first, further):
            for value, id_ in connection.execute(query).all():
                found.setdefault(value, set()).add(id_)
        return found

    def _present(self, connection: sa.Connection, ids: Sequence[str]) -> set[str]:
        if not ids:
            return set()
        table = self._mirror
        query = sa.select(table.c.id).where(
            table.c.location_id == self._spec.location_id,
            table.c.deleted_at.is_(None),
            among(connection, table.c.id, ids),
        )
        return set(connection.execute(query).scalars().all())

    def _books(self, connection: sa.Connection, rows: Sequence[Row]) -> list[tuple[str, Book]]:
        return [(key, self._book(connection, key, rows)) for key in self._spec.match if key != "link"]

    def _book(self, connection: sa.Connection, key: str, rows: Sequence[Row]) -> Book:
        if key.startswith(CUSTOM) or self._declared(key).folded:
            return self._whole_book(connection, key)
        values = list({row[key] for row in rows if row.get(key)})
        found = self.holders(connection, key, values) if values else {}
        return {value: tuple(sorted(ids)) for value, ids in found.items()}

    def _declared(self, key: str) -> Field:
        return self._spec.stream.fields[key]

    def _whole_book(self, connection: sa.Connection, key: str) -> Book:
        """Every value of a field that no index finds: read once for a plan."""
        if key not in self._whole:
            table = self._mirror
            own = key.startswith(CUSTOM)
            value = self._custom_value(connection, key) if own else table.c[self._declared(key).mirror]
            query = sa.select(value, table.c.id).where(
                table.c.location_id == self._spec.location_id,
                table.c.deleted_at.is_(None),
                value.is_not(None),
            )
            listed: dict[str, list[str]] = {}
            for held, id_ in connection.execute(query):
                listed.setdefault(as_compared(self._spec, key, str(held)), []).append(id_)
            self._whole[key] = {value: tuple(sorted(ids)) for value, ids in listed.items()}
        return self._whole[key]

    def _custom_value(self, connection: sa.Connection, key: str) -> sa.ColumnElement[Any]:
        table, field_id = self._mirror, self._spec.custom[key.removeprefix(CUSTOM)]
        if connection.dialect.name == "sqlite":
            return sa.func.json_extract(table.c.custom, f'$."{field_id}"', type_=sa.Text)
        held: sa.ColumnElement[Any] = sa.cast(sa.type_coerce(table.c.custom, sa.Text), postgresql.JSON)[
            field_id
        ].astext
        return held


def as_compared(spec: PlanSpec, key: str, value: str) -> str:
    """A key's value as it is looked up: names without a difference of case or of spaces."""
    declared = spec.stream.field(key)
    return folded(value) if declared is not None and declared.folded else value


def _one(
    spec: PlanSpec, row: Row, linked: str | None, present: set[str], books: list[tuple[str, Book]]
) -> Match:
    if linked and linked in present:
        return Match(linked, "known link", linked=True)
    hits = tuple(
        Hit(key, str(value), ids)
        for key, book in books
        if (value := row.get(key)) is not None and (ids := book.get(as_compared(spec, key, str(value))))
    )
    if linked:
        gone = (
            f"the {spec.called[0]} it was linked to ({linked}) is gone from HighLevel, or among the rejects"
        )
        return Match(hits=hits, conflict=gone, linked=True)
    if linked == links.SPLIT:
        return Match(why=f"a {spec.called[0]} of its own, by review", hits=hits, split=True)
    return _by_keys(hits, spec.called[1]) if hits else Match()


def _by_keys(hits: tuple[Hit, ...], called: str) -> Match:
    """The one record that every key leads to, or why there is none."""
    shared = next((hit for hit in hits if len(hit.ids) > 1), None)
    if shared is not None:
        return Match(hits=hits, conflict=f"{shared.label} is shared by {len(shared.ids)} {called}")
    found = {hit.ids[0] for hit in hits}
    if len(found) > 1:
        told = ", ".join(f"{hit.label} → {hit.ids[0]}" for hit in hits)
        return Match(hits=hits, conflict=f"its keys lead to different {called}: {told}")
    return Match(found.pop(), ", ".join(hit.label for hit in hits), hits)
