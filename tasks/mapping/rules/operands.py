"""What a file may give an operator to compare with; of anything else ``UnfitError`` says what to write."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tasks.mapping.rules.comparing import folded, is_nothing, number_of
from tasks.mapping.rules.moments import Span, read_moment, read_span
from tasks.mapping.rules.refusal import UnfitError

PATTERN_LIMIT = 200
"""Characters of a pattern with * and ?."""


def anything(given: Any) -> Any:
    """A value, or a list of values."""
    if is_nothing(given):
        raise UnfitError("is nothing: write `empty: true` instead")
    if isinstance(given, dict):
        raise UnfitError("is an object: write a value, a list of values or `{path: …}`")
    if isinstance(given, list):
        return [_scalar(one) for one in given]
    return given


def _scalar(given: Any) -> Any:
    if is_nothing(given) or isinstance(given, dict | list):
        raise UnfitError("is no single value")
    return given


def several(given: Any) -> list[Any]:
    """A list of values."""
    if not isinstance(given, list) or not given:
        raise UnfitError("is no list: write `[a, b]`")
    return [_scalar(one) for one in given]


def one_or_several(given: Any) -> list[Any]:
    """A list of values, or one alone."""
    return several(given if isinstance(given, list) else [given])


def flag(given: Any) -> bool:
    """True or false."""
    if not isinstance(given, bool):
        raise UnfitError("is neither true nor false")
    return given


def text(given: Any) -> str:
    """A text, as it is compared."""
    if not isinstance(given, str) or is_nothing(given):
        raise UnfitError("is no text: put it in quotes")
    return folded(given)


def pattern(given: Any) -> str:
    """A text with * and ?."""
    form = text(given)
    if len(form) > PATTERN_LIMIT:
        raise UnfitError(f"is longer than {PATTERN_LIMIT} characters")
    return form


def number(given: Any) -> float:
    """A number, or a text that is one."""
    found = number_of(given)
    if found is None:
        raise UnfitError(_no_number(given))
    return found


def _no_number(value: Any) -> str:
    return "is no number" + (": for dates there is `after` and `before`" if read_moment(value) else "")


def moment(given: Any) -> dt.date | str:
    """A day or a moment, or the word for the present one."""
    if given in ("now", "today"):
        return str(given)
    found = read_moment(given)
    if found is None:
        raise UnfitError("is no date: write e.g. `2026-12-24`, `2026-12-24T09:00`, `now` or `today`")
    return found


def pair(given: Any) -> tuple[Any, Any]:
    """The lowest and the highest: two numbers, or two dates."""
    if not isinstance(given, list) or len(given) != 2:  # noqa: PLR2004 - from and to
        raise UnfitError("is no pair: write `[lowest, highest]`")
    kind = number if number_of(given[0]) is not None else moment
    return kind(given[0]), kind(given[1])


def span(given: Any) -> Span:
    """A length of time to look back or ahead by."""
    found = read_span(given)
    if found.unit == "working day":
        raise UnfitError("counts working days: conditions take days, weeks, months, hours and minutes")
    if found.number <= 0:
        raise UnfitError("is no length of time to look back or ahead by")
    return found
