"""How a plan was made: matching, fields and policies, kept with the plan.

A plan is carried out, and its records are planned again, by the rules of the time when it was made, not by
what a mapping file says later.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dict
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from tasks.core.batch import CALLED, canonical_json, fingerprint
from tasks.core.change import Change, Scope, Verb, plain
from tasks.core.days import as_day
from tasks.hub.provenance import same
from tasks.streams import (
    CUSTOM,
    DEFAULT_TARGET,
    STREAMS,
    Field,
    Operation,
    Policy,
    Stream,
    child_identity,
    child_value,
    operation_of,
    operations_of,
    target_of,
)

AGES = "_ages"
"""Under which name a row that was merged of several tells of which fields the word is older than the rest."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A field that a plan may write.

    Args:
        name: Target field, e.g. ``firstName`` or ``custom.<key>``.
        policy: What it may replace.
        custom_id: The custom field's id in the location; empty for a standard field.
        target: The stream that is written.
    """

    name: str
    policy: Policy
    custom_id: str = ""
    target: str = DEFAULT_TARGET

    @property
    def declared(self) -> Field:
        """The target stream's declaration."""
        found = STREAMS[self.target].field(self.name)
        if found is None:  # pragma: no cover - compiling a mapping refuses unknown fields
            raise KeyError(self.name)
        return found

    @property
    def origin(self) -> str:
        """What the field is called where its provenance is kept."""
        return f"{CUSTOM}{self.custom_id}" if self.custom_id else self.declared.mirror


@dataclass(frozen=True)
class PlanSpec:
    """Everything that decides what becomes of a record.

    Args:
        system: Whose ids the records have, e.g. ``file``: links are kept under it.
        source: The kind of system, by which its values have their priority: ``file``, ``hub``, ``lusha``.
        as_of: How old the source's word is, where a record does not say itself.
        match: Keys in order: ``link``, ``email``, ``phone``, ``custom.<key>``.
        custom: The location's custom fields that are used, key to id.
        records: The source stream that the records came from, e.g. ``file.contact``.
        now: When it was made, by the vendor's clock; None in plans of before it was kept.
        target: The stream that is written.
        mapping: The name of the mapping; empty in plans of before it was kept.
        keeps_hand_edits: Whether what a person edited stays where a record does not say how old its word is.
        suggests: Whether a new record that is called almost as one that is there waits for a person.
    """

    location_id: str
    system: str
    source: str
    as_of: datetime
    match: tuple[str, ...]
    fields: tuple[FieldRule, ...]
    custom: Dict[str, str]
    records: str = ""
    now: datetime | None = None
    target: str = DEFAULT_TARGET
    mapping: str = ""
    keeps_hand_edits: bool = False
    suggests: bool = False

    @cached_property
    def stream(self) -> Stream:
        """What is written."""
        return STREAMS[self.target]

    @cached_property
    def mirror(self) -> str:
        """The stream that mirrors what is written."""
        return target_of(self.target).mirror

    def held(self, row: Dict[str, Any], name: str) -> Any:
        """What a row of the mirror has for a target field; None for nothing, or where it cannot tell."""
        declared = self.stream.field(name)
        if declared is None or not declared.mirror:
            return None
        if name.startswith(CUSTOM):
            return plain((row.get(declared.mirror) or {}).get(self.custom[name.removeprefix(CUSTOM)]))
        return plain(declared.told(row.get(declared.mirror)))

    @cached_property
    def scope(self) -> Scope:
        """Where its links are."""
        return Scope(self.location_id, self.system, self.target)

    @cached_property
    def origins(self) -> Dict[str, str]:
        """The fields whose provenance is kept, and under which name."""
        return {rule.name: rule.origin for rule in self.fields if rule.origin}

    @cached_property
    def called(self) -> tuple[str, str]:
        """One of the records that are written, and many, for people."""
        return target_of(self.target).called

    @cached_property
    def labels(self) -> tuple[tuple[str, ...], ...]:
        """Columns of the mirror that tell people which record it is, the best first."""
        named = target_of(self.target).label
        return tuple(
            tuple(declared.mirror for field in fields if (declared := self.stream.field(field)) is not None)
            for fields in named
        )

    def label(self, wanted: Dict[str, Any]) -> str:
        """Which record a mapped row is about, for people."""
        if called := wanted.get(CALLED):
            return str(called)
        return label_of(self.target, wanted)

    def label_of_mirrored(self, row: Dict[str, Any]) -> str:
        """Which record a row of the mirror is, for people."""
        return _first_of(row, self.labels)

    def rules(self, chosen: Callable[[Field], bool]) -> list[FieldRule]:
        """The fields whose declaration is such."""
        return [rule for rule in self.fields if chosen(rule.declared)]

    @cached_property
    def children(self) -> list[tuple[str, str, Verb]]:
        """The fields that become records of their own: field, their stream, what is done to these."""
        return [
            (name, stream, self.stream.fields[name].child_verb)
            for name, stream in self.stream.children.items()
        ]

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """All that a plan may do, in the order in which it is carried out."""
        return operations_of(self.target)

    def same(self, name: str, one: Any, other: Any) -> bool:
        """Whether two values of a target field mean the same to the vendor."""
        declared = self.stream.field(name)
        if declared is not None and declared.folded:
            if declared.is_set:
                return set(declared.spelt(one) or ()) == set(declared.spelt(other) or ())
            if isinstance(one, str) and isinstance(other, str):
                return one.casefold() == other.casefold()
        if name.startswith(CUSTOM) and (day := as_day(one)) is not None:
            return day == as_day(other)
        return same(one, other)

    def is_rechecked(self, change: Change) -> bool:
        """Whether a record is looked at again right before a change of it, lest an edit is overwritten.

        What is only added to a set, or taken from it by name, replaces nothing.
        """
        operation = operation_of(change)
        of_part = self.rules(
            lambda field: bool(operation.part) and operation.part in (field.part, field.takes_from)
        )
        by_name = [rule.policy is Policy.ADD or bool(rule.declared.takes_from) for rule in of_part]
        return operation.rechecked and not (by_name and all(by_name))

    def age_of(self, wanted: Dict[str, Any], name: str = "") -> datetime:
        """How old a record's word is: as it says itself, unless that is in the future.

        A slip in a date would otherwise outdo every later edit in HighLevel.

        Args:
            name: The field that it is about, where records of several ages were merged.
        """
        said = self._said(wanted, name)
        if isinstance(said, str):
            said = datetime.fromisoformat(said)
        return self.as_of if said is None or said > (self.now or datetime.now(UTC)) else said

    def yields(self, wanted: Dict[str, Any], name: str) -> bool:
        """Whether a field's word gives way to what a person edited, because nobody knows how old it is."""
        return self.keeps_hand_edits and self._said(wanted, name) is None

    @staticmethod
    def _said(wanted: Dict[str, Any], name: str) -> Any:
        return wanted.get(AGES, {}).get(name) or wanted.get("asOf")

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        lists = {"match": list(self.match), "fields": list(map(asdict, self.fields))}
        moments = {"as_of": self.as_of.isoformat(), "now": self.now and self.now.isoformat()}
        return asdict(self) | lists | moments | {"custom": dict(self.custom)}

    @classmethod
    def read(cls, kept: Dict[str, Any]) -> PlanSpec:
        """From JSON."""
        target = kept.get("target", DEFAULT_TARGET)
        fields = tuple(
            FieldRule(**{**one, "policy": Policy(one["policy"]), "target": target}) for one in kept["fields"]
        )
        now = datetime.fromisoformat(kept["now"]) if kept.get("now") else None
        moments = {"as_of": datetime.fromisoformat(kept["as_of"]), "now": now}
        return cls(**{**kept, **moments, "fields": fields, "match": tuple(kept["match"])})


def label_of(stream: str, row: Dict[str, Any]) -> str:
    """Which record of a stream a row is about, for people."""
    return _first_of(row, target_of(stream).label)


def _first_of(row: Dict[str, Any], labels: tuple[tuple[str, ...], ...]) -> str:
    found = (" ".join(str(row[name]) for name in names if row.get(name)) for names in labels)
    return next(filter(None, found), str(row.get("id") or ""))


def children_of(row: Dict[str, Any], name: str) -> list[tuple[str, Any]]:
    """What a field says hangs on a record's counterpart, each with the id of the record that it came with.

    A row that was merged of several has a list of them.
    """
    value = row.get(name)
    if value is None:
        return []
    return [(id_, one) for id_, one in value] if isinstance(value, list) else [(row["id"], value)]


def child_id(stream: str, record_id: str, value: Any) -> str:
    """By what is known that hangs on a record's counterpart: the record and a fingerprint of the content.

    Args:
        stream: Of what hangs on it.
        value: What the mapping gives for it.
    """
    return f"{record_id} {fingerprint(canonical_json(plain(child_identity(stream, value))))}"


def child_id_of(change: Change) -> str:
    """The same for what a change makes or ends."""
    gone = change.verb is Verb.DELETE
    told = {one.field: one.old if gone else one.new for one in change.fields}
    came_with = change.result.get("came_with", change.record_id)
    return child_id(change.stream, came_with, child_value(change.stream, told))


def child_scope(spec: PlanSpec, stream: str) -> Scope:
    """Where the links are of what hangs on a plan's records."""
    return replace(spec.scope, stream=stream)
