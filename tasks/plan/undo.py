"""The inverse of plans that belong together: what they did, backwards, from the old values that they kept.

Itself a plan: shown first, applied exactly. What somebody has changed since is left and told; so is what
HighLevel cannot take back (a custom field, a country: they take no empty value).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tasks.core.batch import Json
from tasks.core.change import Change, FieldChange, State, Verb
from tasks.hub.provenance import same
from tasks.hub.spec import PlanSpec
from tasks.streams import content, target_of, verb_of_part

_EMPTY: tuple[Json, ...] = (None, "", [])
_MADE = "made by the plan"
_ON_REQUEST = "made by the plan; deleted only on request (delete created)"
_THERE_BEFORE = "it was there before"
_PERHAPS = "it may have been there before: HighLevel does not tell when it was made"
_LEFT_FOR_GOOD = "it left; put back, it would go through the workflow from the start: do it in HighLevel"
_UNKNOWN = "nobody knows whether it took effect: look in HighLevel"
_EDITED = "somebody had edited it before it was known to be made"


@dataclass(slots=True)
class _Record:
    """What takes back everything that was done to one record.

    Args:
        last: The last change that is taken back: whom it is about.
        fields: By field, the way back.
        sets: By part and member, what was done to it first, and last.
        changes: All of them, the last one first.
    """

    last: Change | None = None
    fields: dict[str, FieldChange] = field(default_factory=dict)
    sets: dict[str, dict[str, tuple[Verb, Verb]]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


class _Expected:
    """What a record holds, as plans have written it one after the other.

    Args:
        content: What it held when it was made.
    """

    def __init__(self, spec: PlanSpec, content: dict[str, Any]) -> None:
        self._spec = spec
        self.content = content
        self._members: set[tuple[str, str]] = set()  # of a set, that somebody had added
        self._values: dict[str, tuple[Json, Json]] = {}  # somebody's, and what was expected in its place

    def move(self, change: Change) -> None:
        """Take members that a change added to a set or removed from it."""
        part, moved = change.part, change.result.get(change.part, [])
        held = self.content.get(part) or []
        if change.verb is Verb.REMOVE:
            self._members |= {(part, member) for member in moved if member not in held}
            self._write(part, [member for member in held if member not in moved])
            return
        ours = {member for member in moved if (part, member) not in self._members}
        self._write(part, sorted({*held, *ours}))

    def write(self, one: FieldChange) -> None:
        """Take a field that a change wrote."""
        held = self._held(one.field)
        if not self._spec.same(one.field, held, one.old):
            self._values[one.field] = (one.old, held)
        theirs, instead = self._values.get(one.field, (None, None))
        comes_back = one.field in self._values and self._spec.same(one.field, theirs, one.new)
        self._write(one.field, instead if comes_back else one.new)

    def _held(self, field: str) -> Json:
        target = self._spec.stream.target
        parts = target.composed.get(field, ()) if target is not None else ()
        key = content.key_of(self._spec.stream, field, self._spec.custom)
        if key in self.content or not parts:
            return self.content.get(key)
        return " ".join(str(self.content[part]) for part in parts if part in self.content) or None

    def _write(self, field: str, value: Json) -> None:
        self.content = content.written(self._spec.stream, self.content, field, value, self._spec.custom)


class Inverse:
    """What takes plans back.

    Args:
        spec: Theirs.
        delete_created: Whether records that they made are deleted, and what they made hang on others.
    """

    def __init__(self, spec: PlanSpec, *, delete_created: bool) -> None:
        self._spec = spec
        self._stream = spec.stream
        self._delete = delete_created
        self._records: dict[str, _Record] = {}
        self._made: list[Change] = []
        self._gone: set[str] = set()
        self._ended: dict[str, Change] = {}

    def add(self, change: Change) -> None:
        """Add what takes one change back, from the last one to the first.

        What took these plans back before counts as well: then nothing is left to do, and what a person
        has done since is not undone.
        """
        if change.verb is Verb.DELETE:
            self._gone.add(change.target_id)
            if _is_membership(change):
                self._ended.setdefault(change.target_id, self._left_standing(change, _LEFT_FOR_GOOD))
        elif self._gone & {change.target_id, change.parent_id}:
            self._ended.pop(change.target_id, None)  # it began after all of this
        elif change.state is State.UNKNOWN:
            self._made.append(self._left_standing(change, _UNKNOWN))
        elif change.verb is Verb.CREATE:
            self._made.append(self._child(change) if self._is_child(change) else self._create(change))
        else:
            self._of_record(change)

    def _is_child(self, change: Change) -> bool:
        return change.stream != self._stream.name

    def _of_record(self, change: Change) -> None:
        record = self._record(change)
        record.last = record.last or change
        record.changes.append(change)
        if change.verb in _OF_SETS:
            members = record.sets.setdefault(change.part, {})
            for name in change.result.get(change.part, ()):
                members[name] = (change.verb, members.get(name, (change.verb, change.verb))[1])
            return
        for one in change.effect:
            for part in _parts(change, one):
                _take_back(record, part)

    def know(self, change: Change) -> None:
        """Take into account what another plan wrote to a record and needs no taking back any more."""
        if change.verb in (Verb.UPDATE, Verb.COMPLETE, *_OF_SETS) and not self._is_child(change):
            self._record(change).changes.append(change)

    def changes(self) -> list[Change]:
        """What is to be done, in its order; without what goes with a contact that is deleted."""
        deleted = {change.target_id for change in self._made if change.verb is Verb.DELETE}
        found = [
            change
            for target, record in self._records.items()
            if target not in deleted
            for change in self._backs_of(record)
        ]
        ended = [change for change in self._ended.values() if change.target_id not in deleted]
        return [*found, *self._made, *ended]

    def _backs_of(self, record: _Record) -> Iterator[Change]:
        last = record.last
        if last is None:
            return
        backs = [one for one in record.fields.values() if not same(one.old, one.new)]
        others = [one for one in backs if not self._part_of(one)]
        fields = [one for one in others if self._can(one)]
        kept = [
            FieldChange(one.field, one.old, one.new, "HighLevel cannot empty it")
            for one in others
            if one not in fields
        ]
        if fields or kept:
            yield _back(last, Verb.UPDATE if fields else Verb.UNCHANGED, fields, kept)
        for part, members in record.sets.items():
            yield from _of_a_set(record, last, part, members)
        for one in backs:
            if part := self._part_of(one):
                yield _back(last, verb_of_part(self._stream.name, part), [one], part=part)

    def _part_of(self, one: FieldChange) -> str:
        declared = self._stream.field(one.field)
        return declared.part if declared is not None else ""

    def _can(self, back: FieldChange) -> bool:
        declared = self._stream.field(back.field)
        return back.new not in _EMPTY or (declared is not None and declared.clearable)

    def _record(self, change: Change) -> _Record:
        return self._records.setdefault(change.target_id, _Record())

    def _create(self, change: Change) -> Change:
        why = _not_ours(change) or ("" if self._delete else _ON_REQUEST)
        if why:
            return _left(change, FieldChange("id", change.target_id, None, why))
        told = [
            FieldChange(one.field, one.new, None, _MADE)
            for one in change.effect
            if (declared := self._stream.field(one.field)) is not None
            and declared.mirror
            and not declared.is_set
        ]
        back = _back(change, Verb.DELETE, told)
        later = self._record(change).changes[::-1]
        if "made" in change.result:
            back.result["made"] = self._since(change.result["made"], later)
        else:  # a program before did not keep it
            back.result |= {"made": self._since({}, [change, *later]), "as_sent": True}
        return back

    def _since(self, made: dict[str, Any], later: list[Change]) -> dict[str, Any]:
        """What a record holds by now, if nobody but these plans has worked on it.

        What a plan replaced and had not written was somebody's: where it has come back since, that is no work
        of these plans.
        """
        expected = _Expected(self._spec, made)
        for change in later:
            if change.verb in _OF_SETS:
                expected.move(change)
            else:
                for one in change.effect:
                    expected.write(one)
        return expected.content

    def _child(self, change: Change) -> Change:
        """What takes back what was made to hang on a record: a note, a task."""
        is_lost = not _is_membership(change)  # what ends and has no content loses none
        why = _not_ours(change) or (_ON_REQUEST if is_lost and not self._delete else "")
        if why:
            return self._left_standing(change, why)
        told = [FieldChange(one.field, one.new, None, _MADE) for one in change.fields]
        back = _back(change, Verb.DELETE, told)
        back.result |= {name: change.result[name] for name in _OF_CHILDREN if name in change.result}
        return back

    def _left_standing(self, change: Change, why: str) -> Change:
        """That what was done to something that hangs on a record is not taken back."""
        kept = [FieldChange(one.field, one.new, one.old, why) for one in change.fields]
        left = _back(change, Verb.UNCHANGED, [], kept)
        left.stream, left.target_id, left.parent_id = self._stream.name, change.parent_id, ""
        return left


_OF_SETS = (Verb.ADD, Verb.REMOVE)
_OF_CHILDREN = ("made", "came_with")
"""What the change that takes back something that hangs on a record knows of how it was made."""


def _is_membership(change: Change) -> bool:
    return target_of(change.stream).membership is not None


def _parts(change: Change, one: FieldChange) -> list[FieldChange]:
    """A field by the parts into which it was split, where they are known: a whole name by first and last."""
    parts: dict[str, list[Json]] = change.result.get("parts", {}).get(one.field, {})
    return [FieldChange(name, old, new, one.why) for name, (old, new) in parts.items()] or [one]


def _take_back(record: _Record, one: FieldChange) -> None:
    """Lead a field back to what it held before this change, too, where nobody changed it in between."""
    later = record.fields.get(one.field)
    if later is None:
        record.fields[one.field] = FieldChange(one.field, one.new, one.old, "as it was")
    elif same(later.new, one.new):
        record.fields[one.field] = FieldChange(one.field, later.old, one.old, "as it was")


def _of_a_set(
    record: _Record, last: Change, part: str, members: dict[str, tuple[Verb, Verb]]
) -> Iterator[Change]:
    """What was given is removed, and what was removed is given again; not what came to nothing."""
    given = [name for name, done in members.items() if done == (Verb.ADD, Verb.ADD)]
    taken = [name for name, done in members.items() if done == (Verb.REMOVE, Verb.REMOVE)]
    moved = [one for one in record.changes if one.verb in _OF_SETS and one.part == part]
    held = [name for name in (moved[0].fields[0].new or [] if moved else []) if name not in taken]
    held += [name for name in given if name not in held]
    if taken:
        told = f"add {', '.join(taken)} again"
        yield _back(last, Verb.ADD, [FieldChange(part, held, [*held, *taken], told)], part=part)
        held = [*held, *taken]
    if given:
        rest = [name for name in held if name not in given]
        told = f"remove {', '.join(given)} again"
        yield _back(last, Verb.REMOVE, [FieldChange(part, held, rest, told)], part=part)


def _not_ours(change: Change) -> str:
    """Why something that is there now is not to be deleted; empty for what we have made ourselves."""
    if change.result.get("edited"):
        return _EDITED
    return {None: "", True: _THERE_BEFORE}.get(change.result.get("adopted"), _PERHAPS)


def _left(change: Change, kept: FieldChange) -> Change:
    return _back(change, Verb.UNCHANGED, [], [kept])


def _back(
    change: Change,
    verb: Verb,
    fields: list[FieldChange],
    kept: list[FieldChange] | None = None,
    *,
    part: str = "",
) -> Change:
    return Change(
        change.stream,
        verb,
        change.record_id,
        part,
        change.target_id,
        change.parent_id,
        change.label,
        fields,
        kept or [],
        f"undoes change {change.n} of plan {change.plan_id}",
    )
