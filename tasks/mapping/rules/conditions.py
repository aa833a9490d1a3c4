"""Conditions: ``all``, ``any`` and ``not`` over ``{path: {operator: value}}``, compiled to closures.

A condition judges from left to right and no further than it has to, so that one can guard another. Each can
say afterwards, in words, why it held or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Where
from tasks.core.words import in_words, nearest
from tasks.mapping.rules import operands
from tasks.mapping.rules.comparing import is_nothing
from tasks.mapping.rules.known import names_of
from tasks.mapping.rules.moments import At
from tasks.mapping.rules.operators import OPERATORS, Operator, fitting
from tasks.mapping.rules.refusal import CannotEvaluateError, UnfitError
from tasks.mapping.rules.scope import Path, Read, Scope, View
from tasks.streams import FieldType

GROUPS = ("all", "any", "not")

ID_LENGTH = 15
"""Characters that an id of HighLevel has at least."""

_REFERRING = {"assigned_to": "owner.name", "user_id": "", "business_id": "business.name"}
"""Fields that hold ids, and where the name of what they mean is found."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition.

    Args:
        holds: Whether it holds; raises ``CannotEvaluateError``.
        why: What decided that, in words.
    """

    holds: Callable[[View, At], bool]
    why: Callable[[View, At], str]


ALWAYS = Condition(lambda _view, _at: True, lambda _view, _at: "it has no condition")


def compile_condition(said: Any, where: Where, scope: Scope, depth: int = 1) -> Condition:
    """Compile what stands under ``if``.

    Raises:
        BadMappingError: It is no condition; all of its problems are told.
    """
    scope.bounded(depth, where)
    if not isinstance(said, dict) or not said:
        remedy = "write `{path: {operator: value}}`, or `all`, `any` or `not` with such in it"
        raise scope.error(f"{shown(said)} is no condition", where, remedy)
    problems: list[BadMappingError] = []
    parts: list[Condition] = []
    for key, value in said.items():
        with BadMappingError.told_in(problems):
            if key in GROUPS:
                parts.append(_group(key, value, (*where, key), scope, depth))
            else:
                parts.append(_tests(key, value, (*where, key), scope))
    if problems:
        raise BadMappingError.of(problems)
    return _all(parts)


def _group(kind: str, said: Any, where: Where, scope: Scope, depth: int) -> Condition:
    if kind == "not":
        return _not(compile_condition(said, where, scope, depth + 1))
    if not isinstance(said, list) or not said:
        raise scope.error(f"`{kind}` takes a list of conditions", where, f"write `{kind}: [{{…}}, {{…}}]`")
    problems: list[BadMappingError] = []
    parts: list[Condition] = []
    for place, one in enumerate(said):
        with BadMappingError.told_in(problems):
            parts.append(compile_condition(one, (*where, place), scope, depth + 1))
    if problems:
        raise BadMappingError.of(problems)
    return _all(parts) if kind == "all" else _any(parts)


def _all(parts: Sequence[Condition]) -> Condition:
    if len(parts) == 1:
        return parts[0]

    def holds(view: View, at: At) -> bool:
        return all(part.holds(view, at) for part in parts)

    def why(view: View, at: At) -> str:
        failed = next((part for part in parts if not part.holds(view, at)), None)
        return failed.why(view, at) if failed else " and ".join(part.why(view, at) for part in parts)

    return Condition(holds, why)


def _any(parts: Sequence[Condition]) -> Condition:
    def holds(view: View, at: At) -> bool:
        return any(part.holds(view, at) for part in parts)

    def why(view: View, at: At) -> str:
        held = next((part for part in parts if part.holds(view, at)), None)
        return held.why(view, at) if held else " and ".join(part.why(view, at) for part in parts)

    return Condition(holds, why)


def _not(part: Condition) -> Condition:
    return Condition(lambda view, at: not part.holds(view, at), part.why)


def _tests(path_said: str, said: Any, where: Where, scope: Scope) -> Condition:
    """All operators of one path."""
    path = scope.path(path_said, where)
    if not isinstance(said, dict) or not said:
        value = said if isinstance(said, str | int | float) else "value"
        raise scope.error(f"`{path_said}` needs an operator", where, f"write `{path_said}: {{is: {value}}}`")
    problems: list[BadMappingError] = []
    parts: list[Condition] = []
    for name, value in said.items():
        with BadMappingError.told_in(problems):
            parts.append(_test(path, name, value, (*where, name), scope))
    if problems:
        raise BadMappingError.of(problems)
    return _all(parts)


def _test(path: Path, name: str, said: Any, where: Where, scope: Scope) -> Condition:
    operator = OPERATORS.get(name)
    if operator is None:
        raise scope.error(f"there is no operator `{name}`", where, nearest(name, OPERATORS))
    _check_type(path, name, operator, said, where, scope)
    read = _change_of(path, where, scope) if operator.of_change else path.read
    wanted = _operand(name, operator, said, where, scope)
    _name_tags(path, name, said, where, scope)
    rule, text = scope.rule, path.text

    def holds(view: View, at: At) -> bool:
        value = read(view, at)
        if not operator.takes_nothing and is_nothing(value):
            raise CannotEvaluateError(rule, text, "has no value")
        try:
            return operator.test(value, wanted(view, at), at)
        except UnfitError as unfit:
            raise CannotEvaluateError(rule, text, f"{unfit}: {shown(value)}") from None
        except OverflowError:
            raise CannotEvaluateError(rule, text, f"is beyond the calendar: {shown(value)}") from None

    return Condition(holds, _why(path, name, operator, said, holds))


def _name_tags(path: Path, name: str, said: Any, where: Where, scope: Scope) -> None:
    """Note the tags that a condition names."""
    if path.names[-1:] != ("tags",) or not name.startswith("has"):
        return
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, str):
            scope.name("tag", one, where)


def _why(path: Path, name: str, operator: Operator, said: Any, holds: Callable[[View, At], bool]) -> Read:
    """Says why one operator held or not; of single values, what was there instead."""
    positive, negative = operator.told
    if operator.is_fact:
        return lambda view, at: f"{path.text} {positive if holds(view, at) is said else negative}"
    shows_value = not (operator.of_change or name.startswith("has"))
    told = _told(said)

    def why(view: View, at: At) -> str:
        if holds(view, at):
            return f"{path.text} {positive} {told}"
        if not shows_value:
            return f"{path.text} {negative} {told}"
        value = path.read(view, at)
        return f"{path.text} is {'empty' if is_nothing(value) else f'`{in_words(value)}`'}, {negative} {told}"

    return why


def _told(said: Any) -> str:
    """What a value is compared with, for reading."""
    if isinstance(said, dict):
        return f"{said.get('path')}"
    return ", ".join(f"`{one}`" for one in said) if isinstance(said, list) else f"`{in_words(said)}`"


def _operand(name: str, operator: Operator, said: Any, where: Where, scope: Scope) -> Read:
    """What a value is compared with: fixed, or what another path finds."""
    if isinstance(said, dict) and set(said) == {"path"}:
        if not operator.takes_path:
            raise scope.error(f"`{name}` takes no path", where)
        return _operand_of_path(operator, scope.value(said["path"], (*where, "path")), scope)
    try:
        prepared = operator.prepare(said)
    except UnfitError as unfit:
        raise scope.error(f"`{name}`: {shown(said)} {unfit}", where) from None
    return lambda _view, _at: prepared


def _operand_of_path(operator: Operator, path: Path, scope: Scope) -> Read:
    rule = scope.rule

    def read(view: View, at: At) -> Any:
        value = path.read(view, at)
        if is_nothing(value):
            if operator.takes_nothing:
                return None if operator.prepare is operands.anything else []
            raise CannotEvaluateError(rule, path.text, "has no value")
        try:
            return operator.prepare(value)
        except UnfitError as unfit:
            raise CannotEvaluateError(rule, path.text, f"{shown(value)} {unfit}") from None

    return read


def _change_of(path: Path, where: Where, scope: Scope) -> Read:
    """Reads the old value and the new one of a field, None where it did not change."""
    own = names_of(scope.stream)
    if len(path.names) < 2 or path.names[0] not in own:  # noqa: PLR2004 - root.field
        told = " or ".join(f"`{root}.…`" for root in sorted(own))
        raise scope.error(
            f"`{path.text}` is no field of the record whose change is known", where, f"write {told}"
        )
    scope.by_change = True
    field = ".".join(path.names[1:])

    def read(view: View, _at: At) -> Any:
        fields = (view.get("change") or {}).get("fields") or {}
        return fields.get(field)

    return read


def _check_type(path: Path, name: str, operator: Operator, said: Any, where: Where, scope: Scope) -> None:
    """Refuse what could never hold: an operator or a value that is not for such a field."""
    if path.shape.fields and name != "empty":
        raise scope.error(f"`{path.text}` is a record", where, "name one of its fields")
    type_ = path.shape.type
    if type_ is None:
        return
    if operator.types and type_ not in operator.types:
        fit = ", ".join(fitting(type_))
        raise scope.error(
            f"`{name}` is not for `{path.text}`, which is of type {type_}", where, f"one of: {fit}"
        )
    if operator.of_change or name not in ("is", "is_not", "in", "not_in") or isinstance(said, dict):
        return
    if type_ is FieldType.TEXTS and isinstance(said, list):
        return
    for value in said if isinstance(said, list) else [said]:
        _check_value(path, type_, value, where, scope)


def _check_value(path: Path, type_: FieldType, value: Any, where: Where, scope: Scope) -> None:
    if type_ is FieldType.BOOLEAN and not isinstance(value, bool):
        raise scope.error(f"`{path.text}` is true or false, never {shown(value)}", where)
    if type_ is FieldType.TEXTS:
        raise scope.error(f"`{path.text}` is a list, never {shown(value)}", where, f"write `has: {value}`")
    if type_ is FieldType.TEXT and isinstance(value, bool):
        raise scope.error(f"`{path.text}` is text, never {shown(value)}", where, "put it in quotes")
    if path.names[-1:] and path.names[-1] in _REFERRING and isinstance(value, str) and not _is_id(value):
        name = _REFERRING[path.names[-1]]
        instead = f"compare `{name}`, or " if name else ""
        remedy = f"{instead}write the id" if path.names[0] == "contact" or not name else "write the id"
        raise scope.error(f"`{path.text}` holds an id, and {shown(value)} is none", where, remedy)


def _is_id(text: str) -> bool:
    return text.isalnum() and len(text) >= ID_LENGTH
