"""What every writer works with, and what they all do: read a contact as it is now, and tell what moved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tasks.core.batch import Json, Row
from tasks.core.change import Change, FieldChange, Scope, State
from tasks.core.errors import StoppedError
from tasks.hub.aliases import is_further
from tasks.hub.provenance import BY_HAND, Origin, same
from tasks.load.record import Effect
from tasks.plan.spec import PlanSpec, held
from tasks.vendors.highlevel.api import contacts
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.client import HighLevel

CLOCKS_APART = timedelta(minutes=2)
"""How far HighLevel's clock may be behind ours where a record's age is judged."""

ReadRow = Callable[[Json], Row | None]
"""From a contact as HighLevel sends it to the mirror's row; None where the mirror's mapping refuses it."""


@dataclass(slots=True)
class Desk:
    """What a writer works with.

    Args:
        replans: Whether what moved meanwhile is planned anew; otherwise it is left.
        from_mirror: Whether the mirror was just brought up to date and tells what a contact has now.
        current: Contacts that the mirror tells, by id; any other is read from HighLevel before it is written.
        linked: Which of some targets a record is linked to already.
        claimed: What this run has made or found, linked or not yet.
        turns: For creates that nothing but their name tells apart: whose turn it is.
    """

    client: HighLevel
    spec: PlanSpec
    read_row: ReadRow
    replans: bool = True
    from_mirror: bool = False
    current: dict[str, Row] = field(default_factory=dict)
    linked: Callable[[Scope, Sequence[str]], set[str]] = lambda _scope, _ids: set()
    claimed: set[str] = field(default_factory=set)
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def row_of(self, contact_id: str) -> Row | None:
        """The contact as it is now; None where its row cannot be told.

        Raises:
            RecordNotFoundError: HighLevel has it no more.
        """
        if contact_id in self.current:
            return self.current[contact_id]
        return self.read(await contacts.get(self.client, contact_id))

    async def answers(self) -> bool:
        """Whether HighLevel answers at all; then a failure is that of the record it was about."""
        try:
            await contacts.search(self.client, limit=1, sort="dateAdded")
        except StoppedError:
            return False
        return True

    def read(self, contact: Contact) -> Row | None:
        """A contact of an answer as the mirror's row."""
        return self.row(contact.raw)

    def row(self, contact: Json) -> Row | None:
        """A contact as the mirror's row, with the name that search and a create's answer leave out."""
        row = self.read_row(contact)
        if row is not None and not row.get("name"):
            row["name"] = " ".join(filter(None, (row.get("first_name"), row.get("last_name")))) or None
        return row

    def moved(
        self, change: Change, row: Row, fields: Sequence[FieldChange] | None = None
    ) -> tuple[list[FieldChange], list[FieldChange]]:
        """The fields that are still to be written, and those that are neither old nor new by now.

        Args:
            fields: Of these; None for all of the change.
        """
        todo: list[FieldChange] = []
        moved: list[FieldChange] = []
        for one in change.fields if fields is None else fields:
            now = held(row, one.field, self.spec.custom)
            if self.same(one.field, now, one.new):
                continue
            as_planned = self.same(one.field, now, one.old) and not is_further(row, one.field, one.new)
            (todo if as_planned else moved).append(one)
        return todo, moved

    def same(self, name: str, one: Json, other: Json) -> bool:
        """Whether two values of a field mean the same; HighLevel spells names and tags in its own way."""
        if name == "name" and isinstance(one, str) and isinstance(other, str):
            return one.casefold() == other.casefold()
        if name == "tags":
            return {tag.lower() for tag in one or ()} == {tag.lower() for tag in other or ()}
        return same(one, other)

    def origins(
        self, fields: list[FieldChange], wanted: Row | None, row: Row | None
    ) -> list[tuple[str, Origin]]:
        """That what was written is ours; for what HighLevel did not take, that it was offered."""
        found, said = [], self.spec.age_of(wanted or {})
        for one in fields:
            name = self.spec.origins.get(one.field)
            if name is None:
                continue
            now = one.new if row is None else held(row, one.field, self.spec.custom)
            if self.same(one.field, now, one.new):
                origin = Origin(self.spec.source, said, one.new)
            else:
                origin = Origin(BY_HAND, said, now, dropped=one.new)
            found.append((name, origin))
        return found

    def dropped(self, fields: list[FieldChange], row: Row | None) -> list[str]:
        """The fields that HighLevel accepted and did not take, as far as its answer tells."""
        if row is None:
            return []
        return [
            one.field
            for one in fields
            if one.field in self.spec.origins
            and not self.same(one.field, held(row, one.field, self.spec.custom), one.new)
        ]

    def link(self, change: Change) -> tuple[Scope, str, str] | None:
        """That a record and its contact belong together; taking a plan back says nothing about that."""
        return (self.spec.scope, change.record_id, change.target_id) if self.replans else None

    def stale(self, change: Change, row: Row | None, why: str) -> Effect:
        """The end of a change whose record is another by now: not carried out."""
        change.state = State.STALE if self.replans else State.LEFT
        change.error = why
        return Effect(change, row)


def failed(change: Change, why: str) -> Effect:
    """The end of a change that HighLevel refuses."""
    change.state, change.error = State.FAILED, why
    return Effect(change)


def refused(change: Change, found: Effect | None, why: str) -> Effect:
    """The end of a change that HighLevel refuses, unless it took effect all the same.

    Args:
        found: What became of it, as far as it had an effect.
    """
    if found is None:
        return failed(change, why)
    if change.state is not State.DONE:
        change.state, change.error = State.FAILED, why
    return found


def left(change: Change, why: str, row: Row | None = None) -> Effect:
    """The end of a change that rightly is not carried out."""
    change.state, change.error = State.LEFT, why
    return Effect(change, row)
