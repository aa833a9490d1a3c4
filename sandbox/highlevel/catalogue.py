"""The table of operations that a small record store answers, read from ``catalogue.yaml``.

The file says what each key means. Everything is checked while it is read, so that a slip in the table ends
the start and not a request.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.highlevel.shapes import Document

__all__ = ["Kind", "Operation", "kinds", "operations"]

_TABLE = Path(__file__).with_name("catalogue.yaml")
_DATED = frozenset({"calendars", "conversations"})


@dataclass(frozen=True, slots=True)
class Kind:
    """How the records of one kind begin."""

    seed: tuple[Document, ...] = ()
    fill: Mapping[str, Any] = field(default_factory=dict)
    hex: bool = False
    unique: Mapping[str, str] = field(default_factory=dict)
    within: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table, in one dialect."""

    method: str
    path: str
    scope: str
    verb: str
    kind: str = ""
    key: str = ""
    status: int = 200
    body: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    also: Mapping[str, Any] = field(default_factory=dict)
    total: str = ""
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filter: Mapping[str, str] = field(default_factory=dict)
    most: int = 100

    @property
    def version(self) -> str:
        """The Version that the contract declares for the product."""
        return "2021-04-15" if self.path.split("/")[1] in _DATED else "2021-07-28"


@functools.cache
def kinds() -> dict[str, Kind]:
    """The kinds of records by name."""
    return {
        name: Kind(**{**given, "seed": tuple(given.get("seed", ()))})
        for name, given in _table()["kinds"].items()
    }


@functools.cache
def operations() -> list[tuple[Operation, Operation]]:
    """Every operation as it is under the dated versions, and as it is under v3."""
    return [(_operation(line), _operation({**line, **line.get("v3", {})})) for line in _table()["operations"]]


@functools.cache
def _table() -> dict[str, Any]:
    quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    table: dict[str, Any] = yaml.load(_TABLE.read_bytes(), quick)  # noqa: S506 - both loaders are safe
    return table


def _operation(line: dict[str, Any]) -> Operation:
    rest = {key: value for key, value in line.items() if key not in ("op", "does", "v3")}
    method, path = line["op"].split(" ")
    verb, _, kind = line["does"].partition(" ")
    for key in ("body", "query"):
        rest[key] = tuple(line.get(key, "").split())
    rest["match"] = {name: tuple(fields.split()) for name, fields in line.get("match", {}).items()}
    return Operation(method=method, path=path, verb=verb, kind=kind, **rest)
