"""The register of transforms: what ``clean`` in a mapping may name, with which options.

A transform is a function of one value, registered by decorator under its own name. It is never given
``None`` (an absent value stays absent), answers ``None`` where nothing is left and :class:`Partial` where
there is something to tell of what it answers, and raises :class:`CleanError` for what it cannot clean. Its
keyword arguments are the options of the mapping language; the first line of its docstring is the help text.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import UnionType
from typing import Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from tasks.mapping.transform.partial import Partial

Function: TypeAlias = Callable[..., Any]
_Function = TypeVar("_Function", bound=Function)


@dataclass(frozen=True, slots=True)
class Transform:
    """A registered transform.

    Args:
        options: Option name to the type its value must have.
        required: Options that must be given.
        paths: Options whose value is a path into the source record; the function gets what is there.
        summary: First line of its docstring.
        tells: Whether it may answer ``Partial``.
    """

    name: str
    function: Function
    options: dict[str, type | UnionType]
    required: frozenset[str]
    paths: frozenset[str]
    summary: str
    tells: bool


TRANSFORMS: dict[str, Transform] = {}
"""Every transform by name."""


def transform(*, paths: tuple[str, ...] = ()) -> Callable[[_Function], _Function]:
    """Register the decorated function under its name.

    Args:
        paths: Its options that name a path into the source record.
    """

    def register(function: _Function) -> _Function:
        hints = get_type_hints(function)
        given = [
            parameter
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY
        ]
        name = function.__name__.rstrip("_")
        TRANSFORMS[name] = Transform(
            name=name,
            function=function,
            options={option.name: _checkable(hints[option.name]) for option in given},
            required=frozenset(option.name for option in given if option.default is option.empty),
            paths=frozenset(paths),
            summary=(function.__doc__ or "").partition("\n")[0],
            tells=Partial in get_args(hints.get("return")),
        )
        return function

    return register


def _checkable(hint: Any) -> type | UnionType:
    """The part of a type hint that ``isinstance`` takes: ``dict`` of ``dict[str, Any]``."""
    plain: type | UnionType = get_origin(hint) or hint
    if isinstance(hint, UnionType):
        plain = reduce(or_, (get_origin(one) or one for one in get_args(hint)))
    return plain
