"""Templates: text with ``{path | filter: argument}`` in it; ``{{`` and ``}}`` for braces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import shown
from tasks.core.marked_yaml import Where
from tasks.core.words import in_words, nearest
from tasks.mapping.rules.comparing import is_nothing
from tasks.mapping.rules.filters import FILTERS
from tasks.mapping.rules.moments import At
from tasks.mapping.rules.refusal import CannotEvaluateError, UnfitError
from tasks.mapping.rules.scope import Path, Read, Scope, View

QUOTES = "'\"`"
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text.

    Args:
        read: The text, or the value itself where the text is one path alone.
        fixed: The text where nothing is put into it; else None.
    """

    read: Read
    fixed: str | None = None


def compile_template(text: str, where: Where, scope: Scope) -> Template:
    """Compile a text.

    Raises:
        BadMappingError: A brace has no partner, or what is between two is no path with filters.
    """
    parts = list(_parts(text, where, scope))
    if all(isinstance(part, str) for part in parts):
        fixed = "".join(map(str, parts))
        return Template(lambda _view, _at: fixed, fixed)
    compiled = [part if isinstance(part, str) else _expression(part.text, where, scope) for part in parts]
    if len(compiled) == 1 and not isinstance(compiled[0], str):
        return Template(compiled[0])
    return Template(_joined(compiled, text, scope))


@dataclass(frozen=True, slots=True)
class _Braced:
    text: str


def _parts(text: str, where: Where, scope: Scope) -> Iterator[str | _Braced]:
    plain: list[str] = []
    place = 0
    while place < len(text):
        sign = text[place]
        if sign in "{}" and text[place : place + 2] == sign * 2:
            plain.append(sign)
            place += 2
        elif sign == "}":
            raise scope.error("`}` without `{`", where, "for a brace as such write `}}`")
        elif sign == "{":
            end = _end(text, place + 1)
            if end < 0:
                raise scope.error("`{` without `}`", where, "for a brace as such write `{{`")
            if plain:
                yield "".join(plain)
                plain = []
            yield _Braced(text[place + 1 : end])
            place = end + 1
        else:
            plain.append(sign)
            place += 1
    if plain or not text:
        yield "".join(plain)


def _end(text: str, start: int) -> int:
    """Where the brace closes that was opened before ``start``; -1 where it does not."""
    return next((place for place, depth in _outside(text, start) if text[place] == "}" and depth < 0), -1)


def _outside(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Every place that is not between quotes, and how deep in brackets it is."""
    quote, depth, escaped = "", 0, False
    for place in range(start, len(text)):
        sign = text[place]
        if quote:
            closes = sign == quote and not escaped
            escaped = sign == "\\" and not escaped
            quote = "" if closes else quote
            continue
        if sign in QUOTES:
            quote = sign
            continue
        depth += (sign in OPENING) - (sign in CLOSING)
        yield place, depth


def _split(text: str) -> list[str]:
    """A path and its filters: cut at every ``|`` that is neither quoted, in brackets nor doubled."""
    cuts = [place for place, depth in _outside(text) if text[place] == "|" and depth == 0]
    single = [cut for cut in cuts if cut - 1 not in cuts and cut + 1 not in cuts]
    return [text[a:b] for a, b in zip([0, *(cut + 1 for cut in single)], [*single, len(text)], strict=True)]


def _expression(text: str, where: Where, scope: Scope) -> Read:
    first, *steps = _split(text)
    path = scope.value(first.strip(), where)
    read: Read = path.read
    for step in steps:
        read = _filtered(read, path, step.strip(), where, scope)
    return read


def _filtered(read: Read, path: Path, step: str, where: Where, scope: Scope) -> Read:
    name, colon, said = (part.strip() for part in step.partition(":"))
    found = FILTERS.get(name)
    if found is None:
        raise scope.error(f"there is no filter `{name}`", where, nearest(name, FILTERS))
    if bool(colon) and found.takes is None:
        raise scope.error(f"`{name}` takes no argument", where)
    if not colon and found.needs:
        raise scope.error(f"`{name}` needs an argument", where, f"write e.g. `{name}: {found.example}`")
    argument = _argument(name, said, where, scope) if colon else (lambda _view, _at: None)
    rule = scope.rule

    def filtered(view: View, at: At) -> Any:
        value = read(view, at)
        if is_nothing(value) and not found.fills:
            return None
        try:
            return found.apply(value, argument(view, at), at)
        except UnfitError as unfit:
            raise CannotEvaluateError(rule, path.text, f"{unfit}: {shown(value)}") from None

    return filtered


def _argument(name: str, said: str, where: Where, scope: Scope) -> Read:
    """A quoted text, a number, or, for a default, another path."""
    filter_ = FILTERS[name]
    if len(said) > 1 and said[0] in "'\"" and said[-1] == said[0]:
        value: Any = said[1:-1]
    elif said.isascii() and said.isdecimal() and len(said) < 7:  # noqa: PLR2004 - a length of text
        value = int(said)
    elif filter_.fills:
        return scope.value(said, where).read
    else:
        raise scope.error(f"{shown(said)} is no argument", where, f"write e.g. `{name}: {filter_.example}`")
    problem = filter_.takes(value) if filter_.takes else ""
    if problem:
        raise scope.error(
            f"`{name}`: {shown(value)} {problem}", where, f"write e.g. `{name}: {filter_.example}`"
        )
    return lambda _view, _at: value


def _joined(parts: list[str | Read], text: str, scope: Scope) -> Read:
    rule = scope.rule

    def read(view: View, at: At) -> Any:
        try:
            told = [part if isinstance(part, str) else as_text(part(view, at), at) for part in parts]
        except (UnfitError, OverflowError) as error:
            what = str(error) if isinstance(error, UnfitError) else "is beyond the calendar"
            raise CannotEvaluateError(rule, text, f"cannot be told: a value {what}") from None
        return _without_gaps(told)

    return read


def _without_gaps(told: list[str]) -> str:
    """Texts together; where one is empty, one of the two spaces around it goes too."""
    found, gap = "", False
    for one in told:
        if not one:
            gap = True
            continue
        double = gap and one.startswith(" ") and (not found or found.endswith(" "))
        found, gap = found + (one[1:] if double else one), False
    return found.rstrip(" ") if gap else found


def as_text(value: Any, at: At) -> str:
    """How a value stands in a text.

    Raises:
        UnfitError: It is an object.
    """
    if is_nothing(value):
        return ""
    if isinstance(value, dict):
        raise UnfitError("is an object")
    if isinstance(value, list):
        return ", ".join(text for one in value if (text := as_text(one, at)))
    if isinstance(value, dt.datetime):
        return f"{at.local(value):%Y-%m-%d %H:%M}"
    return in_words(value)
