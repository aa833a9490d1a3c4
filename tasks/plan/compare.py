"""Field by field: what a record wants against what its contact has, under each field's policy.

Both sides are normalised already: the wanted row by its mapping, the contact by the mirror's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tasks.core.batch import Json, Row
from tasks.core.change import FieldChange, plain
from tasks.hub.aliases import is_further
from tasks.hub.provenance import SINCE, Origin
from tasks.hub.spec import FieldRule, PlanSpec
from tasks.plan.keys import mean_the_same
from tasks.plan.policy import Case, Source, Verdict, decide
from tasks.streams import Policy

Origins: TypeAlias = Mapping[str, Origin]

Difference: TypeAlias = tuple[FieldRule, Json, Json]
"""A field, what is there and what is wanted, as plain values."""


@dataclass(frozen=True, slots=True)
class Members:
    """What a set that a record has is to gain and to lose.

    Args:
        part: The part of the record, e.g. ``tags``.
        before: What it has.
    """

    part: str
    before: list[str]
    missing: list[str]
    extra: list[str]


@dataclass(slots=True)
class Comparison:
    """What differs, by how it is written.

    Args:
        update: Fields of the record itself.
        sets: Sets of which single members are added and removed.
        parts: Fields that an operation of their own writes, by part.
        kept: Fields that differ and stay.
    """

    update: list[FieldChange] = field(default_factory=list)
    sets: list[Members] = field(default_factory=list)
    parts: dict[str, FieldChange] = field(default_factory=dict)
    kept: list[FieldChange] = field(default_factory=list)

    def take(self, part: str, held: list[str], members: list[str]) -> None:
        """Take members from a set that has them, whatever else becomes of it."""
        of_part = next((one for one in self.sets if one.part == part), None)
        if of_part is None:
            of_part = Members(part, held, [], [])
            self.sets.append(of_part)
        of_part.extra.extend(one for one in members if one in held and one not in of_part.extra)


class Comparer:
    """Compares as a plan's spec says."""

    def __init__(self, spec: PlanSpec) -> None:
        self._spec = spec
        self._rules = [
            (rule, rule.name, rule.declared.mirror, rule.custom_id)
            for rule in spec.rules(lambda field: field.is_compared and not field.takes_from)
        ]
        self._taking = spec.rules(lambda field: bool(field.takes_from))

    def source(self, wanted: Row, name: str) -> Source:
        """Where a field's word comes from, and how old it is."""
        spec = self._spec
        return Source(spec.source, spec.age_of(wanted, name), yields=spec.yields(wanted, name))

    def differing(self, wanted: Row, current: Row) -> list[Difference]:
        """The fields whose values are not the same to the letter; for most records none."""
        found = []
        for rule, name, column, custom_id in self._rules:
            value = wanted.get(name)
            if value is None:
                continue
            held = rule.declared.told(current.get(column))
            if custom_id:
                held = (held or {}).get(custom_id)
            if value != held:
                found.append((rule, plain(held), plain(value)))
        for rule in self._taking:
            held = current.get(rule.declared.mirror) or []
            if any(member in held for member in self._taken(rule, wanted.get(rule.name))):
                found.append((rule, plain(held), plain(wanted[rule.name])))
        return found

    def _taken(self, rule: FieldRule, named: Json) -> list[str]:
        """The members that a field names to be taken from a set, as the set spells them."""
        return self._spec.stream.fields[rule.declared.takes_from].spelt(named) or []

    def judge(
        self, differing: Sequence[Difference], wanted: Row, current: Row, origins: Origins
    ) -> Comparison:
        """What is to change of fields that differ."""
        found = Comparison()
        since = origins[SINCE].at if SINCE in origins else current.get("date_updated")
        for rule, old, new in differing:
            declared = rule.declared
            if declared.takes_from:
                found.take(declared.takes_from, old, self._taken(rule, new))
                continue
            if not declared.is_set and mean_the_same(self._spec, rule.name, old, new):
                continue
            if declared.only_lost_zeros(old, new):
                continue
            if is_further(self._spec.mirror, current, rule.declared.mirror, new):
                why = "it is a further address of it"
                found.kept.append(FieldChange(rule.name, old, new, why))
                continue
            source = self.source(wanted, rule.name)
            verdict = decide(rule.policy, Case(old, new, origins.get(rule.origin), since, source))
            if declared.is_set:
                _members(found, rule, old or [], new, verdict)
                continue
            change = FieldChange(rule.name, old, new, verdict.why)
            if not verdict.write:
                found.kept.append(change)
            elif declared.part:
                found.parts[declared.part] = change
            else:
                found.update.append(change)
        return found


def _members(
    found: Comparison, rule: FieldRule, held: list[str], wanted: list[str], verdict: Verdict
) -> None:
    wished: list[str] = rule.declared.spelt(wanted)
    missing = [member for member in wished if member not in held]
    extra = [] if rule.policy is Policy.ADD else [member for member in held if member not in wished]
    if not missing and not extra:
        return
    if not verdict.write:
        found.kept.append(FieldChange(rule.name, held, wished, verdict.why))
        return
    found.sets.append(Members(rule.declared.part, held, missing, extra))
