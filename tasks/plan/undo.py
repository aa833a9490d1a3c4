"""The inverse of a plan: what it did, backwards, from the old values that it kept.

Itself a plan: shown first, applied exactly. What somebody has changed since is left and told; so is what
HighLevel cannot take back (a custom field, a country: they take no empty value).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.change import Change, FieldChange, Kind, State
from tasks.streams import HIGHLEVEL_CONTACT, Way


@dataclass(slots=True)
class Inverse:
    """What undoing comes to.

    Args:
        changes: In the order in which they are to be carried out.
    """

    changes: list[Change] = field(default_factory=list)

    def add(self, change: Change, *, delete_created: bool) -> None:
        """Add what takes one change back."""
        if change.state is State.DONE and change.kind in _WAYS:
            self.changes += _WAYS[change.kind](change, delete_created)


def _update(change: Change, _delete: bool) -> Iterator[Change]:
    untouched = {*change.result.get("dropped", ()), *change.result.get("left", ())}
    fields: list[FieldChange] = []
    kept: list[FieldChange] = []
    for one in change.fields:
        if one.field in untouched:
            continue
        declared = HIGHLEVEL_CONTACT.field(one.field)
        can = one.old not in (None, "", []) or (declared is not None and declared.clearable)
        back = FieldChange(one.field, one.new, one.old, "as it was" if can else "HighLevel cannot empty it")
        (fields if can else kept).append(back)
    kind = Kind.UPDATE if fields else Kind.UNCHANGED
    yield _back(change, kind, fields, kept)


def _create(change: Change, delete: bool) -> Iterator[Change]:
    told = [
        FieldChange(one.field, one.new, None, "made by the plan")
        for one in change.fields
        if one.field not in change.result.get("dropped", ())
        and (declared := HIGHLEVEL_CONTACT.field(one.field)) is not None
        and declared.mirror
        and declared.way is not Way.TAGS
    ]
    if change.result.get("adopted"):
        yield _back(
            change, Kind.UNCHANGED, [], [FieldChange("id", change.target_id, None, "it was there before")]
        )
    elif delete:
        yield _back(change, Kind.DELETE, told, [])
    else:
        why = "made by the plan; deleted only on request (delete created)"
        yield _back(change, Kind.UNCHANGED, [], [FieldChange("id", change.target_id, None, why)])


def _tags(change: Change, _delete: bool) -> Iterator[Change]:
    adding = change.kind is Kind.TAG_ADD
    changed = change.result.get("tags", [])
    if not changed:
        return
    after = list(change.fields[0].new or [])
    before = [tag for tag in after if tag not in changed] if adding else [*after, *changed]
    word = "remove" if adding else "add"
    fields = [FieldChange("tags", after, before, f"{word} {', '.join(changed)} again")]
    yield _back(change, Kind.TAG_REMOVE if adding else Kind.TAG_ADD, fields, [])


def _business(change: Change, _delete: bool) -> Iterator[Change]:
    one = change.fields[0]
    yield _back(change, Kind.LINK_BUSINESS, [FieldChange("business", one.new, one.old, "as it was")], [])


def _activity(change: Change, delete: bool) -> Iterator[Change]:
    one = change.fields[0]
    if not delete:
        why = "made by the plan; deleted only on request (delete created)"
        yield _back(change, Kind.UNCHANGED, [], [FieldChange(one.field, one.new, None, why)])
        return
    kind = Kind.DELETE_NOTE if change.kind is Kind.CREATE_NOTE else Kind.DELETE_TASK
    yield _back(change, kind, [FieldChange(one.field, one.new, None, "made by the plan")], [])


_WAYS = {
    Kind.CREATE: _create,
    Kind.UPDATE: _update,
    Kind.TAG_ADD: _tags,
    Kind.TAG_REMOVE: _tags,
    Kind.LINK_BUSINESS: _business,
    Kind.CREATE_NOTE: _activity,
    Kind.CREATE_TASK: _activity,
}
"""What takes a change of each kind back. What a plan deleted stays gone: HighLevel cannot revive it."""


def _back(change: Change, kind: Kind, fields: list[FieldChange], kept: list[FieldChange]) -> Change:
    made = Change(
        kind, change.record_id, change.target_id, change.label, fields, kept, f"undoes change {change.n}"
    )
    if "id" in change.result:
        made.result = {"id": change.result["id"]}
    return made


def settled(changes: list[Change]) -> list[Change]:
    """Without what goes with its contact: one that is deleted takes its tags and its business along."""
    deleted = {change.target_id for change in changes if change.kind is Kind.DELETE}
    gone_along = (Kind.UPDATE, Kind.TAG_ADD, Kind.TAG_REMOVE, Kind.LINK_BUSINESS)
    return [change for change in changes if change.kind not in gone_along or change.target_id not in deleted]
