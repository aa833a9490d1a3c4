"""Tags that a row takes away: only those it names and only where they are, beside whatever it adds."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.change import FieldChange
from tasks.streams import operation_of
from tests import operations

ADA = {"id": "ada", "first_name": "Ada", "email": "ada@a.example", "tags": ["a", "b", "cold lead"]}
ROW = {"id": "r1", "email": "ada@a.example"}


def test_a_tag_that_is_there_is_removed_and_others_stay(stage: Any) -> None:
    stage.mirror(ADA)
    change = stage.plan({**ROW, "tagsRemoved": ["Cold Lead ", "never had"]}).only("r1", operations.TAG_REMOVE)
    assert change.fields == [
        FieldChange("tags", ["a", "b", "cold lead"], ["a", "b"], "remove cold lead"),
    ]


@pytest.mark.parametrize("removed", [["never had"], [], None])
def test_what_is_not_there_asks_for_nothing(stage: Any, removed: Any) -> None:
    stage.mirror(ADA)
    stage.link("r1", "ada")
    made = stage.plan({**ROW, "tagsRemoved": removed})
    assert (made.changes, made.tally.unchanged) == ([], 1)


def test_all_that_a_contact_has_may_be_removed(stage: Any) -> None:
    stage.mirror(ADA)
    [change] = stage.plan({**ROW, "tagsRemoved": ADA["tags"]}).changes
    assert (operation_of(change), change.fields[0].new) == (operations.TAG_REMOVE, [])


@pytest.mark.parametrize("policy", ["add", "overwrite"])
def test_some_are_added_and_some_removed(stage: Any, policy: str) -> None:
    stage.mirror(ADA)
    row = {**ROW, "tags": ["New"], "tagsRemoved": ["cold lead"]}
    add, remove = stage.plan(row, spec=stage.with_policy("tags", policy)).changes
    assert add.fields[0] == FieldChange("tags", ADA["tags"], [*ADA["tags"], "new"], "add new")
    rest = ["a", "b", "new"] if policy == "add" else ["new"]
    assert (operation_of(remove), remove.fields[0].new) == (operations.TAG_REMOVE, rest)


def test_a_new_contact_has_nothing_to_lose(stage: Any) -> None:
    [change] = stage.plan({**ROW, "tags": ["new"], "tagsRemoved": ["cold lead"]}).changes
    assert operation_of(change) is operations.CREATE
    assert change.value("tags") == ["new"]
    assert change.value("tagsRemoved") is None


@pytest.mark.parametrize("is_there", [True, False])
def test_one_tag_cannot_be_added_and_removed(stage: Any, is_there: bool) -> None:
    if is_there:
        stage.mirror(ADA)
    made = stage.plan({**ROW, "tags": ["x", "VIP"], "tagsRemoved": ["vip "]})
    assert (made.changes, made.tally.rejected) == ([], 1)
    [[reason]] = stage.rejects().values()
    assert reason["field"] == "tagsRemoved"
    assert reason["message"].endswith("at once: vip")


def test_rows_of_one_person_lose_what_any_of_them_says(stage: Any) -> None:
    stage.mirror(ADA)
    made = stage.plan({**ROW, "tagsRemoved": ["a"]}, {**ROW, "id": "r2", "tagsRemoved": ["b"]})
    assert made.only("r1", operations.TAG_REMOVE).fields[0].new == ["cold lead"]
