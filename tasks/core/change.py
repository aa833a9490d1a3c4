"""What a plan holds: one Change for each thing that is to happen to a record, with old, new and why.

The planner makes changes, the hub keeps them, load carries them out; a preview only reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tasks.core.batch import Json, Row


class Verb(StrEnum):
    """What is to happen to a record."""

    CREATE = "create"
    UPDATE = "update"
    ADD = "add"  # to a set that the record has, e.g. its tags
    REMOVE = "remove"  # from a set
    COMPLETE = "complete"
    DELETE = "delete"
    UNCHANGED = "unchanged"  # nothing, but that the two records are known to be one
    CONFLICT = "conflict"  # nothing, until a person has said which record it is
    MERGED = "merged"  # nothing of its own: it is the same as another record of its source


RESTING = (Verb.UNCHANGED, Verb.CONFLICT, Verb.MERGED)
"""What takes no request."""

Key = tuple[str, Verb, str]
"""Stream, verb and part: what is done, and to what."""


SLICE = 500
"""Changes that are taken up at a time."""

GROUP = 100
"""Records in one bulk request; HighLevel does not publish its limit."""


class State(StrEnum):
    """What became of a change."""

    PLANNED = "planned"
    SENDING = "sending"  # a request may be under way, or have been when the program died
    DONE = "done"
    UNKNOWN = "unknown"  # it may have taken effect, and nothing tells: a person looks, it is not repeated
    STALE = "stale"  # the record is another by now: planned anew, not carried out
    LEFT = "left"  # not carried out, and rightly so: ``error`` says why
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Scope:
    """Between which two kinds of records links are.

    Args:
        system: Whose record ids they are, e.g. ``file``.
        stream: What they are linked to, e.g. ``highlevel.contact``.
    """

    location_id: str
    system: str
    stream: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change.

    Args:
        field: Target field, e.g. ``firstName``, ``custom.<key>``.
        old: What is there, plain JSON; None for nothing.
        new: What is to be there; for a field that is kept, what it would have been.
        why: The policy that decided, and on what grounds.
    """

    field: str
    old: Json
    new: Json
    why: str


@dataclass(slots=True)
class Change:
    """One thing that is to happen to one record.

    Args:
        stream: The kind of record, e.g. ``highlevel.contact`` or ``highlevel.note``.
        record_id: The source's id of the record.
        part: What of the record, where an operation of its own writes it, e.g. ``tags``.
        target_id: The vendor's id of the record; empty while there is none.
        parent_id: The vendor's id of the record that it hangs on: of a note its contact; empty while there is
            none.
        label: Whom it is about, for people.
        kept: Fields that differ and that a policy leaves alone.
        why: How the counterpart was found, or why there is a conflict.
        cause: What made its row, in words: a rule, with file, line and journal entry; empty for a source's.
        wanted: The whole mapped row, so that it can be planned anew.
        raw: The source's record, where it is the record's first change; not read back with it.
        tries: How many runs it has stopped.
        look_first: The contact may have it already, from before this hub: it is looked for first.
        result: What came of it: what the made record held then (``made``; ``as_sent`` where only that is
            known), whether it was ``adopted`` because it was there; the fields that were ``written``, which
            may be some of a change that did not come to its end; what HighLevel ``dropped``, what was
            ``left``; of a set, under its part's name, what changed (``tags``); the ``parts`` of a field
            before and after (a whole name's); the ``follow_up`` plan of what was planned anew. From the
            beginning, of what hangs on a record that was merged: the id of the row that it ``came_with``.
    """

    stream: str
    verb: Verb
    record_id: str
    part: str = ""
    target_id: str = ""
    parent_id: str = ""
    label: str = ""
    fields: list[FieldChange] = field(default_factory=list)
    kept: list[FieldChange] = field(default_factory=list)
    why: str = ""
    cause: str = ""
    wanted: Row | None = None
    raw: str = ""
    plan_id: str = ""
    n: int = 0
    state: State = State.PLANNED
    error: str | None = None
    sent_at: datetime | None = None
    tries: int = 0
    look_first: bool = False
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What is done, and to what: by this its operation is found."""
        return self.stream, self.verb, self.part

    def value(self, name: str) -> Json:
        """What a field is to be; None where the change does not have it."""
        return next((one.new for one in self.fields if one.field == name), None)

    def values(self) -> dict[str, Json]:
        """Every field with what it is to be."""
        return {one.field: one.new for one in self.fields}

    def wrote(self, fields: Iterable[FieldChange]) -> None:
        """Note fields that took effect, whatever becomes of the rest."""
        names = [*self.result.get("written", ()), *(one.field for one in fields)]
        self.result["written"] = list(dict.fromkeys(names))

    @property
    def effect(self) -> list[FieldChange]:
        """The fields that were written: what taking the change back is about.

        Nobody knows it of a change that is done and does not say: then it is all that was not left out.
        """
        named = self.result.get("written", None if self.state is State.DONE else ())
        untouched = {*self.result.get("dropped", ()), *self.result.get("left", ())}
        return [
            one for one in self.fields if one.field not in untouched and (named is None or one.field in named)
        ]


def plain(value: Any) -> Json:
    """A field's value as plain JSON: a date as ISO text, a moment as ISO text in UTC."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def plain_row(row: Row) -> Row:
    """A row with plain values."""
    return {name: plain(value) for name, value in row.items()}


def members(change: Change) -> list[str]:
    """What a change adds to a set, or removes from it."""
    one = change.fields[0]
    before, after = one.old or [], one.new or []
    if change.verb is Verb.ADD:
        return [name for name in after if name not in before]
    return [name for name in before if name not in after]


def grouped(changes: Sequence[Change]) -> list[list[Change]]:
    """Changes that are the same for many records, as the groups that one request carries out.

    What has stopped a run goes alone: it does not take the others along.

    Args:
        changes: Of one operation.
    """
    by_content: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        alone = (str(change.n),) if change.tries else ()
        by_content.setdefault((*_content(change), *alone), []).append(change)
    return [
        same[start : start + GROUP] for same in by_content.values() for start in range(0, len(same), GROUP)
    ]


def _content(change: Change) -> tuple[str, ...]:
    if change.verb is Verb.UPDATE:
        return (str(change.fields[0].new),)
    return tuple(sorted(members(change)))
