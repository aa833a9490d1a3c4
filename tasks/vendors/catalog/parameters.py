"""What a parameter of an operation must be: the catalog's words for it, and whether a value fits.

A value in a path or a query is text when it is sent, so numbers and texts are taken for each other
there; in a body they are not. No value is ever repeated in a message: it may be a secret in the wrong
place.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Place = Literal["path", "query", "body"]

_KIND = re.compile(
    r"(?P<required>required )?(?P<many>list of )?"
    r"(?:(?P<type>string|number|boolean|object|any)|one of (?P<choices>[^ ]+(?:, [^ ]+)*))(?P<null> or null)?"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a parameter must be.

    Args:
        words: As the catalog says it.
        type: ``string``, ``number``, ``boolean``, ``object`` or ``any``, of each item where ``many``.
        choices: The only values allowed; empty for any.
    """

    words: str
    type: str
    required: bool = False
    many: bool = False
    nullable: bool = False
    choices: tuple[str, ...] = ()

    @classmethod
    def read(cls, words: object) -> Kind:
        """The meaning of the catalog's words."""
        found = _KIND.fullmatch(words) if isinstance(words, str) else None
        if found is None:
            raise ValueError(f"{words!r} is not a kind of parameter")
        return cls(
            str(words),
            found["type"] or "string",
            required=found["required"] is not None,
            many=found["many"] is not None,
            nullable=found["null"] is not None,
            choices=tuple(found["choices"].split(", ")) if found["choices"] else (),
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an action, with its place in the request."""

    name: str
    place: Place
    kind: Kind


_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    ),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "any": lambda _: True,
}
_NAMES = {"string": "text", "number": "a number", "boolean": "true or false", "object": "an object"}


def fits(parameter: Parameter, value: Any) -> bool:
    """Whether a value is what the parameter must be."""
    kind = parameter.kind
    if value is None:
        return kind.nullable and parameter.place == "body"
    if kind.many:
        return isinstance(value, list) and all(_item_fits(parameter, item) for item in value)
    return _item_fits(parameter, value)


def _item_fits(parameter: Parameter, value: Any) -> bool:
    kind = parameter.kind
    if kind.choices:
        return value in kind.choices
    if parameter.place == "body":
        return _IS[kind.type](value)
    if not isinstance(value, str | int | float):  # everything in an address is text
        return False
    text = as_text(value)
    if parameter.place == "path":
        return text.strip(". ") != ""  # an empty segment, or a dot, would be another address
    return _IS[kind.type](read_text(Kind("", kind.type), text)) if kind.type != "string" else True


def expected(kind: Kind) -> str:
    """What a value must be, in words, e.g. "a list, each of it text"."""
    one = f"one of {', '.join(kind.choices)}" if kind.choices else _NAMES.get(kind.type, "anything")
    return (f"a list, each of it {one}" if kind.many else one) + (" or null" if kind.nullable else "")


def described(value: Any) -> str:
    """What was given, without telling it."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return "this list"
    if isinstance(value, str) and not value.strip(". "):
        return "empty"
    return next(name for kind, name in [*_NAMES.items(), ("any", "that")] if _IS[kind](value))


def read_text(kind: Kind, text: str) -> Any:
    """A text of the command line as what is wanted; what cannot be read stays text.

    A list is JSON, or items with commas between.
    """
    if text == "null" and kind.nullable:
        return None
    if kind.many and not text.startswith("["):
        return [read_text(Kind("", kind.type), item.strip()) for item in text.split(",")] if text else []
    if kind.type == "string" and not kind.many:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def as_text(value: Any) -> str:
    """A value as an address has it: true and false in lower case."""
    return json.dumps(value) if isinstance(value, bool) else str(value)
