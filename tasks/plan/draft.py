"""From a record, its counterpart and what differs to changes: what is to become of one record.

Every record comes to exactly one of: something planned, unchanged, left for review, rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.core.batch import BECAUSE, Reason, Row
from tasks.core.change import Change, FieldChange, Verb, plain
from tasks.hub.provenance import Origin
from tasks.hub.reviews import Candidate, Review
from tasks.hub.spec import FieldRule, PlanSpec
from tasks.plan.children import Made, due
from tasks.plan.claims import Came
from tasks.plan.compare import Comparer, Comparison, Difference, Members
from tasks.plan.keys import PARENT
from tasks.plan.match import CANDIDATES, Match
from tasks.plan.references import References
from tasks.streams import (
    CONTENT,
    OPERATIONS,
    called,
    mirror_of,
    target_of,
    verb_of_part,
)

KEPT_SHOWN = 200
"""Records that are unchanged but for what a policy kept: so many are noted for the preview."""


@dataclass(slots=True)
class Known:
    """What the hub knows about a batch's counterparts.

    Args:
        current: The contacts' rows in the mirror.
        origins: Where their values come from, of contacts that differ.
        made: What was made already of what hangs on them.
    """

    current: dict[str, Row] = field(default_factory=dict)
    origins: dict[str, dict[str, Origin]] = field(default_factory=dict)
    made: Made = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """One record on its way into the plan.

    Args:
        asked: The mapped row, with ids of other records for what they are called.
        unknown: What of it cannot be told apart, and is kept.
        differing: Fields that are not the same to the letter.
        reasons: Why HighLevel would refuse it.
        left_over: Whether it has an address that its counterpart does not get.
        parent_id: What its counterpart hangs on; empty where that is not known.
    """

    row: Row
    raw: str
    match: Match
    asked: Row
    unknown: Sequence[FieldChange] = ()
    differing: Sequence[Difference] = ()
    changes: list[Change] = field(default_factory=list)
    review: Review | None = None
    reasons: Sequence[Reason] = ()
    left_over: bool = False
    parent_id: str = ""

    @property
    def came(self) -> Came:
        """What the record came to."""
        if self.reasons:
            return Came.REJECTED
        if any(change.verb is not Verb.UNCHANGED for change in self.changes):
            return Came.PLANNED
        return Came.UNCHANGED


class Drafter:
    """Drafts changes as a plan's spec says.

    Args:
        references: The records that others may name, by their stream.
    """

    def __init__(self, spec: PlanSpec, references: Mapping[str, References]) -> None:
        self._spec = spec
        self._comparer = Comparer(spec)
        self._references = references
        self._referring = spec.rules(lambda field: bool(field.refers_to))
        self._made_of = spec.rules(lambda field: field.is_made_with)
        self._made_after = spec.rules(lambda field: bool(field.part) and not field.is_made_with)
        self._parent_column = mirror_of(spec.target)[1].parent
        self._looks_first = CONTENT in spec.match and mirror_of(spec.target)[1].by_parent
        self._kept_shown = 0

    def begin(self, row: Row, raw: str, match: Match) -> Draft:
        """A draft of a record whose counterpart was looked up."""
        asked, unknown = row, []
        for rule in self._referring:
            if (name := row.get(rule.name)) is None:
                continue
            ids = self._references[rule.declared.refers_to].find(name)
            asked = {**asked, rule.name: ids[0] if len(ids) == 1 else None}
            if len(ids) != 1:
                unknown.append(FieldChange(rule.name, None, name, _why_unknown(rule, ids)))
        return Draft(row, raw, match, asked, unknown)

    def compare(self, draft: Draft, known: Known) -> bool:
        """Look for what differs; whether anything does."""
        current = known.current.get(draft.match.target_id, {})
        draft.parent_id = current.get(self._parent_column) or ""
        draft.differing = self._comparer.differing(draft.asked, current)
        return bool(draft.differing)

    def conflict(self, draft: Draft, why: str, known: Known) -> None:
        """Leave the record for a person."""
        match, row, label = draft.match, draft.row, self._spec.label(draft.row)
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
        draft.changes = [Change(self._spec.target, Verb.CONFLICT, row["id"], label=label, why=why)]

    def create(self, draft: Draft, taken: Mapping[str, str], known: Known) -> None:
        """Make a new record of it.

        Args:
            taken: Keys that it cannot have because another has them, and why.
        """
        row, why = draft.asked, f"new {self._spec.called[0]}"
        fields = [
            FieldChange(rule.name, None, plain(rule.declared.spelt(row[rule.name])), why)
            for rule in self._made_of
            if row.get(rule.name) is not None and rule.name not in taken
        ]
        kept = [FieldChange(key, None, plain(row[key]), why) for key, why in taken.items()]
        draft.changes = [self._change(draft, Verb.CREATE, fields, kept=[*kept, *draft.unknown], wanted=row)]
        draft.changes[0].look_first = self._looks_first  # the hub may not know of one that is there
        draft.changes += [
            self._change(
                draft,
                Verb.UPDATE,
                [FieldChange(rule.name, None, row[rule.name], why)],
                part=rule.declared.part,
                why=rule.name,
                wanted=row,
            )
            for rule in self._made_after
            if row.get(rule.name) is not None
        ]
        draft.changes += self._children(draft, known)

    def update(self, draft: Draft, known: Known) -> None:
        """Bring the record's counterpart up to it."""
        match, id_ = draft.match, draft.match.target_id
        compared = Comparison()
        if draft.differing:
            origins = known.origins.get(id_, {})
            compared = self._comparer.judge(draft.differing, draft.asked, known.current[id_], origins)
        kept = [*compared.kept, *draft.unknown]
        draft.left_over = has_address(self._spec, compared.kept)
        changes = self._changes(draft, compared)
        show_kept = bool(kept) and self._kept_shown < KEPT_SHOWN
        if not changes and (show_kept or not match.linked):
            changes.append(self._change(draft, Verb.UNCHANGED, []))
            self._kept_shown += show_kept
        if changes:
            changes[0].kept = kept
        draft.changes = [*changes, *self._children(draft, known)]

    def trace(self, draft: Draft) -> None:
        """Leave a trace of a record that comes to nothing."""
        if not draft.changes and draft.match.target_id:
            draft.changes = [self._change(draft, Verb.UNCHANGED, [])]

    def _children(self, draft: Draft, known: Known) -> list[Change]:
        """What hangs on the counterpart and was not made of this record yet.

        A counterpart that is there and was not linked may have it from before this hub: it is looked for.
        """
        contact_id = draft.match.target_id
        look_first = bool(contact_id) and not draft.match.linked
        return [
            child.change(
                contact_id,
                self._spec.label(draft.row),
                look_first=look_first,
                cause=draft.row.get(BECAUSE, ""),
            )
            for child in due(self._spec, draft.asked, known.made, is_there=bool(contact_id))
        ]

    def _changes(self, draft: Draft, compared: Comparison) -> list[Change]:
        """What is to be written, in the order in which it is carried out."""
        found = [self._change(draft, Verb.UPDATE, compared.update)] if compared.update else []
        for one in compared.sets:
            found += self._of_a_set(draft, one)
        found += [
            self._change(draft, verb_of_part(self._spec.target, part), [one], part=part)
            for part, one in compared.parts.items()
        ]
        for change in found:
            change.wanted = draft.asked
        return sorted(found, key=lambda change: OPERATIONS[change.key].order)

    def _of_a_set(self, draft: Draft, one: Members) -> Iterator[Change]:
        before = one.before
        if one.missing:
            after = [*before, *one.missing]
            told = f"add {', '.join(one.missing)}"
            yield self._change(draft, Verb.ADD, [FieldChange(one.part, before, after, told)], part=one.part)
            before = after  # what a removal finds
        if one.extra:
            after = [member for member in before if member not in one.extra]
            told = f"remove {', '.join(one.extra)}"
            yield self._change(
                draft, Verb.REMOVE, [FieldChange(one.part, before, after, told)], part=one.part
            )

    def _change(
        self,
        draft: Draft,
        verb: Verb,
        fields: list[FieldChange],
        *,
        part: str = "",
        kept: Sequence[FieldChange] = (),
        why: str = "",
        wanted: Row | None = None,
    ) -> Change:
        return Change(
            self._spec.target,
            verb,
            draft.row["id"],
            part,
            draft.match.target_id,
            draft.parent_id or draft.row.get(PARENT, ""),
            label=self._spec.label(draft.row),
            fields=fields,
            kept=list(kept),
            why=why or draft.match.why,
            cause=draft.row.get(BECAUSE, ""),
            wanted=wanted,
        )


def has_address(spec: PlanSpec, kept: Sequence[FieldChange]) -> bool:
    """Whether an address is among what is kept."""
    return any(one.field in target_of(spec.target).address for one in kept)


def _why_unknown(rule: FieldRule, ids: Sequence[str]) -> str:
    one, many = called(rule.declared.refers_to)
    return f"several {many} are called so" if ids else f"there is no such {one}"
