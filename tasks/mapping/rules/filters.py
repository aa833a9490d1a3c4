"""The filters of templates: a closed set, each with what it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasks.mapping.rules.comparing import is_nothing
from tasks.mapping.rules.moments import At, as_day, as_moment, known_moment
from tasks.mapping.rules.refusal import UnfitError

_PARTS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M"}
"""The parts of a date's form."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter.

    Args:
        apply: From a value, the argument and the time to another value; raises ``UnfitError``.
        summary: What it does.
        takes: What is wrong with an argument, "" for nothing; None where it takes none.
        needs: Whether it needs one.
        example: Of an argument.
        fills: Whether it is for missing values; all others leave them missing.
    """

    apply: Callable[[Any, Any, At], Any]
    summary: str
    takes: Callable[[Any], str] | None = None
    needs: bool = False
    example: str = ""
    fills: bool = False


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnfitError("is no text")
    return str(value)


def _default(value: Any, argument: Any, _at: At) -> Any:
    return argument if is_nothing(value) else value


def _first_word(value: Any, _argument: Any, _at: At) -> Any:
    return next(iter(_text(value).split()), None)


def _join(value: Any, argument: Any, _at: At) -> str:
    if not isinstance(value, list):
        raise UnfitError("is no list")
    return str(argument).join(_text(one) for one in value if not is_nothing(one))


def _truncate(value: Any, argument: Any, _at: At) -> str:
    text = _text(value)
    return text if len(text) <= argument else f"{text[: argument - 1]}…"


def _tokens(form: str) -> list[str]:
    """A date's form in pieces: its parts, and what stands between them."""
    found: list[str] = []
    while form:
        token = next((part for part in _PARTS if form.startswith(part)), form[0])
        found.append(token)
        form = form[len(token) :]
    return found


def _date(value: Any, argument: Any, at: At) -> str:
    moment = known_moment(value)
    try:
        if argument is None:
            return as_day(moment, at).isoformat()
        local: dt.datetime = as_moment(moment, at)
    except (OverflowError, ValueError):
        raise UnfitError("is no date of this calendar") from None
    return "".join(local.strftime(_PARTS[one]) if one in _PARTS else one for one in _tokens(argument))


def _is_form(argument: Any) -> str:
    if not isinstance(argument, str) or not argument:
        return "is no form of a date"
    wrong = next((one for one in _tokens(argument) if one.isalpha() and one not in _PARTS), "")
    return f"is no form of a date: `{wrong}` is not one of {', '.join(_PARTS)}" if wrong else ""


def _is_text(argument: Any) -> str:
    return "" if isinstance(argument, str) else "is no text"


def _is_length(argument: Any) -> str:
    return "" if isinstance(argument, int) and argument > 0 else "is no number of characters"


FILTERS: dict[str, Filter] = {
    "default": Filter(
        _default,
        "what stands there where there is no value: a text, a number or another path",
        takes=lambda _argument: "",
        needs=True,
        example="'there'",
        fills=True,
    ),
    "upper": Filter(lambda value, _a, _at: _text(value).upper(), "in upper case"),
    "lower": Filter(lambda value, _a, _at: _text(value).lower(), "in lower case"),
    "title": Filter(lambda value, _a, _at: _text(value).title(), "each word with a capital letter"),
    "trim": Filter(lambda value, _a, _at: _text(value).strip(), "without spaces around it"),
    "first_word": Filter(_first_word, "its first word"),
    "date": Filter(
        _date,
        f"a date, in a form made of {', '.join(_PARTS)}; without one as 2026-12-24",
        takes=_is_form,
        example="'DD.MM.YYYY'",
    ),
    "join": Filter(
        _join, "a list's members with this between them", takes=_is_text, needs=True, example="', '"
    ),
    "truncate": Filter(
        _truncate, "so many characters of it at most", takes=_is_length, needs=True, example="80"
    ),
}
"""Every filter by name."""
