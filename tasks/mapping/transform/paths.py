"""Where a value comes from: dotted paths and JMESPath, compiled once per mapping.

Keys, dots, ``||`` (``contactName || name``) and lists of these (``[first_name, name]``) become plain
closures, some twenty times faster than the JMESPath interpreter and with its meaning: what is not there, or
not an object, is null. Everything else is compiled JMESPath, whose unknown functions and wrong numbers of
arguments are found here rather than at the first record.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from operator import methodcaller
from typing import Any, TypeAlias

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from tasks.core.words import counted, nearest
from tasks.mapping.transform.refusal import RefusedValueError

Getter: TypeAlias = Callable[[dict[str, Any]], Any]
QUOTES = 'keys with other characters than letters, digits and _ go in double quotes: "my-key"'
"""What is most often wrong with a path."""

Node: TypeAlias = Any
"""jmespath's parse tree: an object with ``type``, ``value`` and ``children``."""

DEPTH_LIMIT = 50
"""Levels that a path may be nested; each dot is one."""


class BadPathError(ValueError):
    """A path that cannot be read.

    Args:
        remedy: What may have been meant.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.remedy = remedy


def compile_path(expression: str) -> Getter:
    """The function that finds ``expression`` in a record.

    Raises:
        BadPathError: Its syntax, a function's name or its number of arguments is wrong.
    """
    compiled = parsed(expression)
    for node in nodes(compiled.parsed):
        _check_call(node)
    return _closure(compiled.parsed) or _interpreted(expression, compiled.search)


def parsed(expression: str) -> jmespath.parser.ParsedResult:
    """``expression`` as JMESPath reads it.

    Raises:
        BadPathError: Its syntax is wrong, or it is nested more deeply than is safe to follow.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)  # a literal as JMESPath wrote it once
            compiled = jmespath.compile(expression)
    except JMESPathError as error:
        raise BadPathError(f"`{expression}` is not a path: {_trouble(error, expression)}", QUOTES) from None
    except RecursionError:
        raise BadPathError("nested too deeply") from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        raise BadPathError("a number in it is too long") from None
    if any(depth > DEPTH_LIMIT for _, depth in _levels(compiled.parsed)):
        raise BadPathError("nested too deeply")
    return compiled


def _trouble(error: JMESPathError, expression: str) -> str:
    if not expression.strip():
        return "it is empty"
    place = getattr(error, "lex_position", len(expression))
    return f"`{expression[place]}` in column {place + 1}" if place < len(expression) else "it ends too early"


def nodes(root: Node) -> Iterator[Node]:
    """A parse tree's nodes, parents before their children."""
    return (node for node, _ in _levels(root))


def _levels(root: Node) -> Iterator[tuple[Node, int]]:
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in reversed(node["children"]) if isinstance(child, dict)]


def _check_call(node: Node) -> None:
    if node["type"] != "function_expression":
        return
    name, given = node["value"], len(node["children"])
    if name not in Functions.FUNCTION_TABLE:
        raise BadPathError(f"unknown function `{name}`", nearest(name, Functions.FUNCTION_TABLE))
    wanted = Functions.FUNCTION_TABLE[name]["signature"]
    variadic = bool(wanted) and wanted[-1].get("variadic", False)
    if given < len(wanted) or (given > len(wanted) and not variadic):
        raise BadPathError(f"`{name}` takes {counted(len(wanted), 'argument')}, not {given}")


def _closure(node: Node) -> Getter | None:
    if node["type"] == "or_expression":
        left, right = map(_closure, node["children"])
        return _either(left, right) if left and right else None
    if node["type"] == "multi_select_list":
        parts = [_closure(child) for child in node["children"]]
        return None if None in parts else _together([part for part in parts if part])
    keys = _keys(node)
    if keys is None:
        return None
    return _at(keys[0]) if len(keys) == 1 else _along(keys)


def _keys(node: Node) -> list[str] | None:
    if node["type"] == "field":
        return [node["value"]]
    if node["type"] != "subexpression":
        return None
    found: list[str] = []
    for child in node["children"]:
        keys = _keys(child)
        if keys is None:
            return None
        found += keys
    return found


def _at(key: str) -> Getter:
    return methodcaller("get", key)


def _along(keys: list[str]) -> Getter:
    def get(record: Any) -> Any:
        for key in keys:
            if type(record) is not dict:
                return None
            record = record.get(key)
        return record

    return get


def _together(parts: list[Getter]) -> Getter:
    return lambda record: [part(record) for part in parts]


def _either(left: Getter, right: Getter) -> Getter:
    def get(record: dict[str, Any]) -> Any:
        found = left(record)
        # JMESPath's idea of false: null, false and what is empty, but not the number 0.
        return found if found or type(found) in (int, float) else right(record)

    return get


def _interpreted(expression: str, search: Callable[[Any], Any]) -> Getter:
    def get(record: dict[str, Any]) -> Any:
        try:
            return search(record)
        except Exception:  # noqa: BLE001 - jmespath's functions let Python's own errors through
            raise RefusedValueError("shape", f"`{expression}` does not fit this record") from None

    return get
