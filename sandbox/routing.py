"""From method and path to the operation, as unforgiving as the vendor.

Trailing slashes are load-bearing; an unknown path is an empty 404 and a path in the wrong case a 401. An
identifier stands for any segment, also for one that looks like a word of another path: that is why the
vendor answers ``Task with id search not found``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sandbox.calls import Answer, Call
from sandbox.location import Location

__all__ = ["Route", "Router"]

Handler = Callable[[Location, Call], Answer]

_PARAMETER = re.compile(r"^\{(\w+)\}$")


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the vendor's contract.

    Attributes:
        scope: What the token must have been granted.
        version: The Version that the contract declares for the product.
        level: Whose token it takes: a ``location``'s, an ``agency``'s, ``any``, or none (``open``).
        dialect: ``v3`` or ``dated`` where the path exists in one of them alone.
    """

    method: str
    template: str
    scope: str
    handler: Handler
    version: str = "2021-07-28"
    level: str = "location"
    dialect: str = ""
    operation: str = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the parameters' names off the template."""
        object.__setattr__(self, "operation", f"{self.method} {self.template}")
        found = (_PARAMETER.match(segment) for segment in self.template.split("/"))
        object.__setattr__(self, "names", tuple(match[1] for match in found if match))


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


class Router:
    """All routes, compiled once into a tree of path segments."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root, self._folded = _Node(), _Node()
        for route in routes:
            _plant(self._root, route, route.template.split("/"))
            _plant(self._folded, route, [_fold(segment) for segment in route.template.split("/")])

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a path and the values of its parameters."""
        values: list[str] = []
        route = _walk(self._root, method, path.split("/"), 0, values)
        return None if route is None else (route, dict(zip(route.names, values, strict=True)))

    def is_miscased(self, method: str, path: str) -> bool:
        """Whether the path would be known in another case."""
        return _walk(self._folded, method, path.lower().split("/"), 0, []) is not None


def _fold(segment: str) -> str:
    return segment if _PARAMETER.match(segment) else segment.lower()


def _plant(node: _Node, route: Route, segments: list[str]) -> None:
    for segment in segments:
        if _PARAMETER.match(segment):
            node.parameter = node.parameter or _Node()
            node = node.parameter
        else:
            node = node.literals.setdefault(segment, _Node())
    node.routes[route.method] = route


def _walk(node: _Node, method: str, segments: list[str], place: int, values: list[str]) -> Route | None:
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
