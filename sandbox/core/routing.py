"""From method and path to the operation, as unforgiving as the vendors.

Trailing slashes are load-bearing, and so is the case. An identifier stands for any segment, also for one that
looks like a word of another path: that is why HighLevel answers ``Task with id search not found``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Router", "Template"]

_PARAMETER = re.compile(r"^\{(\w+)\}$")


@dataclass(frozen=True, slots=True)
class Template:
    """One operation of a vendor's contract: its method and the shape of its path."""

    method: str
    template: str
    operation: str = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the parameters' names off the template."""
        object.__setattr__(self, "operation", f"{self.method} {self.template}")
        found = (_PARAMETER.match(segment) for segment in self.template.split("/"))
        object.__setattr__(self, "names", tuple(match[1] for match in found if match))


T = TypeVar("T", bound=Template)


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[str, _Node[T]] = field(default_factory=dict)
    parameter: _Node[T] | None = None
    routes: dict[str, T] = field(default_factory=dict)


class Router(Generic[T]):
    """All routes, compiled once into a tree of path segments."""

    def __init__(self, routes: Iterable[T]) -> None:
        self._root: _Node[T] = _Node()
        self._folded: _Node[T] = _Node()
        for route in routes:
            _plant(self._root, route, route.template.split("/"))
            _plant(self._folded, route, [_fold(segment) for segment in route.template.split("/")])

    def find(self, method: str, path: str) -> tuple[T, dict[str, str]] | None:
        """The route of a path and the values of its parameters."""
        values: list[str] = []
        route = _walk(self._root, method, path.split("/"), 0, values)
        return None if route is None else (route, dict(zip(route.names, values, strict=True)))

    def is_miscased(self, method: str, path: str) -> bool:
        """Whether the path would be known in another case."""
        return _walk(self._folded, method, path.lower().split("/"), 0, []) is not None


def _fold(segment: str) -> str:
    return segment if _PARAMETER.match(segment) else segment.lower()


def _plant(node: _Node[T], route: T, segments: list[str]) -> None:
    for segment in segments:
        if _PARAMETER.match(segment):
            node.parameter = node.parameter or _Node()
            node = node.parameter
        else:
            node = node.literals.setdefault(segment, _Node())
    node.routes[route.method] = route


def _walk(node: _Node[T], method: str, segments: list[str], place: int, values: list[str]) -> T | None:
    if place == len(segments):
        return node.routes.get(method)
    segment = segments[place]
    literal = node.literals.get(segment)
    if literal is not None:
        found = _walk(literal, method, segments, place + 1, values)
        if found is not None:
            return found
    if node.parameter is None or not segment:
        return None
    values.append(segment)
    found = _walk(node.parameter, method, segments, place + 1, values)
    if found is None:
        values.pop()
    return found
