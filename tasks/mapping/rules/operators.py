"""The operators of conditions: which values they take, and how they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasks.mapping.rules import operands
from tasks.mapping.rules.comparing import folded, is_nothing, matches, order, plain, same
from tasks.mapping.rules.moments import At, as_day, known_moment
from tasks.mapping.rules.refusal import UnfitError
from tasks.streams import FieldType

_T = FieldType


def _value_of_text(value: Any) -> str:
    if not isinstance(value, str):
        raise UnfitError("is no text" + (": for lists there is `has`" if isinstance(value, list) else ""))
    return folded(value)


def _members(value: Any) -> set[Any]:
    if value is None:
        return set()
    if not isinstance(value, list):
        raise UnfitError("is no list: for single values there is `in`")
    return {plain(one) for one in value}


def _has_all(value: Any, wanted: list[Any], _at: At) -> bool:
    return {plain(one) for one in wanted} <= _members(value)


def _has_any(value: Any, wanted: list[Any], _at: At) -> bool:
    return not {plain(one) for one in wanted}.isdisjoint(_members(value))


def _in(value: Any, wanted: list[Any], at: At) -> bool:
    if isinstance(value, list):
        raise UnfitError("is a list: there is `has_any`")
    return any(same(value, one, at) for one in wanted)


def _not(test: Callable[[Any, Any, At], bool]) -> Callable[[Any, Any, At], bool]:
    return lambda value, wanted, at: not test(value, wanted, at)


def _of_text(test: Callable[[str, str], bool]) -> Callable[[Any, Any, At], bool]:
    return lambda value, wanted, _at: test(_value_of_text(value), wanted)


def _of_number(test: Callable[[float, float], bool]) -> Callable[[Any, Any, At], bool]:
    return lambda value, wanted, _at: test(operands.number(value), wanted)


def _on(value: Any, wanted: Any, at: At) -> bool:
    moment = known_moment(value)
    other = {"now": at.today, "today": at.today}[wanted] if isinstance(wanted, str) else as_day(wanted, at)
    return as_day(moment, at) == other


def _between(value: Any, wanted: tuple[Any, Any], at: At) -> bool:
    low, high = wanted
    if isinstance(low, float):
        return bool(low <= operands.number(value) <= high)
    return order(value, low, at) >= 0 and order(value, high, at) <= 0


def _within_last(value: Any, span: Any, at: At) -> bool:
    return order(value, span.before(at.now, at), at) >= 0 and order(value, "now", at) <= 0


def _within_next(value: Any, span: Any, at: At) -> bool:
    return order(value, "now", at) >= 0 and order(value, span.after(at.now, at), at) <= 0


def _older_than(value: Any, span: Any, at: At) -> bool:
    return order(value, span.before(at.now, at), at) < 0


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
        return any(plain(one) in _members(after or []) - _members(before or []) for one in some)
    return same(after, wanted, at)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Args:
        prepare: From what the file says to what ``test`` compares with; raises ``UnfitError``.
        test: The value, what was prepared, and the time; raises ``UnfitError`` for a value of a wrong type.
        told: How it is told where it holds, and where it does not.
        summary: What holds, for the reference.
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
        return self.prepare is operands.flag


_TEXT = frozenset({_T.TEXT, _T.VALUE})
_NUMBER = frozenset({_T.NUMBER, _T.TEXT, _T.VALUE})
_MOMENT = frozenset({_T.DATE, _T.TIMESTAMP, _T.TEXT, _T.VALUE})
_LIST = frozenset({_T.TEXTS, _T.VALUE})
_SINGLE = frozenset(_T) - {_T.TEXTS, _T.OBJECT}

OPERATORS: dict[str, Operator] = {
    "is": Operator(operands.anything, same, ("is", "not"), "the same value", takes_nothing=True),
    "is_not": Operator(
        operands.anything, _not(same), ("is not", "is"), "another value, or none", takes_nothing=True
    ),
    "in": Operator(
        operands.several, _in, ("is one of", "none of"), "one of several values", _SINGLE, takes_nothing=True
    ),
    "not_in": Operator(
        operands.several,
        _not(_in),
        ("is none of", "one of"),
        "none of several values",
        _SINGLE,
        takes_nothing=True,
    ),
    "empty": Operator(
        operands.flag,
        lambda value, wanted, _at: is_nothing(value) is wanted,
        ("is empty", "has a value"),
        "whether there is no value, a blank text or an empty list",
        takes_nothing=True,
        takes_path=False,
    ),
    "contains": Operator(
        operands.text,
        _of_text(lambda value, part: part in value),
        ("contains", "does not contain"),
        "a text with this part",
        _TEXT,
    ),
    "starts_with": Operator(
        operands.text,
        _of_text(str.startswith),
        ("starts with", "does not start with"),
        "a text that begins so",
        _TEXT,
    ),
    "ends_with": Operator(
        operands.text,
        _of_text(str.endswith),
        ("ends with", "does not end with"),
        "a text that ends so",
        _TEXT,
    ),
    "like": Operator(
        operands.pattern,
        _of_text(matches),
        ("is like", "is not like"),
        "a text of this form: `*` stands for any characters, `?` for one",
        _TEXT,
    ),
    "more_than": Operator(
        operands.number,
        _of_number(lambda value, other: value > other),
        ("is more than", "not more than"),
        "a greater number",
        _NUMBER,
    ),
    "at_least": Operator(
        operands.number,
        _of_number(lambda value, other: value >= other),
        ("is at least", "less than"),
        "this number or a greater one",
        _NUMBER,
    ),
    "less_than": Operator(
        operands.number,
        _of_number(lambda value, other: value < other),
        ("is less than", "not less than"),
        "a smaller number",
        _NUMBER,
    ),
    "at_most": Operator(
        operands.number,
        _of_number(lambda value, other: value <= other),
        ("is at most", "more than"),
        "this number or a smaller one",
        _NUMBER,
    ),
    "between": Operator(
        operands.pair,
        _between,
        ("is between", "not between"),
        "a number or a date from the first to the second, both included",
        _NUMBER | _MOMENT,
    ),
    "before": Operator(
        operands.moment,
        lambda value, other, at: order(value, other, at) < 0,
        ("is before", "not before"),
        "an earlier date",
        _MOMENT,
    ),
    "after": Operator(
        operands.moment,
        lambda value, other, at: order(value, other, at) > 0,
        ("is after", "not after"),
        "a later date",
        _MOMENT,
    ),
    "on": Operator(operands.moment, _on, ("is on", "not on"), "a moment of this day", _MOMENT),
    "within_last": Operator(
        operands.span,
        _within_last,
        ("is within the last", "not within the last"),
        "not longer ago than this, and not ahead",
        _MOMENT,
        takes_path=False,
    ),
    "within_next": Operator(
        operands.span,
        _within_next,
        ("is within the next", "not within the next"),
        "not further ahead than this, and not past",
        _MOMENT,
        takes_path=False,
    ),
    "older_than": Operator(
        operands.span,
        _older_than,
        ("is older than", "not older than"),
        "longer ago than this",
        _MOMENT,
        takes_path=False,
    ),
    "has": Operator(
        operands.one_or_several,
        _has_all,
        ("has", "does not have"),
        "a list with this member",
        _LIST,
        takes_nothing=True,
    ),
    "has_any": Operator(
        operands.one_or_several,
        _has_any,
        ("has one of", "has none of"),
        "a list with one of these",
        _LIST,
        takes_nothing=True,
    ),
    "has_all": Operator(
        operands.one_or_several,
        _has_all,
        ("has", "does not have all of"),
        "a list with all of these",
        _LIST,
        takes_nothing=True,
    ),
    "has_none": Operator(
        operands.one_or_several,
        _not(_has_any),
        ("has none of", "has one of"),
        "a list with none of these",
        _LIST,
        takes_nothing=True,
    ),
    "changed": Operator(
        operands.flag,
        _changed,
        ("changed", "did not change"),
        "whether the change is one of this field",
        takes_nothing=True,
        takes_path=False,
        of_change=True,
    ),
    "changed_from": Operator(
        operands.anything,
        _changed_from,
        ("changed from", "did not change from"),
        "this was the value before the change; of a list, a member that it lost",
        takes_nothing=True,
        of_change=True,
    ),
    "changed_to": Operator(
        operands.anything,
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
