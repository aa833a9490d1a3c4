"""A field's ``clean``, compiled: transforms looked up, their options checked and bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from tasks.core.batch import shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Where
from tasks.core.words import nearest
from tasks.mapping.language import CleanStep, Mapping
from tasks.mapping.transform.dates import Order
from tasks.mapping.transform.fill import Clean
from tasks.mapping.transform.paths import BadPathError, Getter, compile_path
from tasks.mapping.transform.phones import is_region
from tasks.mapping.transform.registry import Transform
from tasks.mapping.transform.vocabulary import TRANSFORMS
from tasks.streams import FILLED, FieldType

CHOICES = {"order": tuple(Order), "epoch": ("milliseconds", "seconds")}
"""Options that take one of a few words."""


def compile_steps(
    mapping: Mapping, steps: Sequence[CleanStep], where: Where, found_out: Table[str, str] = {}
) -> Clean:
    """The functions of a field's transforms, in order.

    Args:
        found_out: Options that the mapping leaves open, as the field's column turned out to be.

    Raises:
        BadMappingError: A transform or an option is unknown, missing or of the wrong kind.
    """
    problems: list[BadMappingError] = []
    found = []
    for step in steps:
        with BadMappingError.told_in(problems):
            found.append(_step(mapping, step, where, found_out))
    if problems:
        raise BadMappingError.of(problems)
    return tuple(found)


def step_path(mapping: Mapping, expression: str, where: Where) -> Getter:
    """The function that finds ``expression`` in a record.

    Raises:
        BadMappingError: The path cannot be read.
    """
    try:
        return compile_path(expression)
    except BadPathError as error:
        raise mapping.error(str(error), where, error.remedy) from None


def _step(
    mapping: Mapping, step: CleanStep, where: Where, found_out: Table[str, str]
) -> tuple[Callable[..., Any], bool]:
    if step.name not in TRANSFORMS:
        raise mapping.error(f"unknown transform `{step.name}`", where, nearest(step.name, TRANSFORMS))
    found = TRANSFORMS[step.name]
    _check_options(mapping, found, step.options, where)
    fixed = {name: value for name, value in found_out.items() if name in found.options}
    fixed |= {name: value for name, value in step.options.items() if name not in found.paths}
    paths = {
        name: step_path(mapping, step.options[name], where) for name in found.paths & step.options.keys()
    }
    function = partial(found.function, **fixed) if fixed else found.function
    return (_reading(function, paths), True) if paths else (function, False)


def _check_options(mapping: Mapping, found: Transform, given: dict[str, Any], where: Where) -> None:
    wrong = [_option_problem(mapping, found, name, value) for name, value in given.items()]
    problems = [mapping.error(what, where, remedy) for what, remedy in filter(None, wrong)]
    problems += [
        mapping.error(f"`{found.name}` needs the option `{name}`", where)
        for name in sorted(found.required - given.keys())
    ]
    if problems:
        raise BadMappingError.of(problems)


def _option_problem(mapping: Mapping, found: Transform, name: str, value: Any) -> tuple[str, str] | None:
    if not found.options:
        return f"`{found.name}` has no options", "write its name alone"
    if name not in found.options:
        return f"`{found.name}` has no option `{name}`", nearest(name, found.options)
    if isinstance(value, bool) or not isinstance(value, found.options[name]):
        return f"`{found.name}`: {shown(value)} is no value for `{name}`", ""
    return _wrong_value(mapping, found, name, value)


def _wrong_value(mapping: Mapping, found: Transform, name: str, value: Any) -> tuple[str, str] | None:
    if name in CHOICES and value not in CHOICES[name]:
        return f"`{found.name}`: {shown(value)} is no value for `{name}`", " or ".join(CHOICES[name])
    if name == "extension" and (place := _no_text_field(mapping, str(value))):
        return f"`{found.name}`: {place}", "a field of this mapping that holds text, e.g. note"
    if name == "zone" and value not in available_timezones():
        return f"`{found.name}`: {shown(value)} is no time zone", "a name as America/Chicago or Europe/Vienna"
    if name == "default_region" and not is_region(str(value)):
        return f"`{found.name}`: {shown(value)} is no country", "two letters of ISO 3166, e.g. US"
    return None


def _no_text_field(mapping: Mapping, name: str) -> str:
    """Why a field cannot hold text; empty if it can."""
    field = FILLED[mapping.target].field(name)
    if field is None or name not in mapping.fields:
        return f"`{name}` is not a field of this mapping"
    return "" if field.type is FieldType.TEXT else f"`{name}` holds no text"


def _reading(function: Callable[..., Any], paths: dict[str, Getter]) -> Callable[[Any, dict[str, Any]], Any]:
    if len(paths) == 1:
        [(name, get)] = paths.items()
        return lambda value, record: function(value, **{name: get(record)})
    return lambda value, record: function(value, **{name: get(record) for name, get in paths.items()})
