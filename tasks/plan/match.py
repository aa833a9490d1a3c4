"""Finding each record's counterpart in the hub's mirror: in bulk, by index, never by a guess.

What a person decided comes first, then an id that is a contact's own, then a known link. Where there is none
of them, every key of the record is looked up: one contact is a match; two, or one key that several contacts
share, or a contact that is gone, is a conflict for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tasks.core.batch import TIED, Row
from tasks.hub import links
from tasks.hub.spec import PlanSpec
from tasks.hub.tables import MIRRORS, aliases
from tasks.hub.upsert import among
from tasks.plan.keys import PARENT, as_compared, content_key, identifies, spellings, title
from tasks.streams import CONTENT, CUSTOM, Field, mirror_of, target_of

CANDIDATES = 50
"""Records that a conflict names of those that share a key; there may be thousands."""

Book: TypeAlias = dict[str, tuple[str, ...]]
"""The contacts that have a value, by the value as it is compared."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A key of a record that contacts have."""

    key: str
    value: str
    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        """For people: ``e-mail a@b.example``."""
        return title(self.key) if self.key == CONTENT else f"{title(self.key)} {self.value}"


@dataclass(frozen=True, slots=True)
class Tie:
    """What is known of a record's counterpart before its keys are looked up.

    Args:
        target_id: Of the counterpart; ``links.SPLIT`` where a person said that it has none.
        is_there: Whether the mirror has it.
        own: The record's id is the counterpart's own.
        linked: It is what the record was linked to.
        found_by: By what the record's maker found it; empty where an id or a link tells.
    """

    target_id: str
    is_there: bool
    own: bool = False
    linked: bool = True
    found_by: str = ""

    def told(self) -> list[str | bool]:
        """As JSON, of which ``Tie(*told)`` makes it again."""
        return [self.target_id, self.is_there, self.own, self.linked, self.found_by]

    @property
    def decides(self) -> bool:
        """Whether nothing that the record says can put its counterpart in doubt: a link does that."""
        return self.is_there and not self.own and not self.found_by


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a record.

    Args:
        target_id: The contact; empty where there is none, or a conflict.
        why: What it was found by.
        conflict: Why a person must say; empty where all is clear.
        split: A person said that it is a contact of its own.
        own: Its id is the contact's own.
        decided: By a link: nothing that the record says can put it in doubt.
    """

    target_id: str = ""
    why: str = "new"
    hits: tuple[Hit, ...] = ()
    conflict: str = ""
    linked: bool = False
    split: bool = False
    own: bool = False
    decided: bool = False


class Matcher:
    """Finds counterparts as a plan's spec says."""

    def __init__(self, spec: PlanSpec) -> None:
        self._spec = spec
        self._mirror = MIRRORS[spec.mirror]
        self._whole: dict[str, Book] = {}

    def ties(self, connection: sa.Connection, ids: Sequence[str]) -> dict[str, Tie]:
        """What is known of records by their ids alone, in a handful of queries."""
        held: dict[str, tuple[str, str]] = {}
        if "link" in self._spec.match:
            held = links.held(connection, self._spec.scope, ids)
        known = {id_: target for id_, (target, _) in held.items()}
        decided = {id_ for id_, (_, made_by) in held.items() if made_by == links.BY_REVIEW}
        there = self._there(connection, list(dict.fromkeys([*ids, *known.values()])))
        found = {}
        for id_ in ids:
            if id_ in there and id_ not in decided and (there[id_] or not there.get(known.get(id_, ""))):
                found[id_] = Tie(id_, is_there=there[id_], own=True, linked=known.get(id_) == id_)
            elif id_ in known:
                found[id_] = Tie(known[id_], is_there=there.get(known[id_], False))
        return found

    def tied(self, connection: sa.Connection, rows: Sequence[Row]) -> dict[str, Tie]:
        """What the rows tell of their own counterparts, as far as the mirror has these."""
        told: dict[str, tuple[str, str]] = {row["id"]: row[TIED] for row in rows if TIED in row}
        there = self._there(connection, [id_ for id_, _ in told.values()]) if told else {}
        return {
            id_: Tie(target, is_there=True, linked=False, found_by=found_by)
            for id_, (target, found_by) in told.items()
            if there.get(target)
        }

    def match(
        self, connection: sa.Connection, rows: Sequence[Row], ties: Mapping[str, Tie] | None = None
    ) -> list[Match]:
        """A match for each row, in order.

        Args:
            ties: As ``ties`` gives them; looked up where they are not given.
        """
        if ties is None:
            ties = self.ties(connection, [row["id"] for row in rows])
        tied = [ties.get(row["id"]) for row in rows]
        open_rows = [row for row, tie in zip(rows, tied, strict=True) if tie is None or not tie.is_there]
        books = self._books(connection, open_rows) if open_rows else []
        return [_one(self._spec, row, tie, books) for row, tie in zip(rows, tied, strict=True)]

    def holders(self, connection: sa.Connection, key: str, values: Sequence[str]) -> dict[str, set[str]]:
        """Which records have an address or another indexed key, as their first or a further one.

        Returns:
            Their ids, by value as it is compared.
        """
        column = self._mirror.c[self._declared(key).mirror]
        asked = list({way for value in values for way in spellings(self._spec, key, value)})
        mine = (self._mirror.c.location_id == self._spec.location_id, self._mirror.c.deleted_at.is_(None))
        first = sa.select(column, self._mirror.c.id).where(*mine, among(connection, column, asked))
        further = (
            sa.select(aliases.c.value, aliases.c.id)
            .join(
                self._mirror,
                sa.and_(
                    self._mirror.c.location_id == aliases.c.location_id, self._mirror.c.id == aliases.c.id
                ),
            )
            .where(*mine, aliases.c.kind == key, among(connection, aliases.c.value, asked))
        )
        found: dict[str, set[str]] = {}
        for query in (first, further):
            for value, id_ in connection.execute(query).all():
                found.setdefault(as_compared(self._spec, key, value), set()).add(id_)
        return found

    def _there(self, connection: sa.Connection, ids: Sequence[str]) -> dict[str, bool]:
        """Which ids are those of this location's records in the mirror, and whether these are still there."""
        table = self._mirror
        query = sa.select(table.c.id, table.c.deleted_at.is_(None)).where(
            table.c.location_id == self._spec.location_id, among(connection, table.c.id, ids)
        )
        return {id_: bool(is_there) for id_, is_there in connection.execute(query).all()}

    def _books(self, connection: sa.Connection, rows: Sequence[Row]) -> list[tuple[str, Book]]:
        return [(key, self._book(connection, key, rows)) for key in self._spec.match if key != "link"]

    def _book(self, connection: sa.Connection, key: str, rows: Sequence[Row]) -> Book:
        if key == CONTENT:
            return self._content_book(connection, rows)
        if key.startswith(CUSTOM) or self._declared(key).folded:
            return self._whole_book(connection, key)
        values = list({row[key] for row in rows if identifies(row, key)})
        found = self.holders(connection, key, values) if values else {}
        return {value: tuple(sorted(ids)) for value, ids in found.items()}

    def _content_book(self, connection: sa.Connection, rows: Sequence[Row]) -> Book:
        """What hangs on the parents of some rows, by what tells it apart there."""
        spec, table = self._spec, self._mirror
        parent = table.c[mirror_of(spec.mirror)[1].parent]
        named = {name: self._declared(name).mirror for name in target_of(spec.target).content}
        ids = sorted({row[PARENT] for row in rows if row.get(CONTENT)})
        query = sa.select(table.c.id, parent, *(table.c[column] for column in named.values())).where(
            table.c.location_id == spec.location_id,
            table.c.deleted_at.is_(None),
            among(connection, parent, ids),
        )
        found: dict[str, list[str]] = {}
        for id_, parent_id, *values in connection.execute(query) if ids else ():
            key = content_key(spec, parent_id, dict(zip(named, values, strict=True)))
            found.setdefault(key, []).append(id_)
        return {key: tuple(sorted(held)) for key, held in found.items()}

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


def _one(spec: PlanSpec, row: Row, tie: Tie | None, books: list[tuple[str, Book]]) -> Match:
    if tie is not None and tie.is_there:
        return _tied(spec, row, tie)
    hits = tuple(
        Hit(key, str(row[key]), ids)
        for key, book in books
        if identifies(row, key) and (ids := book.get(as_compared(spec, key, str(row[key]))))
    )
    if tie is None:
        return _by_keys(hits, spec.called[1]) if hits else Match()
    if tie.target_id == links.SPLIT:
        return Match(why=f"a {spec.called[0]} of its own, by review", hits=hits, split=True)
    which = "with its id" if tie.own else "it was linked to"
    gone = f"the {spec.called[0]} {which} ({tie.target_id}) is gone from HighLevel, or among the rejects"
    return Match(hits=hits, conflict=gone, linked=True)


def _tied(spec: PlanSpec, row: Row, tie: Tie) -> Match:
    if tie.found_by:
        return Match(tie.target_id, tie.found_by, (Hit("id", tie.target_id, (tie.target_id,)),), own=True)
    if not tie.own:
        return Match(tie.target_id, "known link", linked=True, decided=True)
    why = "known link" if tie.linked else f"id of the {spec.called[0]}"
    return Match(tie.target_id, why, (Hit("id", row["id"], (tie.target_id,)),), linked=tie.linked, own=True)


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
