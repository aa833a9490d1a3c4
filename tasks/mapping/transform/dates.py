"""Dates as people and programs write them: what is certain is read, what is not is refused with its reason.

Whether 02/03/1990 is in February or in March nothing in it says: the order of its column does, which is
found from the column's other values (``Order``), or given.
"""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from unicodedata import combining, normalize

from tasks.mapping.transform.invisible import visible

NONE = "is no date"
NO_YEAR = "has no year"
NO_DAY = "has no day"
UNREAL = "is no day of the calendar"
TWO_WAYS = "may be day/month or month/day: give the transform `order: dmy` or `order: mdy`"

YEAR_ALONE = "is a year alone"

MILLISECONDS_FROM = 100_000_000_000
"""Numbers from here on, and below its negative, can only count milliseconds (as seconds: the year 5138)."""

SERIALS = (1_000, 73_050)
"""Days of a spreadsheet that may be dates, 1902 to 2099; smaller numbers are ages and the like."""

SECONDS = (1_000_000_000, 4_102_444_800)
"""Seconds since 1970 that are a moment of 2001 to 2099."""

_SERIAL_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone

DATE_LIMIT = 64
"""Longest text taken for a date."""


class Order(StrEnum):
    """What comes first in dates that end with their year."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class NoDateError(ValueError):
    """A text is no certain date; the message says why, without the text."""


_MONTHS = (
    "january januar janvier enero jaenner gennaio janeiro januari",
    "february februar fevrier febrero feber febbraio fevereiro februari",
    "march maerz marz mars marzo mrz marco maart",
    "april avril abril aprile",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus",
    "september septembre septiembre setiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag"
    " samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles"
    " jueves viernes sabado domingo"
)
_FILLERS = "de del of the le el den am d st nd rd th er eme"

_TIME = re.compile(r"(?<=[\d.])(?:T|,?\s+(?:at |um |à )?)\d{1,2}:\d\d.*", re.DOTALL)
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,]\d+)?\s*(?:([ap])\.?m\b)?", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/._\s]\s*(\d{1,2})\s*[-/._\s]\s*(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*([-/._\s])\s*(\d{1,2})\s*[-/._\s]\s*'?(\d{4}|\d\d)\.?")
_NO_YEAR = re.compile(r"--?\d{1,2}-?\d{1,2}|\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_EASTERN = str.maketrans({"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " "})


def read_date(text: str, order: Order | None, *, past: bool = False) -> dt.date:
    """The date that a text says.

    Args:
        order: Of day and month where the text does not tell.
        past: Whether two digits of a year mean the last such year; else the nearest one.

    Raises:
        NoDateError: It is none, or not certainly one.
    """
    if len(text) > DATE_LIMIT:
        raise NoDateError(NONE)
    said = _TIME.sub("", visible(text).translate(_EASTERN).strip()).strip(" ,")
    if re.search(r"\d", said) and not re.search(r"[1-9]", said):
        raise NoDateError(UNREAL)
    if found := _YEAR_FIRST.fullmatch(said) or _COMPACT.fullmatch(said):
        return _date(*map(int, found.groups()))
    if found := _YEAR_LAST.fullmatch(said):
        return _by_order(int(found[1]), int(found[3]), found[4], found[2], order, past=past)
    if _NO_YEAR.fullmatch(said):
        raise NoDateError(NO_YEAR)
    if re.search(r"[^\W\d_]", said):
        return _in_words(said, past=past)
    raise NoDateError(NONE)


def read_moment(text: str, order: Order | None) -> dt.datetime:
    """The moment that a text says, without a zone; midnight where it says no time.

    Raises:
        NoDateError: It is none, or not certainly one.
    """
    day, found = read_date(text, order), _CLOCK.search(text)
    if not found:
        return dt.datetime.combine(day, dt.time())
    hour, half = int(found[1]), (found[4] or "").lower()
    if half:
        hour = hour % 12 + 12 * (half == "p")
    try:
        return dt.datetime.combine(day, dt.time(hour, int(found[2]), int(found[3] or 0)))
    except ValueError:
        raise NoDateError(UNREAL) from None


def moment_of(number: float, epoch: str | None) -> dt.datetime:
    """The moment that a number says, in UTC where it counts since 1970.

    Args:
        epoch: What it counts since 1970, ``milliseconds`` or ``seconds``; without it the number may be the
            day of a spreadsheet (32932), the digits of a date (19900228), or a moment of our time since 1970.

    Raises:
        NoDateError: It is none of these.
    """
    if epoch is not None:
        return _since_1970(number / (1000 if epoch == "milliseconds" else 1))
    if (written := _COMPACT.fullmatch(str(int(number)))) and number == int(number):
        return dt.datetime.combine(_date(*map(int, written.groups())), dt.time())
    if 1900 <= number <= 2100:  # noqa: PLR2004 - years
        raise NoDateError(YEAR_ALONE)
    if SERIALS[0] <= number <= SERIALS[1]:
        return _SERIAL_ZERO + dt.timedelta(days=number)
    if abs(number) >= MILLISECONDS_FROM:
        return _since_1970(number / 1000)
    if SECONDS[0] <= number <= SECONDS[1]:
        return _since_1970(number)
    raise NoDateError(NONE)


def _since_1970(seconds: float) -> dt.datetime:
    try:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        raise NoDateError(NONE) from None


def order_told(text: str) -> Order | None:
    """The order that a text proves by a number that can be no month; None where it proves none."""
    if len(text) > DATE_LIMIT:
        return None
    found = _YEAR_LAST.fullmatch(_TIME.sub("", visible(text)).strip(" ,"))
    if not found:
        return None
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second > 0 and first <= 31:  # noqa: PLR2004 - months, days
        return Order.DAY_FIRST
    return Order.MONTH_FIRST if second > 12 >= first > 0 and second <= 31 else None  # noqa: PLR2004


def _by_order(first: int, second: int, year: str, mark: str, order: Order | None, *, past: bool) -> dt.date:
    """A date of three numbers whose year is the last, or which begins with a year of two digits."""
    if first > 31 and len(year) == 2:  # noqa: PLR2004 - no day
        return _date(_whole_year(f"{first:02}", second, int(year), past=past), second, int(year))
    if first == second:
        order = Order.DAY_FIRST
    elif max(first, second) > 12:  # noqa: PLR2004 - no month
        order = Order.DAY_FIRST if first > second else Order.MONTH_FIRST
    elif order is None and mark == ".":
        order = Order.DAY_FIRST  # nobody writes points with the month first
    if order is None:
        raise NoDateError(TWO_WAYS)
    day, month = (first, second) if order is Order.DAY_FIRST else (second, first)
    return _date(_whole_year(year, month, day, past=past), month, day)


def _in_words(said: str, *, past: bool) -> dt.date:
    """A date whose month is a word: ``28-Feb-90``, ``Feb 28, 1990``, ``28. Februar 1990``."""
    tokens = re.findall(r"[^\W\d_]+|'?\d+", _folded(said))
    months, numbers, place = [], [], 0
    for token in tokens:
        if token.strip("'").isdigit():
            numbers.append(token)
        elif month := _month_of(token):
            months.append(month)
            place = len(numbers)
        elif token not in _FILLERS.split() and not any(day.startswith(token) for day in _DAYS.split()):
            raise NoDateError(NONE)
    if len(months) != 1 or not 1 <= len(numbers) <= 2:  # noqa: PLR2004 - day and year
        raise NoDateError(NONE)
    if len(numbers) == 1:
        raise NoDateError(NO_DAY if len(numbers[0]) == 4 else NO_YEAR)  # noqa: PLR2004 - a year
    day, year = reversed(numbers) if len(numbers[0]) == 4 else numbers  # noqa: PLR2004 - a year
    if len(day) > 2 or (len(year.strip("'")) not in (2, 4)) or place > 1:  # noqa: PLR2004 - digits
        raise NoDateError(NONE)
    return _date(_whole_year(year.strip("'"), months[0], int(day), past=past), months[0], int(day))


def _month_of(token: str) -> int:
    """The number of the month that a word begins, in seven languages; 0 for none."""
    fits = {
        number
        for number, names in enumerate(_MONTHS, 1)
        if len(token) >= 3 and any(name.startswith(token) for name in names.split())  # noqa: PLR2004 - letters
    }
    return fits.pop() if len(fits) == 1 else 0


def _folded(text: str) -> str:
    return "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))


def _whole_year(year: str, month: int, day: int, *, past: bool) -> int:
    """A year of four digits, of two those of the last or the nearest such year."""
    if len(year) == 4:  # noqa: PLR2004 - digits
        return int(year)
    today = dt.datetime.now(dt.UTC).date()
    found = today.year // 100 * 100 + int(year)
    if past:
        return found if (found, month, day) <= (today.year, today.month, today.day) else found - 100
    return min((found - 100, found, found + 100), key=lambda one: abs(one - today.year))


def _date(year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise NoDateError(UNREAL) from None
