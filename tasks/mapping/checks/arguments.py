"""Which expectations make sense of which type of field, and dates for those that compare dates.

Great Expectations turns what it is given into text where it expects text (a list's length would be that
of its repr), and takes a date written as text for a text or a date, depending on the expectation. Both
end in verdicts that nobody meant, so they are settled here, before any row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from tasks.core.batch import shown
from tasks.streams import FieldType

ABOUT_TEXT = ("_lengths_", "_match_", "_parseable")
"""Parts of the names of expectations that look at text."""

ABOUT_ABSENCE = ("_null",)
"""Parts of the names of expectations that suit every type."""

CONTAINERS = frozenset({FieldType.TEXTS, FieldType.OBJECT})
MOMENTS = frozenset({FieldType.DATE, FieldType.TIMESTAMP})

COMPARED = ("min_value", "max_value", "value_set", "value_pairs_set")
"""Arguments that hold values of the column."""

NEEDED = {"expect_column_values_to_match_regex": "regex"}
"""Arguments without which an expectation is always met, though they may be left out."""


def misfit(rule: str, options: dict[str, Any], types: Iterable[FieldType]) -> str:
    """Why an expectation does not suit its columns or arguments; empty if it does."""
    if rule in NEEDED and NEEDED[rule] not in options:
        return f"`{rule}` needs `{NEEDED[rule]}`"
    if any(part in rule for part in ABOUT_ABSENCE):
        return ""
    textual = any(part in rule for part in ABOUT_TEXT)
    for kind in types:
        if kind in CONTAINERS:
            return f"`{rule}` is about single values, not about a field of type {kind}"
        if textual and kind is not FieldType.TEXT:
            return f"`{rule}` is about text, not about a field of type {kind}"
    return ""


def with_moments(options: dict[str, Any], types: Iterable[FieldType]) -> dict[str, Any]:
    """The arguments, dates written as text made dates where the columns hold such.

    Raises:
        ValueError: An argument is no date; the message says which.
    """
    if not MOMENTS.intersection(types):
        return options
    return {name: _moments(value) if name in COMPARED else value for name, value in options.items()}


def _moments(value: Any) -> Any:
    """Dates as the data frame has them: without a zone, in UTC."""
    if isinstance(value, list):
        return [_moments(item) for item in value]
    if value is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{shown(value)} is no date or timestamp (ISO 8601)") from None
