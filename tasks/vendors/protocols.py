"""What a vendor gives a run, and what a run gives a vendor's writers: the words that both sides share.

A vendor is a folder beside this module: a ``Connection`` with ``Reader``s and ``Writer``s. Who reads, plans
and applies knows these alone.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any, Protocol

from tasks.core.batch import Batch, Json, Position, Reason, Reject, Row
from tasks.core.change import Change, FieldChange, Scope, State
from tasks.hub.aliases import is_further
from tasks.hub.provenance import BY_HAND, Origin
from tasks.hub.spec import PlanSpec
from tasks.streams import Operation
from tasks.streams.custom_field import CustomField
from tasks.vendors.network import Guard


@dataclass(frozen=True, slots=True)
class MirrorMapping:
    """The mapping that makes a mirror's rows.

    Args:
        digest: Hash of what it means.
        source: The stream of the records that it reads.
        rows: What it makes of records.
    """

    digest: str
    source: str
    rows: Callable[[Iterable[Json]], list[Row | Reject]]


NOTHING: Mapping[str, Any] = MappingProxyType({})
"""No values."""


class Told(dict[str, Any]):
    """A row of a record that the vendor has just told.

    Args:
        row: By the mirror's mapping.
        record: The text of the record as it is kept.
        mapping: What made the row.
        at: When it was told, by the vendor's clock.
        removed: What the row does not show, as it was told: values whose owners opted out.
    """

    def __init__(
        self,
        row: Row,
        record: str,
        mapping: MirrorMapping,
        at: datetime,
        removed: Mapping[str, Any] = NOTHING,
    ) -> None:
        super().__init__(row)
        self.record = record
        self.mapping = mapping
        self.at = at
        self.removed = removed


@dataclass(slots=True)
class Effect:
    """What came of one change.

    Args:
        change: With its end: state, target, error and result.
        row: The record in the mirror's columns: as the vendor tells it now (``Told``), or as the mirror has
            it, which then stays as it is. None where nothing tells.
        partial: The row is what the answer to a create told.
        patch: Single columns of the mirror that are known to have a new value.
        origins: Field and origin of what is ours now.
        link: Scope, record and target that belong together now; without a target, that the record and what
            was deleted do so no more.
        gone: The record was deleted, by us or by somebody else.
    """

    change: Change
    row: Row | None = None
    partial: bool = False
    patch: Row = field(default_factory=dict)
    origins: list[tuple[str, Origin]] = field(default_factory=list)
    link: tuple[Scope, str, str] | None = None
    gone: bool = False


ReadRow = Callable[[Json], Row | None]
"""From a record as the vendor sends it to the mirror's row; None where the mirror's mapping refuses it."""

Resolve = Callable[[Change], Awaitable[Effect | None]]
"""Finds out whether an interrupted change took effect; None where it did not."""


@dataclass(frozen=True, slots=True)
class Writer:
    """How changes of one operation are carried out.

    Args:
        resolve: What finds out what became of one, one after the other, for all that the one before left;
            none where the vendor cannot be asked.
        send: Carries out one change; None where they go in groups.
        send_group: Carries out changes that are the same for many records, as one request.
    """

    resolve: tuple[Resolve, ...]
    send: Callable[[Change], Awaitable[Effect]] | None = None
    send_group: Callable[[Sequence[Change]], Awaitable[list[Effect]]] | None = None


@dataclass(slots=True)
class WriteContext(ABC):
    """What a plan's writers work with, and what all of them do.

    Args:
        replans: Whether what changed since planning is planned again; otherwise it is left.
        from_mirror: Whether the mirror was just brought up to date and tells what a record has now.
        current: Records that the mirror tells, by id; any other is read before it is written.
        linked: Which of some targets a record is linked to already.
        claimed: What this run has made or found, linked or not yet.
        turns: For creates that nothing but their name tells apart: whose turn it is.
    """

    spec: PlanSpec
    read_row: ReadRow
    replans: bool = True
    from_mirror: bool = False
    current: dict[str, Row] = field(default_factory=dict)
    linked: Callable[[Scope, Sequence[str]], set[str]] = lambda _scope, _ids: set()
    claimed: set[str] = field(default_factory=set)
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    @abstractmethod
    def writer(self, operation: Operation) -> Writer:
        """What carries out changes of an operation."""

    @abstractmethod
    async def answers(self) -> bool:
        """Whether the vendor answers at all; then a failure is that of the record it was about."""

    @abstractmethod
    def now(self) -> datetime:
        """Now, by the vendor's clock."""

    @abstractmethod
    def earliest(self) -> datetime:
        """Now, by the vendor's clock, as early as it may be."""

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
            now = self.spec.held(row, one.field)
            if self.same(one.field, now, one.new):
                continue
            as_planned = self.same(one.field, now, one.old) and not self._is_further(row, one)
            (todo if as_planned else moved).append(one)
        return todo, moved

    def _is_further(self, row: Row, one: FieldChange) -> bool:
        declared = self.spec.stream.field(one.field)
        return declared is not None and is_further(self.spec.mirror, row, declared.mirror, one.new)

    def same(self, name: str, one: Json, other: Json) -> bool:
        """Whether two values of a field mean the same to the vendor."""
        return self.spec.same(name, one, other)

    def origins(
        self, fields: Sequence[FieldChange], wanted: Row | None, row: Row | None
    ) -> list[tuple[str, Origin]]:
        """That what was written is ours; for what the vendor did not take, that it was offered."""
        found = []
        for one in fields:
            name = self.spec.origins.get(one.field)
            if name is None:
                continue
            said = self.spec.age_of(wanted or {}, one.field)
            now = one.new if row is None else self.spec.held(row, one.field)
            if self.same(one.field, now, one.new):
                origin = Origin(self.spec.source, said, one.new)
            else:
                origin = Origin(BY_HAND, said, now, dropped=one.new)
            found.append((name, origin))
        return found

    def dropped(self, fields: Sequence[FieldChange], row: Row | None) -> list[str]:
        """The fields that the vendor accepted and did not take, as far as its answer tells."""
        if row is None:
            return []
        return [
            one.field
            for one in fields
            if one.field in self.spec.origins
            and not self.same(one.field, self.spec.held(row, one.field), one.new)
        ]

    def link(self, change: Change) -> tuple[Scope, str, str] | None:
        """That a record and its target belong together; taking a plan back says nothing about that."""
        return (self.spec.scope, change.record_id, change.target_id) if self.replans else None

    def stale(self, change: Change, row: Row | None, why: str) -> Effect:
        """The end of a change whose record is another by now: not carried out."""
        change.state = State.STALE if self.replans else State.LEFT
        change.error = why
        return Effect(change, row)


def failed(change: Change, why: str) -> Effect:
    """The end of a change that the vendor refuses."""
    change.state, change.error = State.FAILED, why
    return Effect(change)


def refused(change: Change, found: Effect | None, why: str) -> Effect:
    """The end of a change that the vendor refuses, unless it took effect all the same.

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


class Source(Protocol):
    """Where batches come from."""

    total: int | None

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``."""


class WindowSource(Source, Protocol):
    """Batches of a window."""

    @property
    def scope(self) -> str:
        """A name for the window, by which its cursor is found again."""


class Reader(Protocol):
    """Reads one stream of a vendor.

    Attributes:
        stream: The source stream of its records, e.g. ``highlevel.contact``.
    """

    stream: str

    def added(self, since: datetime | None = None, until: datetime | None = None) -> WindowSource:
        """Records in the order in which they were added: all, or those of a window."""

    def changed_since(self, since: datetime) -> Source:
        """Records that changed since then, in that order."""

    async def newest(self) -> datetime | None:
        """When a record was changed last, by the vendor's clock; None where there are none."""

    async def exists(self, id_: str, parent: str = "") -> bool:
        """Whether the vendor has a record, asked for the record itself.

        Args:
            parent: Id of the record that it hangs on, as far as the mirror knows.
        """

    async def one(self, id_: str, parent: str = "") -> Json:
        """A record as it is now; None where the vendor does not have it."""


Parents = Callable[[Position | None, int], Awaitable[tuple[list[str], Position, bool]]]
"""Which records come next, at most so many, of those whose children are to be read: after which position, and
whether they are the last."""


class ParentReader(Protocol):
    """Reads a stream that the vendor tells only for one record at a time that its records hang on.

    Attributes:
        stream: The source stream of its records, e.g. ``highlevel.note``.
    """

    stream: str

    def of(self, parents: Parents) -> Source:
        """What hangs on records; each batch tells all of the parents that it names."""


@dataclass(frozen=True, slots=True)
class Called:
    """A record that others may name, as the vendor tells it; what it has not is empty.

    Args:
        status: Of a workflow, in the vendor's word, e.g. ``published`` or ``draft``.
    """

    id: str
    name: str
    website: str = ""
    email: str = ""
    status: str = ""


class Connection(Protocol):
    """One account of a vendor, opened.

    Attributes:
        location_id: Where its records are.
        account: Under which name the hub keeps its request budget.
        requests: Requests sent so far, retries included.
        guard: Asked right before every request leaves; None for no question.
    """

    location_id: str
    guard: Guard | None

    @property
    def account(self) -> str:
        """Under which name the hub keeps its request budget."""

    @property
    def requests(self) -> int:
        """Requests sent so far, retries included."""

    def now(self) -> datetime:
        """Now, by the vendor's clock."""

    def theirs(self, moment: datetime) -> datetime:
        """A moment of our clock by the vendor's."""

    def reader(self, stream: str) -> Reader:
        """What reads a stream."""

    def parent_reader(self, stream: str) -> ParentReader:
        """What reads a stream that is told only for one parent at a time."""

    def write_context(
        self, spec: PlanSpec, read_row: ReadRow, *, replans: bool, from_mirror: bool
    ) -> WriteContext:
        """What writes a plan's changes."""

    def refusals(self, change: Change, custom: Mapping[str, str]) -> list[Reason]:
        """Why the vendor would refuse a change, found without asking it.

        Args:
            custom: Custom field key to id.
        """

    async def check(self) -> None:
        """Make sure that the credential is good for the location.

        Raises:
            BadCredentialError: It is not.
        """

    async def custom_fields(self) -> dict[str, CustomField]:
        """The location's custom fields by key."""

    async def make_custom_field(self, name: str) -> None:
        """Make a custom field of contacts that takes text, unless there is one of this name."""

    def called(self, stream: str) -> AsyncIterator[Called]:
        """The location's records of a stream that others refer to."""

    async def zone(self) -> tzinfo:
        """In which zone moments are meant that say none."""

    async def place(self) -> tuple[tzinfo, str]:
        """The location's zone, and its country as ISO code; empty where it does not say."""
