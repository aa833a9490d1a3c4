"""What a stream is: the fields of a kind of record, how the hub keeps it, and how it is written.

One place declares a target stream; the hub builds its table from it, the mapping compiler checks target
fields and coerces values by it, and the checks build their data frame's types from it. A source stream's
fields are the vendor's business; declared is only how its records are told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from tasks.core.batch import Reason, Remark
from tasks.core.change import RESTING, Key, Verb

CUSTOM = "custom."
"""What a target field's name begins with that is a custom field of the location; its key follows."""

TEXT_LIMIT = 65_536
"""Characters a text field may hold unless it says otherwise; longer values are rejected."""


class FieldType(StrEnum):
    """How a field's value is stored."""

    TEXT = "text"
    BOOLEAN = "boolean"
    NUMBER = "number"
    DATE = "date"  # datetime.date
    TIMESTAMP = "timestamp"  # timezone-aware datetime, UTC
    TEXTS = "texts"  # list of str
    OBJECT = "object"  # dict with str keys, JSON values
    VALUE = "value"  # text, number, boolean or list of texts: what a custom field takes


class Policy(StrEnum):
    """What a field's value may replace in the target."""

    OVERWRITE = "overwrite"
    FILL_EMPTY = "fill_empty"
    NEWEST = "newest"
    ADD = "add"
    NEVER = "never"


class Written(StrEnum):
    """When a field is sent with its record."""

    NEVER = "never"
    ALWAYS = "always"  # when the record is made, and later
    WHEN_MADE = "when made"  # only when it is made
    BY_ADDRESS = "by address"  # later only by an operation that finds the record by its address


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a stream.

    Args:
        type: How its value is stored.
        required: A row without a value is rejected.
        limit: Longest text, in characters; of a list or an object, the JSON's length.
        indexed: The hub looks records up by it.
        mirror: The hub's column that mirrors it; empty where nothing does.
        written: When it is sent with the record.
        part: The part of the record that it is, where an operation of its own writes it.
        folded: The vendor takes no notice of upper and lower case; members of a set it spells in lower case.
        has_twins: Two values may mean the same: a phone number, which some countries write in two ways.
        clearable: Whether the vendor takes null for it.
        told_as: What the vendor calls it in its answers, where that is another name.
        refers_to: The stream of the records whose ids it takes; a mapping may name them as they are called.
        child: The stream of the record that it becomes, which hangs on this one.
        child_verb: What is done to that record: it is made, or ended.
        takes_from: The set whose members it names that are to be taken away; it adds none.
        padded: Spreadsheets take the zeros in front of it, and it is the same without them.
        zoned: A moment that says no zone is meant in the location's.
        untold: What counts until the vendor tells it. Where some of its answers leave the field out, what it
            told last stays.
    """

    type: FieldType
    required: bool = False
    limit: int = TEXT_LIMIT
    indexed: bool = False
    mirror: str = ""
    written: Written = Written.NEVER
    part: str = ""
    folded: bool = False
    has_twins: bool = False
    clearable: bool = False
    told_as: str = ""
    refers_to: str = ""
    child: str = ""
    child_verb: Verb = Verb.CREATE
    takes_from: str = ""
    padded: bool = False
    zoned: bool = False
    untold: Any = None

    def told(self, value: Any) -> Any:
        """A value, or what counts where none was told."""
        return self.untold if value is None else value

    @property
    def is_written(self) -> bool:
        """Whether anything writes it; else it tells about the record."""
        return bool(self.written is not Written.NEVER or self.part or self.child or self.takes_from)

    @property
    def is_compared(self) -> bool:
        """Whether it can differ from what is there: what only a create takes is not told afterwards."""
        return bool(self.written in (Written.ALWAYS, Written.BY_ADDRESS) or self.part or self.takes_from)

    @property
    def is_made_with(self) -> bool:
        """Whether a create sends it."""
        return self.written is not Written.NEVER

    @property
    def is_by_address(self) -> bool:
        """Whether it is written by the record's address once that is made."""
        return self.written is Written.BY_ADDRESS

    @property
    def is_set(self) -> bool:
        """Whether single members are added and removed."""
        return self.type is FieldType.TEXTS and bool(self.part)

    def only_lost_zeros(self, held: Any, value: Any) -> bool:
        """Whether a value is the held one without the zeros in front that a spreadsheet takes."""
        if not (self.padded and isinstance(held, str) and isinstance(value, str)):
            return False
        return len(value) < len(held) and held.lstrip("0") == value.lstrip("0") != ""

    def spelt(self, value: Any) -> Any:
        """A value as the vendor will tell it."""
        if not (self.folded and self.is_set) or value is None:
            return value
        return list(dict.fromkeys(member.strip().lower() for member in value))


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be done to the records of a stream.

    Args:
        stream: The stream's name.
        verb: What is done.
        name: What it is called where it is counted, for programs.
        title: The same for people, in full and where there is little room.
        order: When it is carried out among those of other streams: what others refer to comes first, and is
            deleted last.
        part: What of the record, where not the whole.
        in_groups: Whether one request carries it out for many records.
        reads: Requests that read before it, always.
        rechecked: Whether the record is looked at again right before, lest an edit is overwritten.
    """

    stream: str
    verb: Verb
    name: str
    title: str
    short: str
    order: int
    part: str = ""
    in_groups: bool = False
    reads: int = 0
    rechecked: bool = False

    @property
    def key(self) -> Key:
        """By what a change names it."""
        return self.stream, self.verb, self.part

    @property
    def writes(self) -> bool:
        """Whether it takes a request that writes."""
        return self.verb not in RESTING


@dataclass(frozen=True, slots=True)
class Mirror:
    """How the hub keeps a vendor's records.

    Args:
        table: The hub's table.
        mapping: The mapping that makes its rows, unless it is another one's by now.
        synced_by: The automation whose cursor tells how far it is; empty where none reads all of it.
        further: Column of an address, and the column of the record's further ones, which nothing writes.
        composed: Column that is put together from others, and those: writing one changes the other.
        parent: Column with the id of the record that its records hang on; empty where they stand alone.
        parent_mirror: The stream that mirrors those.
        by_parent: The vendor tells its records only for one of those at a time.
    """

    table: str
    mapping: str
    synced_by: str
    further: Mapping[str, str] = field(default_factory=dict)
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parent: str = ""
    parent_mirror: str = ""
    by_parent: bool = False


class Naming(NamedTuple):
    """The fields that name a record; empty for what it does not have."""

    given: str = ""
    family: str = ""
    whole: str = ""


_NAMELESS = Naming()

RULES = "rules"
"""The kind of system that rules are; under this name the links of what they make are kept."""

CONTENT = "content"
"""The key by which a record is found that hangs on another: that one, and the fields that tell it apart."""


class Parent(NamedTuple):
    """On what the records of a stream hang.

    Args:
        stream: The target stream of those, e.g. ``highlevel.contact``.
        keys: By what a mapping names one, and how it is found: field to ``link`` (its id at the vendor or in
            the source) or to a match key of that stream.
    """

    stream: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """How records of a stream are written to a vendor.

    Args:
        called: One of them, and many, for people: ``("contact", "contacts")``.
        operations: What can be done to them.
        mirror: The stream that mirrors them: what they are matched and compared with; empty where none does.
        imported_by: The automation that brings them in from files and queries; empty where none does.
        match: The keys by which a record's counterpart may be found, besides ``custom.<key>``.
        naming: The fields that name a record: a key that leads to one of another name is doubted.
        label: Fields that tell people which record it is, the best first; several in one entry go together.
        address: Fields by which the vendor finds a record where it does not take its id; no two records of a
            location share one.
        needs_one_of: Fields of which a record that lost one of their values must have another.
        composed: Field that the vendor puts together from others, and those.
        sole: The one field of a record that hangs on another, where its value is all that a mapping gives.
        given_as: Of a record that hangs on another, its fields by what a mapping's value calls them, where
            those are other names.
        known_by: The fields by which such a record is known again; empty for all of them.
        membership: Its records say only that what they hang on belongs to something: in words, that this
            begins and that it ends. They have no content that could be lost; empty for all others.
        parent: On what its records hang; None where they stand alone.
        content: The fields that tell one record from another that hangs on the same: the key ``content``.
        answers_in_part: The answer to a write does not tell the whole record.
    """

    called: tuple[str, str]
    operations: tuple[Operation, ...]
    mirror: str = ""
    imported_by: str = ""
    match: tuple[str, ...] = ()
    naming: Naming = _NAMELESS
    label: tuple[tuple[str, ...], ...] = ()
    address: tuple[str, ...] = ()
    needs_one_of: tuple[str, ...] = ()
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sole: str = ""
    given_as: Mapping[str, str] = field(default_factory=dict)
    known_by: tuple[str, ...] = ()
    membership: tuple[str, str] | None = None
    parent: Parent | None = None
    content: tuple[str, ...] = ()
    answers_in_part: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """A kind of record, e.g. ``hub.contact``.

    Args:
        fields: Field name to declaration; ``id`` is always there and required.
        custom: How every ``custom.<key>`` is declared; None where there are none.
        mirror: Of a stream that the hub mirrors.
        target: Of a stream that is written to a vendor.
    """

    name: str
    fields: dict[str, Field]
    custom: Field | None = None
    mirror: Mirror | None = None
    target: Target | None = None

    def field(self, name: str) -> Field | None:
        """The declaration of a field, custom ones included; None where there is no such field."""
        if self.custom is not None and name.startswith(CUSTOM) and len(name) > len(CUSTOM):
            return self.custom
        return self.fields.get(name)

    def lost(self, row: Mapping[str, Any], remarks: Sequence[Remark]) -> list[Reason]:
        """Why a row cannot go in without the values that were left out; empty where it can."""
        needed = self.target.needs_one_of if self.target else ()
        found = [one.reason for one in remarks if one.field in needed]
        return [] if any(row.get(name) is not None for name in needed) else found

    @property
    def children(self) -> dict[str, str]:
        """Fields that become records of their own, and the streams of those."""
        return {name: field.child for name, field in self.fields.items() if field.child}

    def type_of(self, name: str) -> FieldType:
        """The type of a field that is there.

        Raises:
            KeyError: There is no such field.
        """
        found = self.field(name)
        if found is None:
            raise KeyError(name)
        return found.type


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record as it comes from a system, e.g. ``highlevel.contact``.

    Args:
        id: The key that holds the record's id.
        mapping: The mapping that reads it, where nothing else is said.
        number: The key that holds the record's number as a person counts it, where the source has one.
        volatile: Keys that belong to the paging rather than the record: no part of its raw text.
        system: The kind of system it comes from.
        priority: Its values are not overwritten by those of a system with a lower one: bought data has the
            lowest, a person's file as high a one as a person in HighLevel.
        by_content: A record without an id is known by all that it says, not by an address in it, which may be
            another's.
    """

    name: str
    mapping: str
    id: str = "id"
    number: str = ""
    volatile: frozenset[str] = frozenset()
    system: str = "highlevel"
    priority: int = 3
    by_content: bool = False
