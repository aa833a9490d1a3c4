"""A row that says itself why it is in doubt makes nothing until a person has said what it is."""

from __future__ import annotations

from typing import Any

from tasks.core.batch import DOUBT
from tasks.hub import reviews
from tests import operations

ADA = {"id": "ada", "first_name": "Ada", "email": "ada@a.example"}
ROW = {"id": "r1", "firstName": "Ada", "city": "Graz", DOUBT: "two are called so"}


def test_a_doubted_row_makes_nothing_and_says_why(stage: Any) -> None:
    made = stage.plan({**ROW, "email": "new@a.example"})
    assert made.only("r1", operations.CONFLICT).why == "two are called so"
    [review] = stage.reviews()
    assert review.candidates == ()


def test_whom_it_would_have_been_is_a_candidate(stage: Any) -> None:
    stage.mirror(ADA)
    made = stage.plan({**ROW, "email": "ada@a.example"})
    assert made.only("r1", operations.CONFLICT).why == "two are called so"
    [review] = stage.reviews()
    assert [(one.id, one.by) for one in review.candidates] == [("ada", "e-mail ada@a.example")]


def test_it_is_not_merged_with_a_row_that_shares_a_key(stage: Any) -> None:
    rows = [{"id": "r2", "email": "x@a.example", "firstName": "Ada"}, {**ROW, "email": "x@a.example"}]
    for order in (rows, rows[::-1]):
        made = stage.plan(*order)
        assert made.only("r1", operations.CONFLICT)
        assert made.only("r2", operations.CREATE).value("city") is None
        assert made.tally.merged == 0


def test_what_a_person_said_of_it_is_followed(stage: Any) -> None:
    stage.mirror(ADA)
    row = {**ROW, "email": "ada@a.example"}
    stage.plan(row)
    reviews.accept(stage.hub, "r1")
    assert stage.plan(row).only("r1", operations.UPDATE).target_id == "ada"
    other = {**ROW, "id": "r3", "email": "new@a.example"}
    stage.plan(other)
    reviews.split(stage.hub, "r3")
    assert stage.plan(other).only("r3", operations.CREATE)
    assert stage.reviews() == []


def test_a_known_link_decides(stage: Any) -> None:
    stage.mirror(ADA)
    stage.link("r1", "ada")
    assert stage.plan(ROW).only("r1", operations.UPDATE).target_id == "ada"
