"""Checks as written: every mistake is found before any record is read, none is silently dropped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.core.errors import BadMappingError
from tasks.mapping.checks import engine
from tasks.mapping.checks.checks import compile_checks
from tasks.mapping.checks.declarations import INNER, UNFIT, declarations
from tasks.mapping.language import Mapping, load_mapping, shipped_mappings

Load = Callable[..., Mapping]
FIELDS = """\
email: {from: email, clean: email}
phone: {from: phone}
dnd: {from: dnd}
tags: {from: tags, clean: tags}
date_added: {from: dateAdded, clean: timestamp}
date_updated: {from: dateUpdated, clean: timestamp}"""
FIRST_CHECK_LINE = 12


def checks(*lines: str) -> str:
    return "checks:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


@pytest.mark.parametrize("path", shipped_mappings(), ids=lambda path: path.stem)
def test_the_checks_of_every_shipped_mapping_work(path: Path) -> None:
    compile_checks(load_mapping(path))


@pytest.mark.parametrize(
    ("check", "message", "remedy"),
    [
        (
            "expect: expect_column_values_to_match_regx, column: email, regex: a",
            "unknown expectation `expect_column_values_to_match_regx`",
            "did you mean `expect_column_values_to_match_regex`?",
        ),
        (
            "expect: expect_column_values_to_match_regex, column: email, regx: a",
            "has no argument `regx`",
            "did you mean `regex`?",
        ),
        (
            "expect: expect_column_values_to_not_be_null, column: email, on_failur: warn",
            "has no argument `on_failur`",
            "did you mean `on_failure`?",
        ),
        (
            "expect: expect_column_values_to_not_be_null, colunm: email",
            "has no argument `colunm`",
            "did you mean `column`?",
        ),
        (
            "expect: expect_column_values_to_not_be_null, column: emial",
            "'emial' is not a field of this mapping",
            "did you mean `email`?",
        ),
        (
            "expect: expect_column_values_to_not_be_null, columns: [email, phon]",
            "'phon' is not a field of this mapping",
            "did you mean `phone`?",
        ),
        ("expect: expect_column_values_to_not_be_null, column: city", "'city' is not a field", ""),
        ("expect: expect_column_values_to_not_be_null, columns: email", "`columns` is a list", ""),
        ("expect: expect_column_values_to_not_be_null", "`column`: field required", ""),
        ("expect: expect_column_values_to_be_in_set, column: email, value_set: 3", "`value_set`", ""),
        ("expect: expect_column_values_to_be_between, column: email", "cannot both be None", ""),
        ("expect: expect_column_values_to_not_be_null, column: email, mostly: 2", "`mostly`", ""),
        (
            "expect: expect_column_values_to_match_regex, column: email, regex: '(a'",
            "cannot be evaluated",
            "",
        ),
        ("expect: expect_column_values_to_match_regex, column: email", "needs `regex`", ""),
        ("expect: expect_column_values_to_match_regex, column: dnd, regex: a", "about text, not", ""),
        ("expect: expect_column_value_lengths_to_equal, column: tags, value: 1", "about single values", ""),
        ("expect: expect_column_values_to_be_unique, column: tags", "about single values", ""),
        ("expect: expect_column_values_to_be_between, column: date_added, min_value: 3", "3 is no date", ""),
        (
            "expect: expect_column_max_to_be_between, column: date_added, max_value: soon",
            "'soon' is no date",
            "",
        ),
        ("expect: expect_column_mean_to_be_between, column: email, max_value: 3", "cannot be evaluated", ""),
        ("expect: expect_table_column_count_to_equal, value: 3", "is not for mappings", ""),
        ("expect: expect_column_values_to_be_unique, column: email, row_condition: x", "no argument", ""),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_nearest_word(
    mapping_of: Load, check: str, message: str, remedy: str
) -> None:
    good = "expect: expect_column_values_to_not_be_null, column: id"
    with pytest.raises(BadMappingError) as caught:
        compile_checks(mapping_of(FIELDS, checks(good, check)))
    assert caught.value.line == FIRST_CHECK_LINE + 1
    assert message in caught.value.what
    assert remedy in caught.value.remedy


def test_all_mistakes_are_told_at_once(mapping_of: Load) -> None:
    mapping = mapping_of(
        FIELDS,
        checks(
            "expect: expect_nothing",
            "expect: expect_column_values_to_be_null, column: x",
            "expect: expect_column_values_to_be_unique, column: id",
            "expect: expect_column_values_to_be_unique, columns: [phone, id]",
        ),
    )
    with pytest.raises(BadMappingError) as caught:
        declarations(mapping)
    lines = [problem.line - FIRST_CHECK_LINE for problem in (caught.value, *caught.value.others)]
    assert lines == [0, 1, 3]
    assert "checked twice" in str(caught.value)


def test_columns_stand_for_one_check_each_or_for_the_set(mapping_of: Load) -> None:
    mapping = mapping_of(
        FIELDS,
        checks(
            "expect: expect_column_values_to_not_be_null, columns: [email, phone]",
            "expect: expect_compound_columns_to_be_unique, columns: [email, phone]",
            "expect: expect_column_pair_values_a_to_be_greater_than_b, columns: [date_updated, date_added]",
            "expect: expect_table_row_count_to_be_between, max_value: 500",
        ),
    )
    found = declarations(mapping)
    assert [(declaration.label, declaration.by_row) for declaration in found] == [
        ("expect_column_values_to_not_be_null(email)", True),
        ("expect_column_values_to_not_be_null(phone)", True),
        ("expect_compound_columns_to_be_unique(email, phone)", True),
        ("expect_column_pair_values_a_to_be_greater_than_b(date_updated, date_added)", True),
        ("expect_table_row_count_to_be_between", False),
    ]


def test_the_tables_name_what_great_expectations_has() -> None:
    engine.load()
    from great_expectations.expectations import registry  # noqa: PLC0415 - slow

    names = registry.list_registered_expectation_implementations()
    assert set(names) >= UNFIT.keys()
    assert {field for name in names for field in registry.get_expectation_impl(name).__fields__} >= INNER


@pytest.mark.parametrize(
    ("check", "what"),
    [
        ("expect: expect_table_row_count_to_be_between, max_value: 5", "is not about single values"),
        (
            "expect: expect_compound_columns_to_be_unique, columns: [email, phone]",
            "is not about single values",
        ),
        (
            "expect: expect_column_values_to_be_unique, column: id",
            "`id` is required: its value cannot be dropped",
        ),
    ],
)
def test_what_cannot_be_dropped_is_told(mapping_of: Load, check: str, what: str) -> None:
    with pytest.raises(BadMappingError) as caught:
        declarations(mapping_of(FIELDS, checks(f"{check}, on_failure: drop")))
    assert what in caught.value.what
