"""From a record, its counterpart and what differs to changes: what is to become of one record.

Every record comes to exactly one of: something planned, unchanged, left for review, rejected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tasks.core.batch import Json, Reason, Row
from tasks.core.change import Change, FieldChange, Kind, plain
from tasks.hub.provenance import Origin
from tasks.hub.reviews import Candidate, Review
from tasks.hub.spec import FieldRule, PlanSpec, activity_id
from tasks.plan.businesses import Businesses
from tasks.plan.claims import Came
from tasks.plan.compare import Comparer, Comparison, Difference
from tasks.plan.match import Match
from tasks.streams import Way

KEPT_SHOWN = 200
"""Records that are unchanged but for what a policy kept: so many are noted for the preview."""

CANDIDATES = 50
"""Contacts that a review lists; a key may be shared by thousands."""


@dataclass(slots=True)
class Known:
    """What the hub knows about a batch's counterparts.

    Args:
        current: The contacts' rows in the mirror.
        origins: Where their values come from, of contacts that differ.
        made: What notes and tasks were made already, by activity id.
    """

    current: dict[str, Row] = field(default_factory=dict)
    origins: dict[str, dict[str, Origin]] = field(default_factory=dict)
    made: dict[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """One record on its way into the plan.

    Args:
        label: Which record it is, for people.
        asked: The mapped row with its business's id for its name.
        unknown: What of it cannot be told apart, and is kept.
        differing: Fields that are not the same to the letter.
        reasons: Why HighLevel would refuse it.
    """

    row: Row
    raw: str
    match: Match
    label: str
    asked: Row
    unknown: Sequence[FieldChange] = ()
    differing: Sequence[Difference] = ()
    changes: list[Change] = field(default_factory=list)
    review: Review | None = None
    reasons: Sequence[Reason] = ()

    @property
    def came(self) -> Came:
        """What the record came to."""
        if self.reasons:
            return Came.REJECTED
        if any(change.kind is not Kind.UNCHANGED for change in self.changes):
            return Came.PLANNED
        return Came.UNCHANGED


class Drafter:
    """Drafts changes as a plan's spec says.

    Args:
        businesses: The location's.
    """

    def __init__(self, spec: PlanSpec, businesses: Businesses) -> None:
        self._spec = spec
        self._comparer = Comparer(spec)
        self._businesses = businesses
        self._made_of = spec.rules(Way.UPDATE, Way.CREATE, Way.UPSERT, Way.TAGS)
        self._kept_shown = 0

    def begin(self, row: Row, raw: str, match: Match) -> Draft:
        """A draft of a record whose counterpart was looked up."""
        label, name = self._spec.label(row), row.get("business")
        if name is None:
            return Draft(row, raw, match, label, row)
        ids = self._businesses.find(name)
        if len(ids) == 1:
            return Draft(row, raw, match, label, {**row, "business": ids[0]})
        why = "several businesses are called so" if ids else "there is no such business"
        unknown = [FieldChange("business", None, name, why)]
        return Draft(row, raw, match, label, {**row, "business": None}, unknown)

    def compare(self, draft: Draft, known: Known) -> bool:
        """Look for what differs; whether anything does."""
        current = known.current.get(draft.match.target_id, {})
        draft.differing = self._comparer.differing(draft.asked, current)
        return bool(draft.differing)

    def conflict(self, draft: Draft, why: str, known: Known) -> None:
        """Leave the record for a person."""
        match, row, label = draft.match, draft.row, draft.label
        found: dict[str, list[str]] = {}
        if match.target_id:
            found[match.target_id] = [match.why]
        else:
            for hit in match.hits:
                for id_ in hit.ids[:CANDIDATES]:
                    found.setdefault(id_, []).append(hit.label)
        candidates = tuple(
            Candidate(id_, self._spec.label_of_mirrored(known.current.get(id_, {"id": id_})), ", ".join(by))
            for id_, by in found.items()
        )
        draft.review = Review(row["id"], label, why, candidates, row)
        draft.changes = [Change(Kind.CONFLICT, row["id"], label=label, why=why)]

    def create(self, draft: Draft, taken: Mapping[str, str], known: Known) -> None:
        """Make a contact of the record.

        Args:
            taken: Keys that it cannot have because another has them, and why.
        """
        row, id_, label = draft.asked, draft.row["id"], draft.label
        fields = [
            FieldChange(rule.name, None, _as_spelt(rule, row[rule.name]), "new contact")
            for rule in self._made_of
            if row.get(rule.name) is not None and rule.name not in taken
        ]
        kept = [FieldChange(key, None, plain(row[key]), why) for key, why in taken.items()]
        kept += draft.unknown
        draft.changes = [Change(Kind.CREATE, id_, "", label, fields, kept, draft.match.why, wanted=row)]
        if row.get("business") is not None:
            change = FieldChange("business", None, row["business"], "new contact")
            draft.changes.append(_change(Kind.LINK_BUSINESS, draft, [change], why="business", wanted=row))
        draft.changes += self._activities(draft, known)

    def update(self, draft: Draft, known: Known) -> None:
        """Bring the record's contact up to it."""
        match, id_ = draft.match, draft.match.target_id
        compared = Comparison()
        if draft.differing:
            origins = known.origins.get(id_, {})
            compared = self._comparer.judge(draft.differing, draft.asked, known.current[id_], origins)
        kept = [*compared.kept, *draft.unknown]
        changes = _changes(draft, compared)
        show_kept = bool(kept) and self._kept_shown < KEPT_SHOWN
        if not changes and (show_kept or not match.linked):
            changes.append(_change(Kind.UNCHANGED, draft, []))
            self._kept_shown += show_kept
        if changes:
            changes[0].kept = kept
        draft.changes = [*changes, *self._activities(draft, known)]

    def trace(self, draft: Draft) -> None:
        """Leave a trace of a record that comes to nothing."""
        if not draft.changes and draft.match.target_id:
            draft.changes = [_change(Kind.UNCHANGED, draft, [])]

    def _activities(self, draft: Draft, known: Known) -> list[Change]:
        """A note and a task that the contact does not have from this record yet.

        A contact that is there and was not linked may have them from before this hub: they are looked for.
        """
        unknown = bool(draft.match.target_id) and not draft.match.linked
        return [
            replace(
                _change(kind, draft, [FieldChange(name, None, plain(value), "new")], why="new"),
                look_first=unknown,
            )
            for name, kind in (("note", Kind.CREATE_NOTE), ("task", Kind.CREATE_TASK))
            if (value := draft.asked.get(name)) is not None
            and activity_id(draft.row["id"], value) not in known.made.get(name, {})
        ]


def _as_spelt(rule: FieldRule, value: Any) -> Json:
    """A value as HighLevel will tell it: tags come back in lower case."""
    if rule.declared.way is Way.TAGS:
        return list(dict.fromkeys(tag.strip().lower() for tag in value))
    return plain(value)


def _changes(draft: Draft, compared: Comparison) -> list[Change]:
    parts: list[tuple[Kind, list[FieldChange]]] = []
    if compared.update:
        parts.append((Kind.UPDATE, compared.update))
    before: list[str] = compared.tags_before
    if compared.add_tags:
        after = [*before, *compared.add_tags]
        told = f"add {', '.join(compared.add_tags)}"
        parts.append((Kind.TAG_ADD, [FieldChange("tags", before, after, told)]))
        before = after  # what a removal finds
    if compared.remove_tags:
        after = [tag for tag in before if tag not in compared.remove_tags]
        told = f"remove {', '.join(compared.remove_tags)}"
        parts.append((Kind.TAG_REMOVE, [FieldChange("tags", before, after, told)]))
    if compared.business:
        parts.append((Kind.LINK_BUSINESS, [compared.business]))
    return [_change(kind, draft, fields, wanted=draft.asked) for kind, fields in parts]


def _change(
    kind: Kind,
    draft: Draft,
    fields: list[FieldChange],
    *,
    kept: Sequence[FieldChange] = (),
    why: str = "",
    wanted: Row | None = None,
) -> Change:
    return Change(
        kind,
        draft.row["id"],
        draft.match.target_id,
        draft.label,
        fields,
        list(kept),
        why or draft.match.why,
        wanted=wanted,
    )
