"""Values of a location's custom fields: checked for the type and the options that the location gave them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from tasks.core.batch import shown
from tasks.core.words import nearest
from tasks.mapping.transform.coerce import Keep
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.mapping.transform.tag_lists import split_tags
from tasks.streams import FieldType
from tasks.streams.custom_field import CustomField


def custom_keeper(field: CustomField, keep: Keep) -> Keep:
    """The function that takes a value for a custom field, or raises ``RefusedValueError``.

    Args:
        keep: What any custom field may hold.
    """
    if field.options:
        choose = _of_options(field.options)
        chosen = _several if field.type is FieldType.TEXTS else _one
        return lambda value: chosen(choose, keep(value))
    fits = _FITTING.get(field.type)
    return keep if fits is None else lambda value: fits(keep(value))


def _several(choose: Callable[[Any], str], value: Any) -> list[str]:
    """Options of a list, or of a text that is one or names several."""
    if isinstance(value, list):
        return [choose(one) for one in value]
    try:
        return [choose(value)]
    except RefusedValueError:
        return [choose(one) for one in split_tags(str(value))]


def _one(choose: Callable[[Any], str], value: Any) -> str:
    if isinstance(value, list) and len(value) != 1:
        raise _refused(value, "is a list, and one option may be chosen")
    return choose(value[0] if isinstance(value, list) else value)


def _of_options(options: tuple[str, ...]) -> Callable[[Any], str]:
    """The option that a value names, in the location's spelling."""
    known = {option.strip().casefold(): option for option in options}

    def choose(value: Any) -> str:
        found = known.get(str(value).strip().casefold())
        if found is None:
            problem = f"is none of its options: {', '.join(options)}"
            raise _refused(value, problem, nearest(str(value), options))
        return found

    return choose


def _number(value: Any) -> Any:
    try:
        float(value)
    except (TypeError, ValueError):
        raise _refused(value, "is no number (`clean: number` reads one)") from None
    return value


def _date(value: Any) -> Any:
    try:
        return dt.datetime.fromisoformat(value).date().isoformat()
    except (TypeError, ValueError):
        raise _refused(value, "is no date (`clean: date` reads one)") from None


def _refused(value: Any, problem: str, remedy: str = "") -> RefusedValueError:
    told = shown(value)
    message = f"{told} {problem}" + (f"; {remedy}" if remedy else "")
    return RefusedValueError("custom", message, problem=problem, value=told)


_FITTING: dict[FieldType, Callable[[Any], Any]] = {FieldType.NUMBER: _number, FieldType.DATE: _date}
