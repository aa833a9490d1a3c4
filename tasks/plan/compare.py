"""Field by field: what a record wants against what its contact has, under each field's policy.

Both sides are normalised already: the wanted row by its mapping, the contact by the mirror's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.batch import Json, Row
from tasks.change import FieldChange, plain
from tasks.hub.provenance import Origin, same
from tasks.mapping import Policy
from tasks.plan.policy import Case, Source, Verdict, decide
from tasks.plan_spec import FieldRule, PlanSpec
from tasks.streams import Way

Origins = Mapping[str, Origin]


@dataclass(slots=True)
class Comparison:
    """What differs, by how it is written.

    Args:
        update: Fields of the contact itself.
        business: The business to link, old and new.
        kept: Fields that differ and stay.
    """

    update: list[FieldChange] = field(default_factory=list)
    add_tags: list[str] = field(default_factory=list)
    remove_tags: list[str] = field(default_factory=list)
    tags_before: list[str] = field(default_factory=list)
    business: FieldChange | None = None
    kept: list[FieldChange] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.update or self.add_tags or self.remove_tags or self.business)


class Comparer:
    """Compares as a plan's spec says."""

    def __init__(self, spec: PlanSpec) -> None:
        self._spec = spec
        self._rules = [
            (rule, rule.name, rule.declared.mirror, rule.custom_id)
            for rule in spec.rules(Way.UPDATE, Way.UPSERT, Way.CREATE, Way.TAGS, Way.BUSINESS)
        ]

    def source(self, wanted: Row) -> Source:
        """Where a record's word comes from, and how old it is."""
        return Source(self._spec.source, wanted.get("asOf") or self._spec.as_of)

    def compare(self, wanted: Row, current: Row, origins: Origins) -> Comparison:
        """What is to change of a contact.

        Args:
            wanted: The mapped row; a field without a value asks for nothing.
            current: The contact's row in the mirror.
        """
        found = Comparison()
        for rule, name, column, custom_id in self._rules:
            value = wanted.get(name)
            if value is None:
                continue
            held = _held(current, column, custom_id)
            if value == held:
                continue
            self._differ(found, rule, (plain(value), plain(held)), wanted, current, origins)
        return found

    def _differ(
        self,
        found: Comparison,
        rule: FieldRule,
        values: tuple[Json, Json],
        wanted: Row,
        current: Row,
        origins: Origins,
    ) -> None:
        new, old = values
        way = rule.declared.way
        if way is not Way.TAGS and _equal(rule.name, old, new):
            return
        if way is Way.CREATE:
            return  # HighLevel does not tell such a field, and takes it for new contacts alone
        case = Case(old, new, origins.get(rule.origin), current.get("date_updated"), self.source(wanted))
        verdict = decide(rule.policy, case)
        if way is Way.TAGS:
            _tags(found, rule, old or [], new, verdict)
            return
        change = FieldChange(rule.name, old, new, verdict.why)
        if not verdict.write:
            found.kept.append(change)
        elif way is Way.BUSINESS:
            found.business = change
        else:
            found.update.append(change)


def _tags(found: Comparison, rule: FieldRule, held: list[str], wanted: list[str], verdict: Verdict) -> None:
    wished = list(dict.fromkeys(tag.strip().lower() for tag in wanted))
    missing = [tag for tag in wished if tag not in held]
    extra = [] if rule.policy is Policy.ADD else [tag for tag in held if tag not in wished]
    if not missing and not extra:
        return
    if not verdict.write:
        found.kept.append(FieldChange(rule.name, held, wished, verdict.why))
        return
    found.add_tags, found.remove_tags, found.tags_before = missing, extra, held


def _held(current: Row, column: str, custom_id: str) -> Any:
    if custom_id:
        return (current.get(column) or {}).get(custom_id)
    return current.get(column)


def _equal(name: str, old: Json, new: Json) -> bool:
    if name == "name" and isinstance(old, str) and isinstance(new, str):
        return old.casefold() == new.casefold()  # HighLevel splits it, and puts it together again
    return same(old, new)
