"""The operators of conditions: which values they take, and how they are told."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import shown
from tasks.mapping.rules.moments import LONGEST, At, as_day, as_moment, known_moment, read_moment, read_span
from tasks.mapping.rules.refusal import UnfitError
from tasks.streams import FieldType

_T = FieldType

PATTERN_LIMIT = 200
"""Characters of a pattern with * and ?."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Args:
        prepare: From what the file says to what ``test`` compares with; raises ``UnfitError``.
        test: The value, what was prepared, and the time; raises ``UnfitError`` for a value of a wrong type.
        told: How it is told where it holds, and where it does not.
        types: The types of field that it is for; empty for all.
        takes_nothing: Whether a missing value is a value to it.
        takes_path: Whether what it compares with may be ``{path: …}``.
        of_change: Whether it judges the change of a field: old value and new one, None for no change.
    """

    prepare: Callable[[Any], Any]
    test: Callable[[Any, Any, At], bool]
    told: tuple[str, str]
    summary: str
    types: frozenset[FieldType] = frozenset()
    takes_nothing: bool = False
    takes_path: bool = True
    of_change: bool = False

    @property
    def is_fact(self) -> bool:
        """Whether it is true or false of a value, compared with nothing."""
        return self.prepare is _flag


def is_nothing(value: Any) -> bool:
    """Whether a value is missing: null, blank text, an empty list or object."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | dict) and not value)


def folded(text: str) -> str:
    """A text as it is compared: without regard to case, and to spaces around it."""
    plain = text.strip()
    return (plain if plain.isascii() else unicodedata.normalize("NFC", plain)).casefold()


def _same(value: Any, wanted: Any, at: At) -> bool:
    if is_nothing(value) or is_nothing(wanted):
        return is_nothing(value) and is_nothing(wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, list) and isinstance(wanted, list):
        return {_plain(one) for one in value} == {_plain(one) for one in wanted}
    if isinstance(value, dt.date) or isinstance(wanted, dt.date):
        return _same_moment(read_moment(value), read_moment(wanted), at)
    if isinstance(value, int | float) != isinstance(wanted, int | float):
        left, right = _number_of(value), _number_of(wanted)
        return left is not None and left == right
    return bool(_plain(value) == _plain(wanted))


def _same_moment(left: dt.date | None, right: dt.date | None, at: At) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, dt.datetime) and isinstance(right, dt.datetime):
        return as_moment(left, at) == as_moment(right, at)
    return as_day(left, at) == as_day(right, at)


def _plain(value: Any) -> Any:
    return (
        folded(value) if isinstance(value, str) else shown(value) if isinstance(value, dict | list) else value
    )


def _number_of(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and (len(value) > LONGEST or "_" in value):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _anything(given: Any) -> Any:
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


def _several(given: Any) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise UnfitError("is no list: write `[a, b]`")
    return [_scalar(one) for one in given]


def _one_or_several(given: Any) -> list[Any]:
    return _several(given if isinstance(given, list) else [given])


def _flag(given: Any) -> bool:
    if not isinstance(given, bool):
        raise UnfitError("is neither true nor false")
    return given


def _text(given: Any) -> str:
    if not isinstance(given, str) or is_nothing(given):
        raise UnfitError("is no text: put it in quotes")
    return folded(given)


def _number(given: Any) -> float:
    number = _number_of(given)
    if number is None:
        raise UnfitError(_no_number(given))
    return number


def _no_number(value: Any) -> str:
    return "is no number" + (": for dates there is `after` and `before`" if read_moment(value) else "")


def _moment(given: Any) -> dt.date | str:
    if given in ("now", "today"):
        return str(given)
    moment = read_moment(given)
    if moment is None:
        raise UnfitError("is no date: write e.g. `2026-12-24`, `2026-12-24T09:00`, `now` or `today`")
    return moment


def _pair(given: Any) -> tuple[Any, Any]:
    if not isinstance(given, list) or len(given) != 2:  # noqa: PLR2004 - from and to
        raise UnfitError("is no pair: write `[lowest, highest]`")
    kind = _number if _number_of(given[0]) is not None else _moment
    return kind(given[0]), kind(given[1])


def _value_of_text(value: Any) -> str:
    if not isinstance(value, str):
        raise UnfitError("is no text" + (": for lists there is `has`" if isinstance(value, list) else ""))
    return folded(value)


def _members(value: Any) -> set[Any]:
    if value is None:
        return set()
    if not isinstance(value, list):
        raise UnfitError("is no list: for single values there is `in`")
    return {_plain(one) for one in value}


def _has_all(value: Any, wanted: list[Any], _at: At) -> bool:
    return {_plain(one) for one in wanted} <= _members(value)


def _has_any(value: Any, wanted: list[Any], _at: At) -> bool:
    return not {_plain(one) for one in wanted}.isdisjoint(_members(value))


def _in(value: Any, wanted: list[Any], at: At) -> bool:
    if isinstance(value, list):
        raise UnfitError("is a list: there is `has_any`")
    return any(_same(value, one, at) for one in wanted)


def _not(test: Callable[[Any, Any, At], bool]) -> Callable[[Any, Any, At], bool]:
    return lambda value, wanted, at: not test(value, wanted, at)


def _of_text(test: Callable[[str, str], bool]) -> Callable[[Any, Any, At], bool]:
    return lambda value, wanted, _at: test(_value_of_text(value), wanted)


def _of_number(test: Callable[[float, float], bool]) -> Callable[[Any, Any, At], bool]:
    return lambda value, wanted, _at: test(_number(value), wanted)


def _order(value: Any, wanted: Any, at: At) -> int:
    """-1, 0 or 1: before, the same, after; by the day where one of the two is a day."""
    moment = known_moment(value)
    named = {"now": at.now, "today": at.today}
    other = named[wanted] if isinstance(wanted, str) else wanted
    if isinstance(moment, dt.datetime) and isinstance(other, dt.datetime):
        left, right = as_moment(moment, at), as_moment(other, at)
        return (left > right) - (left < right)
    first, second = as_day(moment, at), as_day(other, at)
    return (first > second) - (first < second)


def _on(value: Any, wanted: Any, at: At) -> bool:
    moment = known_moment(value)
    other = {"now": at.today, "today": at.today}[wanted] if isinstance(wanted, str) else as_day(wanted, at)
    return as_day(moment, at) == other


def _between(value: Any, wanted: tuple[Any, Any], at: At) -> bool:
    low, high = wanted
    if isinstance(low, float):
        return bool(low <= _number(value) <= high)
    return _order(value, low, at) >= 0 and _order(value, high, at) <= 0


def _span(given: Any) -> Any:
    span = read_span(given)
    if span.unit == "working day":
        raise UnfitError("counts working days: conditions take days, weeks, months, hours and minutes")
    if span.number <= 0:
        raise UnfitError("is no length of time to look back or ahead by")
    return span


def _within_last(value: Any, span: Any, at: At) -> bool:
    return _order(value, span.before(at.now, at), at) >= 0 and _order(value, "now", at) <= 0


def _within_next(value: Any, span: Any, at: At) -> bool:
    return _order(value, "now", at) >= 0 and _order(value, span.after(at.now, at), at) <= 0


def _older_than(value: Any, span: Any, at: At) -> bool:
    return _order(value, span.before(at.now, at), at) < 0


def _changed(pair: Any, wanted: bool, _at: At) -> bool:
    return (pair is not None) is wanted


def _changed_to(pair: Any, wanted: Any, at: At) -> bool:
    return pair is not None and _came(pair[0], pair[1], wanted, at)


def _changed_from(pair: Any, wanted: Any, at: At) -> bool:
    return pair is not None and _came(pair[1], pair[0], wanted, at)


def _came(before: Any, after: Any, wanted: Any, at: At) -> bool:
    """Whether a value is there after and was not before; of lists, whether it is among them."""
    if isinstance(before, list) or isinstance(after, list):
        some = wanted if isinstance(wanted, list) else [wanted]
        return any(_plain(one) in _members(after or []) - _members(before or []) for one in some)
    return _same(after, wanted, at)


def matches(text: str, pattern: str) -> bool:
    """Whether a text has a pattern's form: * for any characters, ? for one.

    All places of the pattern are followed at once, one bit each, so that the time grows with the text alone.
    """
    stars = masks = 0
    of: dict[str, int] = {}
    place = 0
    for sign in pattern:
        if sign == "*":
            stars |= 1 << place
            continue
        bit = 1 << place
        masks |= bit if sign == "?" else 0
        of[sign] = of.get(sign, 0) | (bit if sign != "?" else 0)
        place += 1
    at = 1
    for sign in text:
        at = ((at & (of.get(sign, 0) | masks)) << 1) | (at & stars)
        if not at:
            return False
    return bool(at >> place & 1)


def _pattern(given: Any) -> str:
    text = _text(given)
    if len(text) > PATTERN_LIMIT:
        raise UnfitError(f"is longer than {PATTERN_LIMIT} characters")
    return text


_TEXT = frozenset({_T.TEXT, _T.VALUE})
_NUMBER = frozenset({_T.NUMBER, _T.TEXT, _T.VALUE})
_MOMENT = frozenset({_T.DATE, _T.TIMESTAMP, _T.TEXT, _T.VALUE})
_LIST = frozenset({_T.TEXTS, _T.VALUE})
_SINGLE = frozenset(_T) - {_T.TEXTS, _T.OBJECT}

OPERATORS: dict[str, Operator] = {
    "is": Operator(_anything, _same, ("is", "not"), "the same value", takes_nothing=True),
    "is_not": Operator(
        _anything, _not(_same), ("is not", "is"), "another value, or none", takes_nothing=True
    ),
    "in": Operator(
        _several, _in, ("is one of", "none of"), "one of several values", _SINGLE, takes_nothing=True
    ),
    "not_in": Operator(
        _several, _not(_in), ("is none of", "one of"), "none of several values", _SINGLE, takes_nothing=True
    ),
    "empty": Operator(
        _flag,
        lambda value, wanted, _at: is_nothing(value) is wanted,
        ("is empty", "has a value"),
        "whether there is no value, a blank text or an empty list",
        takes_nothing=True,
        takes_path=False,
    ),
    "contains": Operator(
        _text,
        _of_text(lambda value, part: part in value),
        ("contains", "does not contain"),
        "a text with this part",
        _TEXT,
    ),
    "starts_with": Operator(
        _text,
        _of_text(str.startswith),
        ("starts with", "does not start with"),
        "a text that begins so",
        _TEXT,
    ),
    "ends_with": Operator(
        _text, _of_text(str.endswith), ("ends with", "does not end with"), "a text that ends so", _TEXT
    ),
    "like": Operator(
        _pattern,
        _of_text(matches),
        ("is like", "is not like"),
        "a text of this form: `*` stands for any characters, `?` for one",
        _TEXT,
    ),
    "more_than": Operator(
        _number,
        _of_number(lambda value, other: value > other),
        ("is more than", "not more than"),
        "a greater number",
        _NUMBER,
    ),
    "at_least": Operator(
        _number,
        _of_number(lambda value, other: value >= other),
        ("is at least", "less than"),
        "this number or a greater one",
        _NUMBER,
    ),
    "less_than": Operator(
        _number,
        _of_number(lambda value, other: value < other),
        ("is less than", "not less than"),
        "a smaller number",
        _NUMBER,
    ),
    "at_most": Operator(
        _number,
        _of_number(lambda value, other: value <= other),
        ("is at most", "more than"),
        "this number or a smaller one",
        _NUMBER,
    ),
    "between": Operator(
        _pair,
        _between,
        ("is between", "not between"),
        "a number or a date from the first to the second, both included",
        _NUMBER | _MOMENT,
    ),
    "before": Operator(
        _moment,
        lambda value, other, at: _order(value, other, at) < 0,
        ("is before", "not before"),
        "an earlier date",
        _MOMENT,
    ),
    "after": Operator(
        _moment,
        lambda value, other, at: _order(value, other, at) > 0,
        ("is after", "not after"),
        "a later date",
        _MOMENT,
    ),
    "on": Operator(_moment, _on, ("is on", "not on"), "a moment of this day", _MOMENT),
    "within_last": Operator(
        _span,
        _within_last,
        ("is within the last", "not within the last"),
        "not longer ago than this, and not ahead",
        _MOMENT,
        takes_path=False,
    ),
    "within_next": Operator(
        _span,
        _within_next,
        ("is within the next", "not within the next"),
        "not further ahead than this, and not past",
        _MOMENT,
        takes_path=False,
    ),
    "older_than": Operator(
        _span,
        _older_than,
        ("is older than", "not older than"),
        "longer ago than this",
        _MOMENT,
        takes_path=False,
    ),
    "has": Operator(
        _one_or_several,
        _has_all,
        ("has", "does not have"),
        "a list with this member",
        _LIST,
        takes_nothing=True,
    ),
    "has_any": Operator(
        _one_or_several,
        _has_any,
        ("has one of", "has none of"),
        "a list with one of these",
        _LIST,
        takes_nothing=True,
    ),
    "has_all": Operator(
        _one_or_several,
        _has_all,
        ("has", "does not have all of"),
        "a list with all of these",
        _LIST,
        takes_nothing=True,
    ),
    "has_none": Operator(
        _one_or_several,
        _not(_has_any),
        ("has none of", "has one of"),
        "a list with none of these",
        _LIST,
        takes_nothing=True,
    ),
    "changed": Operator(
        _flag,
        _changed,
        ("changed", "did not change"),
        "whether the change is one of this field",
        takes_nothing=True,
        takes_path=False,
        of_change=True,
    ),
    "changed_from": Operator(
        _anything,
        _changed_from,
        ("changed from", "did not change from"),
        "this was the value before the change; of a list, a member that it lost",
        takes_nothing=True,
        of_change=True,
    ),
    "changed_to": Operator(
        _anything,
        _changed_to,
        ("changed to", "did not change to"),
        "this is the value after the change; of a list, a member that it gained",
        takes_nothing=True,
        of_change=True,
    ),
}
"""Every operator by name."""


def fitting(type_: FieldType) -> list[str]:
    """The operators that are for a type of field."""
    return [name for name, one in OPERATORS.items() if not one.types or type_ in one.types]
