"""Rows of one person through a whole import: once in HighLevel, with all that they say, whatever happens."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

ROWS = (
    {"id": "1", "first_name": "Uma", "last_name": "Twice", "email": "uma@merged.example", "tags": ["buyer"]},
    {"id": "2", "first_name": "Other", "email": "other@merged.example"},
    {
        "id": "3",
        "first_name": "Uma",
        "email": "uma@merged.example",
        "phone": "+12125550131",
        "company": "Globex",
        "tags": ["seller"],
        "note": "Hi",
    },
)


def check(office: Any) -> None:
    [uma] = office.called("Uma")
    assert (uma["lastName"], uma["phone"], uma["companyName"]) == ("Twice", "+12125550131", "Globex")
    assert sorted(uma["tags"]) == ["buyer", "seller"]
    assert [note["body"] for note in office.vendor.records("notes")] == ["Hi"]
    assert len(office.called("Other")) == 1


def test_they_are_one_and_an_import_once_more_writes_nothing(office: Any) -> None:
    [plan] = office.load(ROWS)
    assert (plan.counts["read"], plan.counts["mapped"], plan.counts["merged"]) == (3, 2, 1)
    check(office)
    writes = office.writes()
    for rows in (ROWS, [ROWS[2]], ROWS[::-1]):
        office.load(rows)
    assert office.writes() == writes


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("of", ["write", "request"])
def test_an_import_that_died_anywhere_and_is_run_again_makes_them_once(
    of: str, after: bool, office: Any
) -> None:
    at = 0
    while True:
        at += 1
        ended = office.attempt(partial(office.load, ROWS), of, at, after=after)
        if ended != "died":
            break
    check(office)
    assert at > 2


def test_taking_it_back_takes_all_of_it_back(office: Any) -> None:
    before = office.vendor.records("contacts")
    [plan] = office.load(ROWS)
    office.undo(plan)
    assert office.vendor.records("contacts") == before


def test_what_changed_meanwhile_is_planned_again_with_what_all_rows_say(office: Any) -> None:
    one = office.known(1)[0]
    rows = [
        {"id": n, "email": one["email"], "first_name": one["firstName"], **said}
        for n, said in (
            ("1", {"city": "Graz", "note": "a"}),
            ("2", {"website": "https://a.example", "note": "b"}),
        )
    ]
    plan = office.only_plan(rows)
    office.vendor.edit(kind="contacts", id=one["id"], set={"source": "by hand"})
    office.apply(plan)
    now = office.contact(one["id"])
    assert (now["city"], now["website"], now["source"]) == ("Graz", "https://a.example", "by hand")
    assert sorted(note["body"] for note in office.vendor.records("notes")) == ["a", "b"]
