"""Which expectations suit which fields, and dates for those that compare dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tasks.mapping.checks.arguments import misfit, with_moments
from tasks.streams import FieldType

LENGTH = "expect_column_value_lengths_to_be_between"
REGEX = "expect_column_values_to_match_regex"
NOT_NULL = "expect_column_values_to_not_be_null"
BETWEEN = "expect_column_values_to_be_between"


@pytest.mark.parametrize(
    ("rule", "options", "kinds"),
    [
        (LENGTH, {"max_value": 3}, [FieldType.TEXT]),
        (REGEX, {"regex": "a"}, [FieldType.TEXT]),
        (BETWEEN, {"min_value": 3}, [FieldType.NUMBER]),
        (BETWEEN, {"min_value": "2026-01-01"}, [FieldType.DATE, FieldType.TIMESTAMP]),
        *((NOT_NULL, {}, [kind]) for kind in FieldType),
    ],
)
def test_what_suits_is_let_through(rule: str, options: dict[str, Any], kinds: list[FieldType]) -> None:
    assert misfit(rule, options, kinds) == ""


@pytest.mark.parametrize(
    ("rule", "options", "kinds", "why"),
    [
        (REGEX, {}, [FieldType.TEXT], "needs `regex`"),
        (LENGTH, {}, [FieldType.NUMBER], "is about text, not about a field of type"),
        (LENGTH, {}, [FieldType.TEXTS], "is about single values, not about a field of type"),
        (BETWEEN, {}, [FieldType.OBJECT], "is about single values"),
        (REGEX, {"regex": "a"}, [FieldType.TEXT, FieldType.DATE], "is about text"),
    ],
)
def test_what_does_not_suit_is_told(
    rule: str, options: dict[str, Any], kinds: list[FieldType], why: str
) -> None:
    assert misfit(rule, options, kinds).startswith(f"`{rule}` {why}")


def test_dates_are_dates_without_a_zone_in_utc() -> None:
    given = {"min_value": "2026-01-01", "max_value": "2026-01-01T01:00:00+02:00", "mostly": 0.5}
    assert with_moments(given, [FieldType.TIMESTAMP]) == {
        "min_value": datetime(2026, 1, 1),  # noqa: DTZ001 - as the data frame has them
        "max_value": datetime(2025, 12, 31, 23),  # noqa: DTZ001
        "mostly": 0.5,
    }


def test_sets_and_pairs_of_dates_are_too() -> None:
    found = with_moments(
        {"value_set": ["2026-01-01", None], "value_pairs_set": [["2026-01-01"]]}, [FieldType.DATE]
    )
    day = datetime(2026, 1, 1)  # noqa: DTZ001
    assert found == {"value_set": [day, None], "value_pairs_set": [[day]]}


def test_without_a_date_among_the_columns_text_stays_text() -> None:
    given = {"min_value": "2026-01-01"}
    assert with_moments(given, [FieldType.TEXT, FieldType.NUMBER]) is given


@pytest.mark.parametrize("value", ["yesterday", 5, "2026-13-01", {"a": 1}])
def test_what_is_no_date_is_named(value: Any) -> None:
    with pytest.raises(ValueError, match="is no date or timestamp") as caught:
        with_moments({"min_value": value}, [FieldType.DATE])
    assert str(value) in str(caught.value).replace("'", "") or isinstance(value, dict)
