"""The rows that a rule makes: a target stream, and values for its fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import Row, shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Where
from tasks.core.words import nearest
from tasks.mapping.rules.comparing import is_nothing
from tasks.mapping.rules.known import NAMING, TARGETS, field_type
from tasks.mapping.rules.moments import At, as_day, as_moment, known_moment
from tasks.mapping.rules.refusal import CannotEvaluateError, UnfitError
from tasks.mapping.rules.scope import Read, Scope, View
from tasks.mapping.rules.templates import as_text
from tasks.mapping.rules.values import Value, compile_value
from tasks.mapping.transform.coerce import keeper
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.streams import CUSTOM, Field, FieldType

_MOMENTS = (FieldType.DATE, FieldType.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class RowOf:
    """A row of a target stream, compiled.

    Args:
        rule: The key of the rule that makes it.
    """

    rule: str
    target: str
    fields: Mapping[str, Value]

    def read(self, view: View, at: At) -> Row:
        """Its fields for a record; what has no value is left out.

        Raises:
            CannotEvaluateError: A value is missing that the row needs, or is of a wrong type.
        """
        values = ((name, value.read(view, at)) for name, value in self.fields.items())
        found = {name: value for name, value in values if value is not None}
        for name in TARGETS[self.target].needed:
            if is_nothing(found.get(name)):
                raise CannotEvaluateError(self.rule, name, "has no value here")
        return found


def compile_row(said: Any, where: Where, scope: Scope) -> RowOf:
    """Compile one row of ``then``.

    Raises:
        BadMappingError: It names a stream or a field that is not there, or a value is none.
    """
    if not isinstance(said, dict) or len(said) != 1:
        raise scope.error(f"{shown(said)} is no row", where, "write `stream: {field: value}`")
    [(target, fields)] = said.items()
    where = (*where, target)
    if target not in TARGETS:
        raise scope.error(f"rules do not write `{target}`", where, nearest(target, TARGETS))
    if not isinstance(fields, dict) or not fields:
        raise scope.error(f"{shown(fields)} are no fields", where, "write `{field: value}`")
    problems = [
        scope.error(f"{target} needs `{name}`", where)
        for name in TARGETS[target].needed
        if name not in fields
    ]
    found: dict[str, Value] = {}
    for name, value in fields.items():
        with BadMappingError.told_in(problems):
            found[name] = _compiled_field(target, name, value, (*where, name), scope)
    if problems:
        raise BadMappingError.of(problems)
    return RowOf(scope.rule, target, found)


def _compiled_field(target: str, name: str, said: Any, where: Where, scope: Scope) -> Value:
    try:
        type_ = field_type(target, name)
    except KeyError:
        remedy = nearest(name, TARGETS[target].types)
        raise scope.error(f"`{name}` is not a field of {target}", where, remedy) from None
    value = compile_value(said, where, scope)
    if name.startswith(CUSTOM):
        scope.name("custom field", name.removeprefix(CUSTOM), where)
    for literal in value.literals:
        _check(name, type_, literal.value, literal.where, scope)
        if name in NAMING and isinstance(literal.value, str):
            scope.name(NAMING[name], literal.value, literal.where)
    if type_ is FieldType.TEXTS:
        return value.as_list()
    value = Value(_fitted(name, type_, value.read, scope), value.literals, value.is_list)
    if value.is_list and type_ not in (FieldType.TEXTS, FieldType.VALUE, None):
        raise scope.error(f"`{name}` takes one value, not a list", where)
    return value


def _check(name: str, type_: FieldType | None, value: Any, where: Where, scope: Scope) -> None:
    """Refuse a value in the file that the field does not take."""
    if type_ in _MOMENTS:
        remedy = 'write e.g. `{in: 2 days, at: "09:00"}`'
        raise scope.error(f"`{name}` takes a date, not {shown(value)}", where, remedy)
    one = FieldType.TEXT if type_ in (FieldType.TEXTS, None) else type_
    try:
        keeper(Field(one))(value)
    except RefusedValueError as refused:
        raise scope.error(f"`{name}`: {refused.message}", where) from None


def _fitted(name: str, type_: FieldType | None, read: Read, scope: Scope) -> Read:
    """The value as the field takes it: a date or a number is text in a text, a moment has its zone."""
    fit = _FITTED.get(type_) if type_ is not None else None
    if fit is None:
        return read
    rule = scope.rule

    def fitted(view: View, at: At) -> Any:
        value = read(view, at)
        try:
            return None if is_nothing(value) else fit(value, at)
        except (UnfitError, OverflowError):
            raise CannotEvaluateError(rule, name, f"cannot be {shown(value)}") from None

    return fitted


def _text(value: Any, at: At) -> Any:
    return value if isinstance(value, str) else as_text(value, at)


def _moment(value: Any, at: At) -> Any:
    return as_moment(known_moment(value), at)


def _day(value: Any, at: At) -> Any:
    return as_day(known_moment(value), at)


def _value(value: Any, at: At) -> Any:
    """What a custom field takes: of a moment, the day."""
    return as_day(value, at).isoformat() if isinstance(value, dt.date) else value


_FITTED: dict[FieldType, Callable[[Any, At], Any]] = {
    FieldType.TEXT: _text,
    FieldType.TIMESTAMP: _moment,
    FieldType.DATE: _day,
    FieldType.VALUE: _value,
}
