"""Two records of one source that are the same: one record, field by field, under the policies."""

from __future__ import annotations

from tasks.core.batch import NOT_KEYS, Json, Row
from tasks.core.change import FieldChange, plain
from tasks.hub.spec import AGES, PlanSpec, children_of
from tasks.plan.keys import mean_the_same
from tasks.streams import Policy

_OURS = ("id", "asOf", AGES, NOT_KEYS)
_BY_AGE = (Policy.NEWEST, Policy.OVERWRITE)


def merged(spec: PlanSpec, first: Row, later: Row) -> tuple[Row, list[FieldChange]]:
    """The first record with what a later one adds.

    What is empty is filled, lists are united, and of what hangs on the record both are kept. Of two different
    values the newer one stays under ``newest`` and ``overwrite``, of equal age the later one; else the first.

    Returns:
        The record, and the values that gave way: ``old`` is what stays.
    """
    policies = {rule.name: rule.policy for rule in spec.fields}
    found, left_over = dict(first), []
    from_later: set[str] = set()
    for name in [name for name in later if name not in _OURS and later[name] is not None]:
        one, other = first.get(name), later[name]
        if one is None:
            found[name] = other if name not in spec.stream.children else _children(name, first, later)
        elif name in spec.stream.children:
            found[name] = _children(name, first, later)
            continue
        elif isinstance(one, list) and isinstance(other, list):
            found[name] = [*one, *(member for member in other if member not in one)]
            continue
        elif mean_the_same(spec, name, plain(one), plain(other)):
            continue
        else:
            policy = policies.get(name, Policy.FILL_EMPTY)
            is_newer = policy in _BY_AGE and spec.age_of(later, name) >= spec.age_of(first, name)
            stays, gives_way = (other, one) if is_newer else (one, other)
            found[name] = stays
            why = (
                f"{policy}: the newer record's stays"
                if policy in _BY_AGE
                else f"{policy}: the first one stays"
            )
            left_over.append(FieldChange(name, plain(stays), plain(gives_way), why))
            if not is_newer:
                continue
        from_later.add(name)
    _keep_ages(spec, found, first, later, from_later)
    _keep_what_is_no_key(found, first, later, from_later)
    return found, left_over


def _children(name: str, first: Row, later: Row) -> Json:
    """What hangs on either record, each with the id of the record that it came with."""
    found = children_of(first, name)
    return [
        *found,
        *([id_, value] for id_, value in children_of(later, name) if value not in [one for _, one in found]),
    ]


def _keep_ages(spec: PlanSpec, found: Row, first: Row, later: Row, from_later: set[str]) -> None:
    """Keep how old each field's word is, where that is not one for all."""
    if spec.age_of(first) == spec.age_of(later) and AGES not in first and AGES not in later:
        return
    newest = max(spec.age_of(first), spec.age_of(later))
    ages = {
        name: spec.age_of(later if name in from_later else first, name)
        for name in found
        if name not in _OURS and found[name] is not None
    }
    found["asOf"] = newest
    found[AGES] = {name: age.isoformat() for name, age in ages.items() if age != newest}


def _keep_what_is_no_key(found: Row, first: Row, later: Row, from_later: set[str]) -> None:
    none = [name for name in first.get(NOT_KEYS, ()) if name not in from_later]
    none += [name for name in later.get(NOT_KEYS, ()) if name in from_later]
    found.pop(NOT_KEYS, None)
    if none:
        found[NOT_KEYS] = none
