"""The mapping by which the planner takes rows that rules made: made by the rules, not written by a person."""

from __future__ import annotations

from collections.abc import Iterable

from tasks.core.batch import canonical_json
from tasks.core.marked_yaml import Document
from tasks.mapping.language import Mapping
from tasks.streams import HIGHLEVEL_BUSINESS, RULES, STREAMS, FieldType, Policy

_MOMENTS = (FieldType.DATE, FieldType.TIMESTAMP)

_ADDED = ("tags",)
"""Fields of which members are added to what is there."""


def mapping_of(document: Document, target: str, used: Iterable[str]) -> Mapping:
    """The mapping of one target.

    Args:
        document: The rules file: what is wrong is told of it.
        used: The fields that the rules give.
    """
    declared = STREAMS[target].target
    parent = declared.parent if declared else None
    own = ["id", *(name for name, key in (parent.keys.items() if parent else ()) if key == "link")]
    names = dict.fromkeys([*own, *sorted(name for name in used if STREAMS[target].field(name) is not None)])
    fields = {
        name: {"from": _path(name), "policy": _policy(target, name), "clean": _clean(target, name)}
        for name in names
    }
    match = ["link", "domain", "name"] if target == HIGHLEVEL_BUSINESS.name else ["link"]
    mapping = Mapping.model_validate(
        {"source": f"{RULES}.{target.partition('.')[2]}", "target": target, "match": match, "fields": fields}
    )
    mapping._document = document  # noqa: SLF001 - as load_mapping does
    return mapping


def _path(name: str) -> str:
    """The path to a key, whatever is in it."""
    return name if name.isascii() and name.isidentifier() else canonical_json(name)


def _clean(target: str, name: str) -> list[str]:
    """Dates are text once a record was kept, and are read again."""
    declared = STREAMS[target].field(name)
    return [declared.type.value] if declared is not None and declared.type in _MOMENTS else []


def _policy(target: str, name: str) -> Policy:
    """What hangs on a contact is a person's once it is made, and a business too, but for what it lacks.

    What rules say of a contact, they go on saying.
    """
    declared = STREAMS[target].target
    if declared is not None and declared.parent is not None:
        return Policy.NEVER
    if target == HIGHLEVEL_BUSINESS.name:
        return Policy.FILL_EMPTY
    if name in _ADDED and STREAMS[target].type_of(name) is FieldType.TEXTS:
        return Policy.ADD
    return Policy.OVERWRITE
