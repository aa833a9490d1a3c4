"""The inverse of plans that belong together: what they did, backwards, from the old values that they kept.

Itself a plan: shown first, applied exactly. What somebody has changed since is left and told; so is what
HighLevel cannot take back (a custom field, a country: they take no empty value).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tasks.core.batch import Json
from tasks.core.change import Change, FieldChange, Kind
from tasks.hub.provenance import same
from tasks.hub.spec import PlanSpec
from tasks.streams import Way, content

_EMPTY: tuple[Json, ...] = (None, "", [])
_MADE = "made by the plan"
_ON_REQUEST = "made by the plan; deleted only on request (delete created)"
_THERE_BEFORE = "it was there before"
_PERHAPS = "it may have been there before: HighLevel does not tell when it was made"
_EDITED = "somebody had edited it before it was known to be made"


@dataclass(slots=True)
class _Contact:
    """What takes back everything that was done to one contact.

    Args:
        last: The last change that is taken back: whom it is about.
        fields: By field, the way back.
        tags: By name, what was done to it first, and last.
        changes: All of them, the last one first.
    """

    last: Change | None = None
    fields: dict[str, FieldChange] = field(default_factory=dict)
    tags: dict[str, tuple[Kind, Kind]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


class Inverse:
    """What takes plans back.

    Args:
        spec: Theirs.
        delete_created: Whether contacts, notes and tasks that they made are deleted.
    """

    def __init__(self, spec: PlanSpec, *, delete_created: bool) -> None:
        self._custom = spec.custom
        self._stream = spec.stream
        self._delete = delete_created
        self._contacts: dict[str, _Contact] = {}
        self._made: list[Change] = []
        self._gone: set[str] = set()

    def add(self, change: Change) -> None:
        """Add what takes one change back, from the last one to the first.

        What took these plans back before counts as well: then nothing is left to do, and what a person
        has done since is not undone.
        """
        if change.kind in _DELETING:
            self._gone.add(change.result.get("id", ""))
        elif self._gone & {change.result.get("id", change.target_id), change.target_id}:
            return
        elif change.kind is Kind.CREATE:
            self._made.append(self._create(change))
        elif change.kind in _ACTIVITIES:
            self._made.append(self._activity(change))
        else:
            self._of_contact(change)

    def _of_contact(self, change: Change) -> None:
        contact = self._contact(change)
        contact.last = contact.last or change
        contact.changes.append(change)
        if change.kind in (Kind.TAG_ADD, Kind.TAG_REMOVE):
            for name in change.result.get("tags", ()):
                contact.tags[name] = (change.kind, contact.tags.get(name, (change.kind, change.kind))[1])
            return
        for one in change.effect:
            for part in _parts(change, one):
                _take_back(contact, part)

    def know(self, change: Change) -> None:
        """Take into account what another plan wrote to a contact and needs no taking back any more."""
        if change.kind in _TO_A_CONTACT:
            self._contact(change).changes.append(change)

    def changes(self) -> list[Change]:
        """What is to be done, in its order; without what goes with a contact that is deleted."""
        deleted = {change.target_id for change in self._made if change.kind is Kind.DELETE}
        found = [
            change
            for target, contact in self._contacts.items()
            if target not in deleted
            for change in self._backs_of(contact)
        ]
        return [*found, *self._made]

    def _backs_of(self, contact: _Contact) -> Iterator[Change]:
        last = contact.last
        if last is None:
            return
        backs = [one for one in contact.fields.values() if not same(one.old, one.new)]
        business = [one for one in backs if one.field == "business"]
        others = [one for one in backs if one.field != "business"]
        fields = [one for one in others if self._can(one)]
        kept = [
            FieldChange(one.field, one.old, one.new, "HighLevel cannot empty it")
            for one in others
            if one not in fields
        ]
        if fields or kept:
            yield _back(last, Kind.UPDATE if fields else Kind.UNCHANGED, fields, kept)
        yield from _of_tags(contact, last)
        if business:
            yield _back(last, Kind.LINK_BUSINESS, business)

    def _can(self, back: FieldChange) -> bool:
        declared = self._stream.field(back.field)
        return back.new not in _EMPTY or (declared is not None and declared.clearable)

    def _contact(self, change: Change) -> _Contact:
        return self._contacts.setdefault(change.target_id, _Contact())

    def _create(self, change: Change) -> Change:
        why = _not_ours(change) or ("" if self._delete else _ON_REQUEST)
        if why:
            return _left(change, FieldChange("id", change.target_id, None, why))
        told = [
            FieldChange(one.field, one.new, None, _MADE)
            for one in change.effect
            if (declared := self._stream.field(one.field)) is not None
            and declared.mirror
            and declared.way is not Way.TAGS
        ]
        back = _back(change, Kind.DELETE, told)
        later = self._contact(change).changes[::-1]
        if "made" in change.result:
            back.result["made"] = self._since(change.result["made"], later)
        else:  # a program before did not keep it
            back.result |= {"made": self._since({}, [change, *later]), "as_sent": True}
        return back

    def _since(self, made: dict[str, Any], later: list[Change]) -> dict[str, Any]:
        """What a contact holds by now, if nobody but these plans has worked on it."""
        for change in later:
            if change.kind in (Kind.TAG_ADD, Kind.TAG_REMOVE):
                names, held = change.result.get("tags", []), made.get("tags") or []
                kept = [tag for tag in held if tag not in names]
                after = sorted([*kept, *names]) if change.kind is Kind.TAG_ADD else kept
                made = content.written(made, "tags", after, self._custom)
                continue
            for one in change.effect:
                made = content.written(made, one.field, one.new, self._custom)
        return made

    def _activity(self, change: Change) -> Change:
        one = change.fields[0]
        why = _not_ours(change) or ("" if self._delete else _ON_REQUEST)
        if why:
            return _left(change, FieldChange(one.field, one.new, None, why))
        back = _back(change, _ACTIVITIES[change.kind], [FieldChange(one.field, one.new, None, _MADE)])
        if "made" in change.result:
            back.result["made"] = change.result["made"]
        return back


_ACTIVITIES = {Kind.CREATE_NOTE: Kind.DELETE_NOTE, Kind.CREATE_TASK: Kind.DELETE_TASK}
_TO_A_CONTACT = (Kind.UPDATE, Kind.TAG_ADD, Kind.TAG_REMOVE, Kind.LINK_BUSINESS)
_DELETING = (Kind.DELETE, *_ACTIVITIES.values())


def _parts(change: Change, one: FieldChange) -> list[FieldChange]:
    """A field by the parts into which it was split, where they are known: a whole name by first and last."""
    parts: dict[str, list[Json]] = change.result.get("parts", {}).get(one.field, {})
    return [FieldChange(name, old, new, one.why) for name, (old, new) in parts.items()] or [one]


def _take_back(contact: _Contact, one: FieldChange) -> None:
    """Lead a field back to what it held before this change, too, where nobody changed it in between."""
    later = contact.fields.get(one.field)
    if later is None:
        contact.fields[one.field] = FieldChange(one.field, one.new, one.old, "as it was")
    elif same(later.new, one.new):
        contact.fields[one.field] = FieldChange(one.field, later.old, one.old, "as it was")


def _of_tags(contact: _Contact, last: Change) -> Iterator[Change]:
    """What was given is removed, and what was removed is given again; not what came to nothing."""
    given = [name for name, way in contact.tags.items() if way == (Kind.TAG_ADD, Kind.TAG_ADD)]
    taken = [name for name, way in contact.tags.items() if way == (Kind.TAG_REMOVE, Kind.TAG_REMOVE)]
    tagged = [one for one in contact.changes if one.kind in (Kind.TAG_ADD, Kind.TAG_REMOVE)]
    held = [name for name in (tagged[0].fields[0].new or [] if tagged else []) if name not in taken]
    held += [name for name in given if name not in held]
    if taken:
        told = f"add {', '.join(taken)} again"
        yield _back(last, Kind.TAG_ADD, [FieldChange("tags", held, [*held, *taken], told)])
        held = [*held, *taken]
    if given:
        rest = [name for name in held if name not in given]
        told = f"remove {', '.join(given)} again"
        yield _back(last, Kind.TAG_REMOVE, [FieldChange("tags", held, rest, told)])


def _not_ours(change: Change) -> str:
    """Why something that is there now is not to be deleted; empty for what we have made ourselves."""
    if change.result.get("edited"):
        return _EDITED
    return {None: "", True: _THERE_BEFORE}.get(change.result.get("adopted"), _PERHAPS)


def _left(change: Change, kept: FieldChange) -> Change:
    return _back(change, Kind.UNCHANGED, [], [kept])


def _back(
    change: Change, kind: Kind, fields: list[FieldChange], kept: list[FieldChange] | None = None
) -> Change:
    why = f"undoes change {change.n} of plan {change.plan_id}"
    made = Change(kind, change.record_id, change.target_id, change.label, fields, kept or [], why)
    if "id" in change.result:
        made.result = {"id": change.result["id"]}
    return made
