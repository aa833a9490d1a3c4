"""Every mistake of a mapping file at once, whatever kind each is of.

What does not keep to the language is told, and a stand-in takes its place, so that the rest can be looked at
by those who know it: streams, fields, transforms and paths by the compiler, expectations by the checks.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Document, Where, read_yaml
from tasks.core.words import closest
from tasks.mapping.checks.checks import compile_checks
from tasks.mapping.language import Mapping, understood
from tasks.mapping.transform.compile import compile_mapping, unknown_streams
from tasks.streams import FILLED, SOURCES

ORIGIN = ("from", "value")
"""The keys of which a field needs one."""

STAND_IN = "id"
"""A path that is right everywhere."""

MOST = 1_000
"""Mistakes after which no more are looked for."""


class Tried(Protocol):
    """Remembers which mappings' checks were found to work."""

    def know(self, mapping: Mapping) -> bool:
        """Whether they were."""

    def remember(self, mapping: Mapping) -> None:
        """Keep that they do."""


def validate(path: Path | str, tried: Tried | None = None) -> tuple[Mapping | None, list[BadMappingError]]:
    """Check one mapping file without reading any record.

    Args:
        tried: Which checks need not be tried again.

    Returns:
        The mapping where it is good, and else its mistakes in the order of their lines.
    """
    problems: list[BadMappingError] = []
    mapping: Mapping | None = None
    with BadMappingError.told_in(problems):
        document = read_yaml(Path(path))
        problems += document.problems
        mapping = _with_stand_ins(document, problems)
    if mapping is not None:
        with BadMappingError.told_in(problems):
            compile_mapping(mapping)
        with BadMappingError.told_in(problems):
            _try_checks(mapping, tried)
    return (None, BadMappingError.of(problems).each()) if problems else (mapping, [])


def _try_checks(mapping: Mapping, tried: Tried | None) -> None:
    if not mapping.checks or (tried is not None and tried.know(mapping)):
        return
    compile_checks(mapping)
    if tried is not None:
        tried.remember(mapping)


def _with_stand_ins(given: Document, problems: list[BadMappingError]) -> Mapping | None:
    """What the file says with stand-ins for what is wrong, which is added to ``problems``.

    None where too little is left.
    """
    document = replace(given, value=deepcopy(given.value), lines=dict(given.lines))
    for _ in range(MOST):
        mapping, mistakes = understood(document)
        problems += mistakes.values()
        if mapping is not None:
            unknown = unknown_streams(mapping)
            problems += unknown.values()
            if not unknown:
                return mapping
            mistakes = {(key,): problem for key, problem in unknown.items()}
        if not _replace(document, next(iter(mistakes))):  # one by one: the places of others move
            return None
    return None


def _replace(document: Document, where: Where) -> bool:
    """Put a stand-in in the place of what is wrong, or nothing; False where neither can be."""
    value = document.value
    if not isinstance(value, dict) or where in {(), ("fields",)}:
        return False
    first, *rest = where
    if first == "source":
        value[first] = next(iter(SOURCES))
    elif first == "target":
        value[first] = _nearest_stream(value.get(first), value.get("fields"))
    elif first == "fields":
        _replace_in_field(document, str(rest[0]), *rest[1:])
    else:
        return _take_out(document, where if first != "stop_when" else where[:1])
    return True


def _replace_in_field(document: Document, name: str, key: Any = None, *rest: Any) -> None:
    """A field stays in any case: what else is said about it may be right."""
    fields = document.value["fields"]
    if not isinstance(fields[name], dict):
        fields[name] = {}
    said = fields[name]
    if key == "clean":
        said.pop("default", None)  # it is cleaned, too
    steps = said.get("clean")
    if key == "clean" and rest and isinstance(steps, list):
        _take_out(document, ("fields", name, key, rest[0]))
        return
    said.pop(key, None)
    if key is None or key in ORIGIN or closest(str(key), ORIGIN):
        said.pop("value", None)
        said["from"] = STAND_IN


def _take_out(document: Document, where: Where) -> bool:
    """Take out a key or an item, or what it is missing from; False where nothing is left to take out."""
    parent = document.value
    for step in where[:-1]:
        parent = parent[step]
    last = where[-1]
    if isinstance(parent, dict) and last in parent:
        del parent[last]
    elif isinstance(parent, list) and isinstance(last, int):
        del parent[last]
        document.lines = _without_item(document.lines, where[:-1], last)
    else:
        return len(where) > 1 and _take_out(document, where[:-1])
    return True


def _without_item(lines: dict[Where, int], listed: Where, gone: int) -> dict[Where, int]:
    """The lines of a document from which an item of a list is gone: those after it move up."""
    found: dict[Where, int] = {}
    depth = len(listed)
    for where, line in lines.items():
        at = where[depth] if len(where) > depth and where[:depth] == listed else None
        if not isinstance(at, int) or at < gone:
            found[where] = line
        elif at > gone:
            found[(*listed, at - 1, *where[depth + 1 :])] = line
    return found


def _nearest_stream(name: Any, fields: Any) -> str:
    """The target stream of the nearest name, or else that which has most of the fields."""
    if near := closest(str(name), FILLED):
        return near[0]
    given = set(fields) if isinstance(fields, dict) else set()
    return max(FILLED, key=lambda stream: len(given & FILLED[stream].fields.keys()))
