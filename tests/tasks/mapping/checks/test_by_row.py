"""Which checks judge a row the same whatever other rows it comes with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from tasks.core.batch import MappedBatch, Row
from tasks.mapping.checks import engine
from tasks.mapping.checks.checks import BY_ROW, Checker
from tasks.mapping.language import Mapping

Load = Callable[..., Mapping]
NAMES = ("email", "phone", "city", "country", "dnd", "dnd_calls", "date_added", "date_updated")
FIELDS = "\n".join(f"{name}: {{from: {name}}}" for name in NAMES)
TWO, TWO_TEXTS = "column_A: date_updated, column_B: date_added", "column_A: email, column_B: phone"
EXAMPLES = {
    "expect_column_pair_values_a_to_be_greater_than_b": [
        TWO,
        f"{TWO}, or_equal: true, ignore_row_if: either_value_is_missing",
    ],
    "expect_column_pair_values_to_be_equal": [
        TWO_TEXTS,
        f"{TWO_TEXTS}, ignore_row_if: neither",
        "column_A: dnd, column_B: dnd_calls, ignore_row_if: either_value_is_missing",
    ],
    "expect_column_pair_values_to_be_in_set": [f"{TWO_TEXTS}, value_pairs_set: [[a, a], [a@x, '1']]"],
    "expect_column_value_lengths_to_be_between": ["column: email, min_value: 2, max_value: 4"],
    "expect_column_value_lengths_to_equal": ["column: country, value: 2"],
    "expect_column_values_to_be_between": ["column: date_added, min_value: '2024-01-02'"],
    "expect_column_values_to_be_in_set": ["column: country, value_set: [AT, DE]"],
    "expect_column_values_to_be_null": ["column: phone", "column: dnd"],
    "expect_column_values_to_match_regex": ["column: email, regex: '@'"],
    "expect_column_values_to_match_regex_list": ["column: email, regex_list: ['@', '^a'], match_on: all"],
    "expect_column_values_to_not_be_in_set": ["column: city, value_set: [a, '']"],
    "expect_column_values_to_not_be_null": ["column: email", "column: date_added"],
    "expect_column_values_to_not_match_regex": ["column: city, regex: 'ü$'"],
    "expect_column_values_to_not_match_regex_list": ["column: phone, regex_list: ['^1', 'a']"],
    "expect_multicolumn_sum_to_equal": [
        "column_list: [dnd, dnd_calls], sum_total: 1, ignore_row_if: any_value_is_missing"
    ],
    "expect_select_column_values_to_be_unique_within_record": [
        "column_list: [email, phone, city]",
        "column_list: [email, phone, city], ignore_row_if: any_value_is_missing",
    ],
}
"""What each may be asked for."""

ROWS: list[Row] = [
    {},
    {"email": "a", "phone": "a", "city": "a", "country": "AT", "dnd": True, "dnd_calls": True},
    {"email": "a@x", "phone": "1", "city": "", "country": "Austria", "dnd": True, "dnd_calls": False},
    {"email": "z@x", "city": "Zürichü", "country": "\u200bD", "dnd": False},
    {"date_added": dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "phone": "", "dnd_calls": False},
    {name: dt.datetime(9999, 1, 2, tzinfo=dt.UTC) for name in ("date_added", "date_updated")},
    {
        "date_added": dt.datetime(2024, 1, 3, tzinfo=dt.UTC),
        "date_updated": dt.datetime(1, 1, 1, tzinfo=dt.UTC),
        "email": "a",
    },
]


def batch(*rows: Row) -> MappedBatch:
    full = [{"id": str(ROWS.index(row)), **dict.fromkeys(NAMES), **row} for row in rows]
    return MappedBatch("hub.contact", "highlevel.contact", "location", "example", full, ["{}"] * len(full))


def mapping(mapping_of: Load, *lines: str) -> Mapping:
    return mapping_of(FIELDS, "checks:\n" + "".join(f"  - {{{line}}}\n" for line in lines))


def test_a_row_alone_is_judged_as_it_is_among_others(mapping_of: Load) -> None:
    assert EXAMPLES.keys() == BY_ROW
    lines = [f"expect: {name}, {given}" for name, examples in EXAMPLES.items() for given in examples]
    checker = Checker(mapping(mapping_of, *lines))
    assert checker.by_row

    def verdicts(*rows: Row) -> dict[str, list[str]]:
        rejects = checker.verdicts(batch(*rows)).rejects
        return {one.record_id: [reason.told for reason in one.reasons] for one in rejects}

    together = verdicts(*ROWS)
    assert verdicts(*reversed(ROWS)) == together
    alone: dict[str, list[str]] = {}
    for row in ROWS:
        alone |= verdicts(row)
    assert alone == together
    failed = {reason.rule for one in checker.verdicts(batch(*ROWS)).rejects for reason in one.reasons}
    assert failed == BY_ROW


def test_they_are_great_expectations_own_for_rows_and_none_that_compares_rows() -> None:
    engine.load()
    from great_expectations.expectations import expectation, registry  # noqa: PLC0415 - loaded by now

    kinds = (
        expectation.ColumnMapExpectation,
        expectation.ColumnPairMapExpectation,
        expectation.MulticolumnMapExpectation,
    )
    for name in BY_ROW:
        assert issubclass(registry.get_expectation_impl(name), kinds)
    comparing = {
        "expect_column_values_to_be_unique",
        "expect_compound_columns_to_be_unique",
        "expect_column_values_to_be_increasing",
        "expect_column_values_to_be_decreasing",
        "expect_column_value_z_scores_to_be_less_than",
        "expect_column_values_to_not_be_outliers",
    }
    assert comparing <= set(registry.list_registered_expectation_implementations())
    assert BY_ROW.isdisjoint(comparing)


@pytest.mark.parametrize(
    ("check", "by_row"),
    [
        ("expect: expect_column_values_to_not_be_null, column: email, on_failure: stop", True),
        ("expect: expect_column_values_to_not_be_null, column: email, mostly: 0.9, on_failure: stop", False),
        ("expect: expect_column_values_to_not_be_null, column: email, mostly: 0.9, on_failure: warn", True),
        ("expect: expect_column_values_to_be_unique, column: email, on_failure: warn", False),
        ("expect: expect_table_row_count_to_be_between, max_value: 9, on_failure: warn", False),
    ],
)
def test_what_is_weighed_against_other_rows_is_not_by_row(mapping_of: Load, check: str, by_row: bool) -> None:
    assert Checker(mapping(mapping_of, check)).by_row is by_row
