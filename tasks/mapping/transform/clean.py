"""The transforms that a mapping's ``clean`` may name.

Two families are forgiving on purpose: what is no phone number, e-mail address or domain stays as
trimmed text, so that the mapping's checks decide about it and show it, and no contact is lost for a
phone number. What has no sensible text, a date say, is refused with :class:`CleanError`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from unicodedata import normalize

from tasks.mapping.transform.countries import normalise_country
from tasks.mapping.transform.normalise import normalise_domain, normalise_email, normalise_phone
from tasks.mapping.transform.refusal import CleanError
from tasks.mapping.transform.registry import transform

_Given = TypeVar("_Given")
_Parsed = TypeVar("_Parsed")

MILLISECONDS_FROM = 100_000_000_000
"""Numbers from here on are milliseconds since 1970 (as seconds they would be the year 5138)."""


@transform()
def text(value: Any) -> str | None:
    """Text without outer, doubled and line-breaking space, in Unicode NFC; a number becomes its digits."""
    spelled = value if type(value) is str else _spelled(value)
    if not spelled.isascii():
        spelled = normalize("NFC", spelled)
    return " ".join(spelled.split()) or None


@transform()
def multiline(value: Any) -> str | None:
    """Text in Unicode NFC whose line breaks stay; outer space goes, also at the ends of lines."""
    lines = (line.rstrip() for line in normalize("NFC", _spelled(value)).splitlines())
    return "\n".join(lines).strip() or None


def _spelled(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    raise CleanError(value, "is no text")


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
def country(value: Any) -> str | None:
    """A country of two letters (ISO 3166), from its code or name; what is none stays as upper-case text."""
    cleaned = text(value)
    return cleaned and (normalise_country(cleaned) or cleaned.upper())


@transform()
def truncate(value: Any, *, length: int) -> str | None:
    """Like `text`, cut to `length` characters."""
    cleaned = text(value)
    return cleaned and (cleaned[:length].rstrip() or None)


@transform()
def email(value: Any) -> str | None:
    """A normalised e-mail address in lower case; what is none stays as lower-case text, for the checks."""
    if type(value) is not str:
        raise CleanError(value, "is no text")
    return normalise_email(value) or lower(value)


@transform()
def emails(value: Any) -> list[str] | None:
    """A list of addresses, each like `email`, none twice; items may be objects with an `email`."""
    return _distinct(map(email, _items(value, "email")))


@transform(paths=("region",))
def phone(value: Any, *, region: str | None = None, default_region: str | None = None) -> str | None:
    """A number in E.164, read as one of the country at path `region` or else of `default_region`.

    The country may be a code or a name. What is no number stays as trimmed text, for the checks.
    """
    spelled = value if type(value) is str else _spelled(value)
    place = region if type(region) is str and region else default_region
    if place and len(place) != len("US"):
        place = normalise_country(place)
    return normalise_phone(spelled, place) or text(spelled)


@transform(paths=("region",))
def phones(value: Any, *, region: str | None = None, default_region: str | None = None) -> list[str] | None:
    """A list of numbers, each like `phone`, none twice; items may be objects with a `phone`."""
    items = _items(value, "phone")
    return _distinct(phone(item, region=region, default_region=default_region) for item in items)


@transform()
def domain(value: Any) -> str | None:
    """The domain of a URL or e-mail address, without `www.`; what has none stays as lower-case text."""
    if type(value) is not str:
        raise CleanError(value, "is no text")
    return normalise_domain(value) or lower(value)


@transform()
def date(value: Any, *, format: str | None = None) -> dt.date:  # noqa: A002 - the option's name in mappings
    """A date from ISO 8601, from a number like `timestamp`, or from text of a strptime `format`."""
    if type(value) is str and format is None and len(value) == len("2024-01-31"):
        return _parsed(dt.date.fromisoformat, value, "is no date")
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return _moment(value, format).date()
    except CleanError:
        raise CleanError(value, "is no date") from None


@transform()
def timestamp(value: Any, *, format: str | None = None) -> dt.datetime:  # noqa: A002 - as in `date`
    """A moment in UTC from ISO 8601 (no zone: UTC), seconds or milliseconds since 1970, or by `format`."""
    moment = _moment(value, format)
    if moment.tzinfo is dt.UTC:
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=dt.UTC)
    return _parsed(lambda found: found.astimezone(dt.UTC), moment, "is no timestamp")


def _moment(value: Any, pattern: str | None) -> dt.datetime:
    if type(value) is str:
        if pattern is None:
            return _parsed(dt.datetime.fromisoformat, value.strip(), "is no timestamp")
        return _parsed(lambda found: dt.datetime.strptime(found, pattern), value.strip(), f"is not {pattern}")  # noqa: DTZ007 - no zone means UTC
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= MILLISECONDS_FROM else value
        return _parsed(lambda found: dt.datetime.fromtimestamp(found, dt.UTC), seconds, "is no timestamp")
    raise CleanError(value, "is no timestamp")


def _parsed(parse: Callable[[_Given], _Parsed], value: _Given, problem: str) -> _Parsed:
    try:
        return parse(value)
    except (ValueError, OverflowError, OSError):
        raise CleanError(value, problem) from None


@transform()
def number(value: Any) -> float | int:
    """A number, or text that is one (`12.50`, no thousands separators)."""
    if isinstance(value, str):
        found = _parsed(_number, value, "is no number")
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
def tags(value: Any) -> list[str] | None:
    """A list of distinct tags, each like `text`, from a list or from text with commas."""
    if type(value) is str:
        value = value.split(",")
    elif type(value) is not list:
        raise CleanError(value, "is no list of tags")
    return _distinct(_texts(value))


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
def join(value: Any, *, separator: str = ", ") -> str | None:
    """A list as one text, its items like `text`; a text as it is."""
    return separator.join(_texts(value if type(value) is list else [value])) or None


@transform()
def split(value: Any, *, separator: str = ",") -> list[str] | None:
    """A text as a list of distinct parts, each like `text`, an empty `separator` being any space."""
    parts = value if type(value) is list else _spelled(value).split(separator or None)
    return _distinct(_texts(parts))


@transform()
def lookup(value: Any, *, table: dict[str, Any], default: str | None = None) -> Any:
    """What `table` holds for the value; `default`, or else the value itself, where it holds nothing."""
    key = value if isinstance(value, str) else _spelled(value)
    return table.get(key, value if default is None else default)


def _texts(items: Iterable[Any]) -> Iterator[str]:
    """The items that are not empty, each like ``text``."""
    return filter(None, (text(item) for item in items if item is not None))


def _items(value: Any, key: str) -> list[Any]:
    """The non-empty items of a list (or the one value), objects replaced by what they hold at ``key``."""
    found = []
    for item in value if type(value) is list else [value]:
        content = item.get(key) if type(item) is dict else item
        if content is not None:
            found.append(content)
    return found


def _distinct(items: Iterable[str | None]) -> list[str] | None:
    return list(dict.fromkeys(item for item in items if item)) or None
