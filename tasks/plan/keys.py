"""The keys by which records are found: which values tell one from another, and how they are compared."""

from __future__ import annotations

from tasks.core.batch import NOT_KEYS, Json, Row
from tasks.hub.spec import PlanSpec
from tasks.mapping.transform.phones import phone_twins
from tasks.plan.references import folded

_TITLES = {"email": "e-mail", "link": "known link"}


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
