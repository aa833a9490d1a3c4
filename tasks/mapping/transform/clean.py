"""The transforms that a mapping's ``clean`` may name.

What one cannot clean it refuses with :class:`CleanError`, and the field's ``on_failure`` says what becomes of
the value and its record. Lists are forgiving: an item that is no address stays as text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from unicodedata import normalize

from tasks.mapping.transform.blank import is_blank
from tasks.mapping.transform.invisible import visible
from tasks.mapping.transform.names import split_name
from tasks.mapping.transform.partial import Partial
from tasks.mapping.transform.refusal import CleanError
from tasks.mapping.transform.registry import transform
from tasks.mapping.transform.tag_lists import split_tags

_Given = TypeVar("_Given")
_Parsed = TypeVar("_Parsed")


@transform()
def text(value: Any) -> str | None:
    """Text without outer, doubled and line-breaking space, in Unicode NFC; a number becomes its digits.

    What nobody sees, such as a zero-width space, goes as well.
    """
    said = value if type(value) is str else spelled(value)
    if not said.isascii():
        said = normalize("NFC", visible(said))
    return " ".join(said.split()) or None


@transform()
def multiline(value: Any, *, length: int | None = None) -> str | Partial | None:
    """Text in Unicode NFC whose line breaks stay; outer space and that at the ends of lines goes.

    What is longer than ``length`` is cut, and told.
    """
    lines = (line.rstrip() for line in normalize("NFC", spelled(value)).splitlines())
    whole = "\n".join(lines).strip()
    if length is None or len(whole) <= length:
        return whole or None
    left = f"{len(whole) - length:,} characters"
    return Partial(whole[:length].rstrip(), (("clean", f"is cut to {length:,} characters", left),))


def spelled(value: Any) -> str:
    """Text or a number as text.

    Raises:
        CleanError: It is neither.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    raise CleanError(value, "is no text")


@transform()
def blank(value: Any, *, also: list[str] | None = None, but: list[str] | None = None) -> Any:
    """Nothing for what only says that there is nothing: `N/A`, `-`, `none`, `unknown`, `k.A.` and their like.

    ``also`` names further words, ``but`` words that mean something in this field.
    """
    return None if is_blank(value, also, but) else value


@transform()
def lower(value: Any) -> str | None:
    """Like `text`, in lower case."""
    cleaned = text(value)
    return cleaned and cleaned.lower()


@transform()
def upper(value: Any) -> str | None:
    """Like `text`, in upper case."""
    cleaned = text(value)
    return cleaned and cleaned.upper()


@transform()
def truncate(value: Any, *, length: int) -> str | None:
    """Like `text`, cut to `length` characters."""
    cleaned = text(value)
    return cleaned and (cleaned[:length].rstrip() or None)


def parsed(parse: Callable[[_Given], _Parsed], value: _Given, problem: str) -> _Parsed:
    """What a parser makes of a value.

    Raises:
        CleanError: It fails; ``problem`` says how.
    """
    try:
        return parse(value)
    except (ValueError, OverflowError, OSError):
        raise CleanError(value, problem) from None


@transform()
def number(value: Any) -> float | int:
    """A number, or text that is one (`12.50`, no thousands separators)."""
    if isinstance(value, str):
        found = parsed(_number, value, "is no number")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = value
    else:
        raise CleanError(value, "is no number")
    if isinstance(found, float) and not math.isfinite(found):
        raise CleanError(value, "is no number")
    return found


def _number(spelled: str) -> float | int:
    try:
        return int(spelled)
    except ValueError:
        return float(spelled)


_BOOLEANS = dict.fromkeys(("true", "yes", "y", "on", "1"), True) | dict.fromkeys(
    ("false", "no", "n", "off", "0"), False
)


@transform()
def boolean(value: Any) -> bool | None:
    """True or false, also from `yes`/`no`, `on`/`off`, `1`/`0` in any case; blank text is empty."""
    if isinstance(value, bool):
        return value
    spelled = str(value).strip().lower() if isinstance(value, str | int) else "?"
    if not spelled:
        return None
    if spelled not in _BOOLEANS:
        raise CleanError(value, "is neither true nor false")
    return _BOOLEANS[spelled]


@transform()
def tags(value: Any, *, separator: str | None = None) -> list[str] | None:
    """A list of distinct tags, from a list, JSON, or text with `separator` or what stands between them."""
    if type(value) is str:
        value = split_tags(value, separator)
    elif type(value) is not list:
        raise CleanError(value, "is no list of tags")
    found: dict[str, str] = {}
    for tag in texts(value):
        found.setdefault(tag.casefold(), tag)
    return list(found.values()) or None


@transform()
def full_name(value: Any) -> str | None:
    """Like `text`; `Muster, Bea` becomes Bea Muster."""
    cleaned = text(value)
    parts = split_name(cleaned) if cleaned else None
    return f"{parts.given} {parts.family}" if parts else cleaned


@transform()
def given_name(value: Any) -> str | None:
    """Of a given name and a whole one (a list of two) the first, or Bea of `Muster, Bea`."""
    return _part_of_name(value, 0)


@transform()
def family_name(value: Any) -> str | None:
    """Of a family name and a whole one (a list of two) the first, or Muster of `Muster, Bea`."""
    return _part_of_name(value, 1)


def _part_of_name(value: Any, part: int) -> str | None:
    own, whole = value if type(value) is list and len(value) == len(("own", "whole")) else (value, None)
    if own is not None and (cleaned := text(own)):
        return cleaned
    parts = split_name(text(whole) or "") if whole is not None else None
    return parts[part] if parts else None


@transform()
def custom_fields(value: Any) -> dict[str, Any] | None:
    """HighLevel's list of `{id, value}` as an object of id to value; empty values are left out."""
    if type(value) is not list:
        raise CleanError(value, "is no list of custom fields")
    found = {}
    for entry in value:
        if type(entry) is not dict or type(entry.get("id")) is not str:
            raise CleanError(entry, "is no custom field")
        item = entry.get("value")
        if item is not None and item != "":
            found[entry["id"]] = item
    return found or None


@transform()
def first(value: Any) -> Any:
    """The first item of a list that is not empty; anything else as it is."""
    if type(value) is not list:
        return value
    return next((item for item in value if item not in (None, "", [], {})), None)


@transform()
def prefer(value: Any, *, by: str, first: list[str], take: str) -> list[Any] | None:
    """What the objects of a list hold at `take`: those before others whose `by` `first` names, in its order.

    Case does not count. Of two alike the one that stands first in the list comes first.
    """
    if type(value) is not list:
        raise CleanError(value, "is no list")
    places = {str(word).casefold(): place for place, word in enumerate(first)}

    def place(item: dict[str, Any]) -> int:
        return places.get(str(item.get(by)).casefold(), len(places))

    objects = sorted((item for item in value if type(item) is dict), key=place)
    return [item[take] for item in objects if item.get(take) is not None] or None


@transform()
def join(value: Any, *, separator: str = ", ") -> str | None:
    """A list as one text, its items like `text`; a text as it is."""
    return separator.join(texts(value if type(value) is list else [value])) or None


@transform()
def split(value: Any, *, separator: str = ",") -> list[str] | None:
    """A text as a list of distinct parts, each like `text`, an empty `separator` being any space."""
    parts = value if type(value) is list else spelled(value).split(separator or None)
    return distinct(texts(parts))


@transform()
def lookup(value: Any, *, table: dict[str, Any], default: str | None = None) -> Any:
    """What `table` holds for the value; `default`, or else the value itself, where it holds nothing."""
    key = value if isinstance(value, str) else spelled(value)
    return table.get(key, value if default is None else default)


def texts(items: Iterable[Any]) -> Iterator[str]:
    """The items that are not empty, each like ``text``."""
    return filter(None, (text(item) for item in items if item is not None))


def items(value: Any, key: str) -> list[Any]:
    """The non-empty items of a list (or the one value), objects replaced by what they hold at ``key``."""
    found = []
    for item in value if type(value) is list else [value]:
        content = item.get(key) if type(item) is dict else item
        if content is not None:
            found.append(content)
    return found


def distinct(items: Iterable[str | None]) -> list[str] | None:
    """What is not empty, none twice; None for nothing."""
    return list(dict.fromkeys(item for item in items if item)) or None
