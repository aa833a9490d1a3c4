"""The values of rows: templates, lists, paths, choices, round robins and dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Where
from tasks.core.words import nearest
from tasks.mapping.rules.comparing import is_nothing
from tasks.mapping.rules.conditions import ALWAYS, Condition, compile_condition
from tasks.mapping.rules.moments import At, Span, as_moment, known_moment, read_span, read_time
from tasks.mapping.rules.refusal import CannotEvaluateError, UnfitError
from tasks.mapping.rules.scope import Read, Scope, View
from tasks.mapping.rules.templates import compile_template

KINDS = ("path", "first", "choose", "round_robin", "in", "at", "from")
"""Keys of values that are objects."""

DATE = frozenset({"in", "at", "from"})
"""Those of a date."""

_TODAY = Span(0, "day")


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the file as it is."""

    value: Any
    where: Where


@dataclass(frozen=True, slots=True)
class Value:
    """A compiled value.

    Args:
        read: What it is for a record; raises ``CannotEvaluateError``.
        literals: What it may be that stands in the file itself; of lists, their members.
        is_list: Whether it is a list.
    """

    read: Read
    literals: tuple[Literal, ...] = ()
    is_list: bool = False

    def as_list(self) -> Value:
        """The same as a list: one value is its only member."""
        if self.is_list:
            return self
        one = self.read

        def read(view: View, at: At) -> Any:
            value = one(view, at)
            return value if value is None or isinstance(value, list) else [value]

        return Value(read, self.literals, is_list=True)


def compile_value(said: Any, where: Where, scope: Scope, depth: int = 1) -> Value:
    """Compile one value.

    Raises:
        BadMappingError: It is none.
    """
    scope.bounded(depth, where)
    if isinstance(said, str):
        template = compile_template(said, where, scope)
        return Value(template.read, () if template.fixed is None else (Literal(template.fixed, where),))
    if isinstance(said, list):
        return _list(said, where, scope, depth)
    if not isinstance(said, dict):
        return Value(lambda _view, _at: said, () if said is None else (Literal(said, where),))
    if said and DATE.issuperset(said):
        return Value(_date(said, where, scope))
    if len(said) == 1:
        [(kind, content)] = said.items()
        if kind in _COMPILED:
            return _COMPILED[kind](content, (*where, kind), scope, depth)
    wrong = next((key for key in said if key not in KINDS), "")
    if wrong:
        raise scope.error(f"there is no value `{wrong}`", (*where, wrong), nearest(wrong, KINDS))
    raise scope.error(f"{shown(said)} is no value", where, "write one of its keys, or `in`, `at` and `from`")


def _each(said: Any, where: Where, scope: Scope, compile_one: Callable[[Any, Where], Value]) -> list[Value]:
    if not isinstance(said, list) or not said:
        raise scope.error(f"{shown(said)} is no list of values", where, "write `[a, b]`")
    problems: list[BadMappingError] = []
    found: list[Value] = []
    for place, one in enumerate(said):
        with BadMappingError.told_in(problems):
            found.append(compile_one(one, (*where, place)))
    if problems:
        raise BadMappingError.of(problems)
    return found


def _literals(values: list[Value]) -> tuple[Literal, ...]:
    return tuple(one for value in values for one in value.literals)


def _list(said: list[Any], where: Where, scope: Scope, depth: int) -> Value:
    """Values together; a list among them gives its members, and what is missing is left out."""
    parts = (
        _each(said, where, scope, lambda one, at: compile_value(one, at, scope, depth + 1)) if said else []
    )

    def read(view: View, at: At) -> Any:
        found: list[Any] = []
        for part in parts:
            value = part.read(view, at)
            found += value if isinstance(value, list) else [] if is_nothing(value) else [value]
        return found

    return Value(read, _literals(parts), is_list=True)


def _path(said: Any, where: Where, scope: Scope, _depth: int) -> Value:
    return Value(scope.value(said, where).read)


def _path_or_value(said: Any, where: Where, scope: Scope, depth: int) -> Value:
    if isinstance(said, str) and scope.begins_path(said):
        return _path(said, where, scope, depth)
    return compile_value(said, where, scope, depth)


def _first(said: Any, where: Where, scope: Scope, depth: int) -> Value:
    parts = _each(said, where, scope, lambda one, at: _path_or_value(one, at, scope, depth + 1))

    def read(view: View, at: At) -> Any:
        found = (part.read(view, at) for part in parts)
        return next((value for value in found if not is_nothing(value)), None)

    return Value(read, _literals(parts))


def _round_robin(said: Any, where: Where, scope: Scope, depth: int) -> Value:
    parts = _each(said, where, scope, lambda one, at: compile_value(one, at, scope, depth + 1))
    name = f"{scope.rule}.{scope.lists}"
    scope.lists += 1

    def read(view: View, at: At) -> Any:
        return parts[at.turn(name, len(parts)) % len(parts)].read(view, at)

    return Value(read, _literals(parts))


def _choose(said: Any, where: Where, scope: Scope, depth: int) -> Value:
    conditions: list[Condition] = []
    parts = _each(said, where, scope, lambda one, at: _choice(one, at, scope, depth, conditions))
    if "else" in dict.fromkeys(key for one in said[:-1] for key in one):
        raise scope.error("what follows `else` is never reached", where, "put `else` last")

    def read(view: View, at: At) -> Any:
        for condition, part in zip(conditions, parts, strict=True):
            if condition.holds(view, at):
                return part.read(view, at)
        return None

    return Value(read, _literals(parts))


def _choice(said: Any, where: Where, scope: Scope, depth: int, conditions: list[Condition]) -> Value:
    keys = set(said) if isinstance(said, dict) else set()
    if keys == {"else"}:
        conditions.append(ALWAYS)
        return _path_or_value(said["else"], (*where, "else"), scope, depth + 1)
    if keys != {"if", "value"}:
        raise scope.error(
            f"{shown(said)} is no choice", where, "write `{if: …, value: …}`, the last `{else: …}`"
        )
    conditions.append(compile_condition(said["if"], (*where, "if"), scope, depth + 1))
    return _path_or_value(said["value"], (*where, "value"), scope, depth + 1)


_COMPILED: dict[str, Callable[[Any, Where, Scope, int], Value]] = {
    "path": _path,
    "first": _first,
    "choose": _choose,
    "round_robin": _round_robin,
}


def _date(said: dict[str, Any], where: Where, scope: Scope) -> Read:
    """``{in: 2 working days, at: "09:00", from: record.due_date}``: a moment."""
    span, time = _TODAY, None
    key = "in"
    try:
        span = read_span(said["in"]) if "in" in said else _TODAY
        key = "at"
        time = read_time(said["at"]) if "at" in said else None
    except UnfitError as unfit:
        raise scope.error(f"`{key}`: {shown(said[key])} {unfit}", (*where, key)) from None
    if time is not None and not span.in_days:
        raise scope.error(f"`at` contradicts `in: {span}`", (*where, "at"), "a time of day goes with days")
    start = _start(said.get("from"), (*where, "from"), scope)
    rule, text = scope.rule, str(said.get("from") or "now")

    def read(view: View, at: At) -> Any:
        value = start(view, at)
        if is_nothing(value):
            raise CannotEvaluateError(rule, text, "has no value")
        try:
            found = span.after(as_moment(known_moment(value), at), at)
            return found if time is None else at.combine(found.date(), time)
        except UnfitError as unfit:
            raise CannotEvaluateError(rule, text, f"{unfit}: {shown(value)}") from None
        except OverflowError:
            raise CannotEvaluateError(rule, text, f"is beyond the calendar: {shown(value)}") from None

    return read


def _start(said: Any, where: Where, scope: Scope) -> Read:
    if said is None:
        return lambda _view, at: at.now
    return scope.value(said["path"] if isinstance(said, dict) and set(said) == {"path"} else said, where).read
