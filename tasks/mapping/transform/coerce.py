"""What a target field may hold: one checking function per field type.

Only what every hub can store passes: text without NUL and lone surrogates, of bounded length; finite
numbers; moments in UTC. A value of another type is refused, never converted: converting is what
``clean`` is for. Empty text, lists and objects become ``None``, so that empty has one spelling.
"""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any, TypeAlias

from tasks.core.batch import canonical_json, shown
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.streams import Field, FieldType

Keep: TypeAlias = Callable[[Any], Any]

NUMBER_LIMIT = 2**63
"""Numbers of this size and more have no column type."""

DEPTH_LIMIT = 50
"""Levels of nesting an object field may have."""


def keeper(field: Field) -> Keep:
    """The function that takes a value for ``field``: gives it back, or raises ``RefusedValueError``."""
    return _KEEPERS[field.type](field.limit)


def _wrong_type(value: Any, wanted: str) -> RefusedValueError:
    told, problem = shown(value), f"is no {wanted}"
    return RefusedValueError("type", f"{told} {problem}", problem=problem, value=told)


def _too_long(length: int, limit: int) -> RefusedValueError:
    told = f"{length:,} characters"
    problem = f"is longer than {limit:,} characters"
    return RefusedValueError("length", f"{told}, {limit:,} are allowed", problem=problem, value=told)


def _text(limit: int) -> Keep:
    def keep(value: Any) -> Any:
        if type(value) is not str:
            raise _wrong_type(value, "text")
        if len(value) > limit:
            raise _too_long(len(value), limit)
        if "\0" in value or not (value.isascii() or _encodable(value)):
            _refuse_text(value)
        return value or None

    return keep


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_text(value: str) -> None:
    what = "a NUL character" if "\0" in value else "half a surrogate pair"
    told, problem = shown(value), f"holds {what}"
    raise RefusedValueError("text", f"{told} {problem}", problem=problem, value=told)


def _boolean(_: int) -> Keep:
    def keep(value: Any) -> Any:
        if type(value) is not bool:
            raise _wrong_type(value, "boolean")
        return value

    return keep


def _number(_: int) -> Keep:
    def keep(value: Any) -> Any:
        if type(value) is int and -NUMBER_LIMIT < value < NUMBER_LIMIT:
            return value
        if type(value) is float and math.isfinite(value) and abs(value) < NUMBER_LIMIT:
            return value
        raise _wrong_type(value, "number that can be stored")

    return keep


def _date(_: int) -> Keep:
    def keep(value: Any) -> Any:
        if type(value) is not dt.date:
            raise _wrong_type(value, "date (`clean: date` reads one)")
        return value

    return keep


def _timestamp(_: int) -> Keep:
    def keep(value: Any) -> Any:
        if type(value) is not dt.datetime or value.tzinfo is not dt.UTC:
            raise _wrong_type(value, "timestamp (`clean: timestamp` reads one)")
        return value

    return keep


def _texts(limit: int) -> Keep:
    item_keep = _text(limit)

    def keep(value: Any) -> Any:
        if type(value) is not list:
            raise _wrong_type(value, "list of texts")
        length = 2
        for item in value:
            item_keep(item)
            length += len(item) + 3
        # Quotes and commas are counted; only near the limit does escaping need a closer look.
        if length * 6 > limit:
            _refuse_long(value, limit)
        return value or None

    return keep


def _object(limit: int) -> Keep:
    def keep(value: Any) -> Any:
        if type(value) is not dict:
            raise _wrong_type(value, "object")
        for item in _scalars(value):
            check = _SCALARS.get(type(item))
            if check is None:
                raise _wrong_type(item, "JSON value")
            check(item)
        _refuse_long(value, limit)
        return value or None

    return keep


def _value(limit: int) -> Keep:
    keep_text, keep_texts, keep_number = _text(limit), _texts(limit), _number(limit)

    def keep(value: Any) -> Any:
        if type(value) is bool:
            return value
        if isinstance(value, dt.date):
            return value.isoformat()  # vendors take and tell dates of custom fields as text
        if type(value) is list:
            return keep_texts(value)
        return keep_text(value) if type(value) is str else keep_number(value)

    return keep


def _scalars(root: dict[str, Any]) -> Iterator[Any]:
    """Every key and scalar below ``root``, without recursion."""
    level: list[Any] = [root]
    for _ in range(DEPTH_LIMIT):
        below: list[Any] = []
        for container in level:
            if type(container) is dict:
                for key in container:
                    if type(key) is not str:
                        raise _wrong_type(key, "key")
                yield from container
                container = container.values()  # noqa: PLW2901 - the values are what is left of it
            for item in container:
                if type(item) is dict or type(item) is list:
                    below.append(item)
                else:
                    yield item
        if not below:
            return
        level = below
    raise RefusedValueError("shape", f"nested deeper than {DEPTH_LIMIT} levels")


def _refuse_long(value: Any, limit: int) -> None:
    length = len(canonical_json(value))
    if length > limit:
        raise _too_long(length, limit)


_SCALARS: dict[type, Callable[[Any], Any]] = {
    str: _text(sys.maxsize),
    int: _number(0),
    float: _number(0),
    bool: bool,
    NoneType: bool,
}
"""What a scalar inside an object must pass, by its type."""

_KEEPERS: dict[FieldType, Callable[[int], Keep]] = {
    FieldType.TEXT: _text,
    FieldType.BOOLEAN: _boolean,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.TIMESTAMP: _timestamp,
    FieldType.TEXTS: _texts,
    FieldType.OBJECT: _object,
    FieldType.VALUE: _value,
}
