"""The checks at work: bad rows become rejects, warnings are counted, broken checks never pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from tasks.core.batch import MappedBatch, Reject, Row, canonical_json
from tasks.core.errors import BrokenCheckError, FailedCheckError, TooManyRejectsError
from tasks.mapping.checks.checks import Checker, compile_checks
from tasks.mapping.language import Mapping, load_mapping

Load = Callable[..., Mapping]
FIELDS = """\
email: {from: email, clean: email}
phone: {from: phone}
dnd: {from: dnd}
tags: {from: tags, clean: tags}
date_of_birth: {from: dateOfBirth, clean: date}
date_added: {from: dateAdded, clean: timestamp}
date_updated: {from: dateUpdated, clean: timestamp}"""
EMPTY = dict.fromkeys(["email", "phone", "dnd", "tags", "date_of_birth", "date_added", "date_updated"])
NOT_NULL = "expect: expect_column_values_to_not_be_null, column: email"
REGEX = "expect: expect_column_values_to_match_regex, column: email, regex: '@'"


def checks(*lines: str) -> str:
    return "checks:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


@pytest.fixture
def checker_of(mapping_of: Load) -> Callable[..., Checker]:
    def compiled(*lines: str, stop_when: str = "") -> Checker:
        return compile_checks(mapping_of(FIELDS, checks(*lines) + stop_when))

    return compiled


Compile = Callable[..., Checker]


def batch(*rows: Row, rejects: Iterable[Reject] = ()) -> MappedBatch:
    full = [{"id": f"id{place}", **EMPTY, **row} for place, row in enumerate(rows)]
    raws = [canonical_json({"id": row["id"], "raw": True}) for row in full]
    return MappedBatch(
        "hub.contact", "highlevel.contact", "location", "example", full, raws, rejects=list(rejects)
    )


def test_bad_rows_move_to_the_rejects_with_their_raw_record(checker_of: Compile) -> None:
    given = batch({"email": "a@x"}, {"email": "bad"}, {"email": None}, {"email": "b@x"})
    checked = checker_of(REGEX, NOT_NULL).check(given)
    assert [row["id"] for row in checked.rows] == ["id0", "id3"]
    assert checked.raws == [given.raws[0], given.raws[3]]
    first, second = checked.rejects
    assert (first.record_id, first.raw) == ("id1", given.raws[1])
    assert [(reason.label, reason.message) for reason in first.reasons] == [
        ("expect_column_values_to_match_regex(email)", "'bad' does not match @")
    ]
    assert [reason.message for reason in second.reasons] == ["is empty"]
    assert checked.read == given.read == 4
    assert len(given.rows) == 4


def test_every_reason_of_a_row_is_kept(checker_of: Compile) -> None:
    one, other = REGEX, REGEX.replace("'@'", "'^a'")
    [reject] = checker_of(one, other).check(batch({"email": "bad"}, {"email": "a@"})).rejects
    assert [reason.message for reason in reject.reasons] == [
        "'bad' does not match @",
        "'bad' does not match ^a",
    ]


def test_mostly_does_not_hide_bad_rows(checker_of: Compile) -> None:
    rows = [{"email": "a@x"}] * 19 + [{"email": "bad"}]
    checked = checker_of(f"{REGEX}, mostly: 0.9").check(batch(*rows))
    assert [reject.record_id for reject in checked.rejects] == ["id19"]


def test_warnings_are_counted_and_rows_stay(checker_of: Compile) -> None:
    rows = [{"email": "bad"}, {"email": "a@x"}, {"email": "worse"}]
    checked = checker_of(f"{REGEX}, on_failure: warn").check(batch(*rows))
    assert checked.warnings == {"expect_column_values_to_match_regex(email)": 2}
    assert len(checked.rows) == 3
    assert not checker_of(f"{REGEX}, on_failure: warn").check(batch({"email": "a@x"})).warnings


def test_stop_takes_mostly_into_account(checker_of: Compile) -> None:
    checker = checker_of(f"{REGEX}, mostly: 0.5, on_failure: stop")
    assert len(checker.check(batch({"email": "bad"}, {"email": "a@x"})).rows) == 2
    with pytest.raises(FailedCheckError, match=r"2 rows, e\.g\. id0, id1"):
        checker.check(batch({"email": "bad"}, {"email": "worse"}, {"email": "a@x"}))


@pytest.mark.parametrize("on_failure", ["reject", "stop"])
def test_a_check_of_the_whole_batch_stops_the_run(checker_of: Compile, on_failure: str) -> None:
    checker = checker_of(
        f"expect: expect_table_row_count_to_be_between, max_value: 2, on_failure: {on_failure}"
    )
    assert len(checker.check(batch({}, {})).rows) == 2
    with pytest.raises(FailedCheckError, match="expect_table_row_count_to_be_between` failed: observed 3"):
        checker.check(batch({}, {}, {}))


def test_a_check_of_the_whole_batch_may_warn(checker_of: Compile) -> None:
    lines = [
        "expect: expect_table_row_count_to_be_between, max_value: 2, on_failure: warn",
        "expect: expect_column_unique_value_count_to_be_between, column: id, min_value: 5, on_failure: warn",
    ]
    checked = checker_of(*lines).check(batch({"email": "a"}, {}, {}))
    assert checked.warnings == {
        "expect_table_row_count_to_be_between": 1,
        "expect_column_unique_value_count_to_be_between(id)": 1,
    }


def test_an_empty_batch_is_not_judged(checker_of: Compile) -> None:
    checker = checker_of(NOT_NULL, "expect: expect_table_row_count_to_be_between, min_value: 1")
    assert checker.check(batch()) == batch()


MOMENT = dt.datetime(2024, 1, 31, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("check", "good", "bad", "message"),
    [
        (
            "column_values_to_be_in_set, column: email, value_set: [a, b]",
            {"email": "a"},
            {"email": "c"},
            "'c' is none",
        ),
        (
            "column_values_to_be_in_set, column: dnd, value_set: [true]",
            {"dnd": True},
            {"dnd": False},
            "false is none of [true]",
        ),
        (
            "column_value_lengths_to_equal, column: phone, value: 2",
            {"phone": "ab"},
            {"phone": "abc"},
            "2 characters",
        ),
        (
            "column_values_to_be_between, column: date_added, min_value: '2024-01-01'",
            {"date_added": MOMENT},
            {"date_added": MOMENT.replace(year=1)},
            "expect_column_values_to_be_between(min_value=",
        ),
        (
            "column_values_to_be_between, column: date_of_birth, max_value: '2020-01-01'",
            {"date_of_birth": dt.date(1815, 12, 10)},
            {"date_of_birth": dt.date(9999, 12, 31)},
            "9999-12-31 fails",
        ),
        (
            "column_pair_values_a_to_be_greater_than_b, columns: [date_updated, date_added], or_equal: true",
            {"date_updated": MOMENT, "date_added": MOMENT},
            {"date_updated": MOMENT.replace(year=2023), "date_added": MOMENT},
            "fails expect_column_pair_values_a_to_be_greater_than_b(or_equal=true)",
        ),
        ("column_values_to_not_be_null, column: tags", {"tags": ["a"]}, {}, "is empty"),
        ("column_values_to_be_null, column: phone", {"phone": None}, {"phone": "x"}, "should be empty"),
    ],
)
def test_expectations_of_each_type_of_field(
    checker_of: Compile, check: str, good: Row, bad: Row, message: str
) -> None:
    checker = checker_of(f"expect: expect_{check}")
    checked = checker.check(batch(good, bad, good))
    assert [reject.record_id for reject in checked.rejects] == ["id1"]
    assert message in checked.rejects[0].reasons[0].message
    if "null" not in check:
        assert not checker.check(batch({}, {})).rejects, "empty columns break or fail it"


def test_duplicates_across_rows(checker_of: Compile) -> None:
    rows = [{"email": "a"}, {"email": "b"}, {"email": "a"}]
    checked = checker_of("expect: expect_column_values_to_be_unique, column: email").check(batch(*rows))
    assert [row["id"] for row in checked.rows] == ["id1"]


def test_a_huge_value_is_shown_shortened(checker_of: Compile) -> None:
    [reject] = checker_of(REGEX).check(batch({"email": "x" * 60_000})).rejects
    assert len(reject.reasons[0].message) < 150


@pytest.mark.parametrize(
    "info",
    [
        {"raised_exception": True, "exception_message": "boom"},
        {"('metric', 'id')": {"raised_exception": True, "exception_message": "boom"}},
    ],
    ids=["flat", "by metric"],
)
def test_an_exception_inside_an_expectation_is_neither_pass_nor_fail(
    checker_of: Compile, info: dict[str, Any]
) -> None:
    checker = checker_of(REGEX)
    config = SimpleNamespace(meta={"index": 0})
    checker._validate = lambda _: [
        SimpleNamespace(exception_info=info, expectation_config=config, success=False, result={})
    ]
    with pytest.raises(BrokenCheckError, match=r"example\.yaml:13: .*could not be evaluated: 'boom'"):
        checker.check(batch({"email": "a@x"}))


def test_stop_when_speaks_after_the_checks(checker_of: Compile) -> None:
    checker = checker_of(REGEX, stop_when="stop_when: {rejected_share: 0.2, min_rows: 2}\n")
    given = batch({"email": "a@x"}, {"email": "bad"})
    with pytest.raises(TooManyRejectsError, match="1 of 2 records rejected"):
        checker.check(given)
    assert len(checker.verdicts(given).rejects) == 1


def test_without_checks_nothing_is_validated_and_stop_when_still_holds(mapping_of: Load) -> None:
    checker = compile_checks(mapping_of(FIELDS, "stop_when: {rejected_share: 0.5, min_rows: 1}\n"))
    given = batch({}, {})
    assert checker.check(given) is given
    with pytest.raises(TooManyRejectsError):
        checker.check(batch(rejects=[Reject("x", [], "null")]))


def test_no_frame_outlives_its_batch(checker_of: Compile) -> None:
    import gc  # noqa: PLC0415 - for this alone

    checker = checker_of(REGEX)

    def frames() -> int:
        gc.collect()
        return sum(isinstance(found, pd.DataFrame) for found in gc.get_objects())

    checker.check(batch({"email": "a@x"}))
    before = frames()
    for _ in range(5):
        checker.check(batch({"email": "a@x"}))
    assert frames() == before


def test_a_check_may_drop_the_value_and_leave_the_row(checker_of: Compile) -> None:
    given = batch({"email": "a@x"}, {"email": "bad"}, {"email": None})
    checked = checker_of(f"{REGEX}, on_failure: drop").check(given)
    assert [row["email"] for row in checked.rows] == ["a@x", None, None]
    assert checked.left_out().plain() == [
        {"field": "email", "problem": "does not match @", "values": 1, "examples": ["'bad'"]}
    ]
    assert not checked.rejects
    assert [row["email"] for row in given.rows] == ["a@x", "bad", None]


def test_what_is_dropped_from_a_row_that_is_rejected_is_not_counted(checker_of: Compile) -> None:
    given = batch({"email": "bad", "phone": None}, {"email": "bad", "phone": "1"})
    phone = "expect: expect_column_values_to_not_be_null, column: phone"
    checked = checker_of(f"{REGEX}, on_failure: drop", phone).check(given)
    assert [reject.record_id for reject in checked.rejects] == ["id0"]
    assert checked.left_out().counted == {("email", "does not match @"): 1}


def test_a_contact_that_a_check_leaves_without_name_and_address_is_rejected(
    mapping_file: Callable[[str], Path],
) -> None:
    text = (
        "source: file.contact\ntarget: highlevel.contact\nmatch: [link]\n"
        "fields:\n  id: {from: id}\n  email: {from: email}\n  city: {from: city}\n"
        f"checks:\n  - {{{REGEX}, on_failure: drop}}\n"
    )
    checker = compile_checks(load_mapping(mapping_file(text)))
    row = {"id": "1", "email": "bad", "city": "Rome"}
    mapped = MappedBatch("highlevel.contact", "file.contact", "location", "example", [row], ["{}"])
    checked = checker.check(mapped)
    assert checked.rows == []
    assert [reason.message for reason in checked.rejects[0].reasons] == ["'bad' does not match @"]
    assert checked.left_out().plain() == []
