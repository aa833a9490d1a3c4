"""The page that a person reads before saying go: complete, short, and not to be broken by any value."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.batch import Tally
from tasks.core.change import Change, FieldChange, State
from tasks.hub import plans
from tasks.hub.plans import Plan
from tasks.plan.preview import cell, counts_of, first_changes, left_out, page, shown_value
from tests import operations

NASTY = [
    "a|b",
    "a\\|b",
    "`code`",
    "line\nbreak\r\nand\u2028more",
    "<script>alert(1)</script>",
    "&lt;b&gt;",
    "*bold* _it_ ~~gone~~",
    "[link](http://evil.example)",
    "| | |",
    "\t",
]


def plan(**counts: int) -> Plan:
    return Plan("run", "import_contacts", "loc", "import", "leads.csv", {}, id="abc123", counts=counts)


def update(new: Any, old: Any = None, label: str = "Ada", why: str = "overwrite") -> Change:
    return operations.change(operations.UPDATE, "r1", "c1", label, [FieldChange("city", old, new, why)])


def cells(line: str) -> list[str]:
    """A table's line as a Markdown reader splits it."""
    return re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]


@pytest.mark.parametrize("text", NASTY)
def test_no_value_breaks_out_of_its_cell(text: str) -> None:
    one = operations.change(
        operations.UPDATE,
        "r1",
        "c1",
        text,
        [FieldChange(f"custom.{text}", text, [text], text)],
        [FieldChange("name", text, {text: text}, text)],
        state=State.FAILED,
        error=text,
    )
    table = page(plan(update=1), [one]).split("### contacts updated")[1].strip().splitlines()[2:]
    assert [len(cells(line)) for line in table] == [5] * 5
    shown = "\n".join(table[2:])
    for mark in "<>`[]&":
        assert re.search(rf"(?<!\\){re.escape(mark)}", shown) is None, shown


@given(st.text())
def test_any_text_is_one_line_whose_marks_are_escaped(text: str) -> None:
    found = cell(text)
    assert found.splitlines() == [found]
    assert re.search(r"(?<!\\)(?:\\\\)*[|<>`]", found) is None
    assert re.sub(r"\\(.)", r"\1", found) == (" ".join(text.split()) or "-")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (False, "no"),
        (True, "yes"),
        ([{"a": None}, 2.0], "a: -, 2"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04:00 UTC"),
        (0, "0"),
        (["a", "b"], "a, b"),
        ({"title": "Call", "dueDate": "soon"}, "title: Call, dueDate: soon"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        (["tag"] * 100, "tag, " * 11 + "tag,…"),
    ],
)
def test_values_are_written_for_reading_and_cut(value: Any, shown: str) -> None:
    assert shown_value(value) == shown


def test_a_long_name_and_a_long_value_are_cut() -> None:
    line = page(plan(update=1), [update("n" * 5_000, "o" * 5_000, label="l" * 5_000)]).splitlines()[-2]
    assert len(line) < 300


def test_a_change_shows_old_new_and_why_and_what_is_kept_is_struck_out() -> None:
    one = update("Wien", "Graz")
    one.kept = [FieldChange("phone", "+1", "+2", "fill_empty: there is a value")]
    text = page(plan(update=1), [one])
    assert "| Ada | city | Graz | **Wien** | overwrite |" in text
    assert "|  | phone | +1 | ~~+2~~ | kept: fill\\_empty: there is a value |" in text


def test_how_a_change_ended_is_told() -> None:
    one = update("Wien")
    one.state, one.error = State.FAILED, "no such city"
    assert "| | | | **failed** | no such city |" in page(plan(update=1), [one])
    one.state = State.DONE
    assert "done" not in page(plan(update=1), [one])


def test_every_operation_has_a_title_and_is_counted_under_it() -> None:
    numbers = {one: n for n, one in enumerate(operations.ALL, 1)}
    told = counts_of(plan(read=9, rejected=1, **{one.name: n for one, n in numbers.items()}))
    assert told[:2] == [("records read", 9, None), ("rejected", 1, None)]
    assert told[2:] == [(one.title, n, one) for one, n in numbers.items()]
    assert len({one.title for one in operations.ALL}) == len(operations.ALL)


def test_of_the_new_ones_it_is_told_of_how_many_nobody_can_know_whether_they_are_there() -> None:
    titles, numbers, _ = zip(*counts_of(plan(read=3, create=3, create_without_key=2)), strict=True)
    assert titles[1] == operations.CREATE.title
    assert "without e-mail or phone" in titles[2]
    assert numbers == (3, 3, 2)


def test_a_row_that_was_merged_says_with_which_and_what_gave_way() -> None:
    kept = [FieldChange("city", "Graz", "Wien", "newest: the newer record's stays")]
    one = operations.change(operations.MERGED, "r2", label="Uma", kept=kept, why="row 3 is the same as row 2")
    text = page(plan(read=2, merged=1), [one])
    assert "| merged with another record of the source | 1 |" in text
    assert "| Uma | | | | row 3 is the same as row 2 |" in text
    assert "|  | city | Graz | ~~Wien~~ | kept: newest: the newer record's stays |" in text


def test_an_address_that_is_left_over_is_told() -> None:
    told = counts_of(plan(read=2, address_left_over=1))
    assert told[1] == ("with another e-mail or phone that is left over", 1, None)


def test_what_there_is_none_of_is_not_counted() -> None:
    assert counts_of(plan(read=0, create=0)) == [("records read", 0, None)]


def test_the_page_has_counts_bill_and_what_goes_with_it() -> None:
    made = plan(read=1_234, update=1_200)
    made.bill = {"requests": 2_400, "writes": 1_200, "seconds": 240.0}
    text = page(made, [update("Wien")], "### Columns of the file")
    assert text.startswith("## Plan `abc123`: leads.csv\n")
    assert "**It takes 2,400 requests, 1,200 of them writing: at least 4 min 00 s" in text
    assert "| records read | 1,234 |" in text
    assert "### Columns of the file" in text
    assert "### contacts updated: the first 1 of 1,200" in text


def test_of_each_kind_the_first_are_shown_and_of_unchanged_what_was_kept(stage: Any) -> None:
    stage.mirror(*({"id": f"c{n}", "name": f"N{n}", "email": f"p{n}@a.example"} for n in range(40)))
    made = stage.plan(
        *({"id": f"u{n}", "email": f"p{n}@a.example"} for n in range(30)),
        *({"id": f"k{n}", "email": f"p{n}@a.example", "name": "X"} for n in range(30, 34)),
        *({"id": f"n{n}", "firstName": "New", "note": "hi"} for n in range(30)),
    )
    with stage.hub.read() as connection:
        shown = first_changes(connection, made.plan, 3)
    assert [change.record_id for change in shown] == [
        *["n0", "n1", "n2"] * 2,
        *["k30", "k31", "k32"],
    ]
    assert "### unchanged: the first 3 of 34" in page(made.plan, shown)


def test_a_plan_without_changes_is_a_page_too(stage: Any) -> None:
    made = stage.plan()
    with stage.hub.read() as connection:
        assert plans.some(connection, made.plan.id) == []
        text = page(made.plan, first_changes(connection, made.plan))
    assert "It takes no request at all." in text
    assert "| records read | 0 |" in text


@pytest.mark.parametrize("text", NASTY)
def test_what_was_left_out_and_assumed_is_told_and_breaks_out_of_no_cell(text: str) -> None:
    tally = Tally(notes=[text])
    for _ in range(6):
        tally.dropped.note("city", "is odd", text)
        tally.dropped.count("city", lost=True, kept=False)
    alarm, note, title, _, _, line = left_out(tally).replace("\n\n", "\n").splitlines()
    assert alarm == "**Most of \\`city\\` was left out: 6 of 6 values.**"
    assert note == cell(text)
    assert title == "### Values left out"
    assert len(cells(line)) == 4


def test_nothing_is_told_where_nothing_was_left_out() -> None:
    assert left_out(Tally()) == ""
