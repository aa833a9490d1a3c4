"""The keys by which records are found: which values tell one from another, and how they are compared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tasks.core.batch import NOT_KEYS, Json, Row, canonical_json
from tasks.hub.spec import PlanSpec
from tasks.mapping.transform.phones import phone_twins
from tasks.plan.references import folded
from tasks.streams import target_of

_TITLES = {"email": "e-mail", "link": "known link", "content": "the same content"}

PARENT = "_parent"
"""Under which name a row tells the vendor's id of the record that it hangs on; empty where there is none."""


def title(key: str) -> str:
    """A key for people."""
    return _TITLES.get(key, key)


def identifies(row: Row, key: str) -> bool:
    """Whether a row has a value by which it can be found."""
    return row.get(key) not in (None, "") and key not in row.get(NOT_KEYS, ())


def spellings(spec: PlanSpec, key: str, value: str) -> tuple[str, ...]:
    """The ways in which a key's value may be written where it is looked up, the given one first."""
    declared = spec.stream.field(key)
    return phone_twins(value) if declared is not None and declared.has_twins else (value,)


def as_compared(spec: PlanSpec, key: str, value: str) -> str:
    """A key's value as it is compared: the same for all that mean one."""
    declared = spec.stream.field(key)
    if declared is None:
        return value
    if declared.folded:
        return folded(value)
    return min(phone_twins(value)) if declared.has_twins else value


def mean_the_same(spec: PlanSpec, name: str, one: Json, other: Json) -> bool:
    """Whether two values of a field mean the same to the vendor, or to whoever is called."""
    if spec.same(name, one, other):
        return True
    return isinstance(one, str) and isinstance(other, str) and one in spellings(spec, name, other)


def content_key(spec: PlanSpec, parent_id: str, values: Mapping[str, Json]) -> str:
    """The key ``content`` of a record.

    Args:
        values: By target field.
    """
    told = [_compared(values.get(name)) for name in target_of(spec.target).content]
    return canonical_json([parent_id, *told])


def _compared(value: Json) -> Json:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return folded(value) if isinstance(value, str) else value
