"""The inverse of changes: the oldest value comes back, and what came to nothing is left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tasks.core.batch import Json
from tasks.core.change import Change, FieldChange, State
from tasks.hub.spec import PlanSpec
from tasks.plan.undo import Inverse
from tasks.streams import Operation, operation_of
from tests import operations

SPEC = PlanSpec("loc", "file", "file", datetime.now(UTC), ("link",), (), {"nickname": "f1"})


def change(kind: Operation, *fields: tuple[str, Json, Json], target: str = "ada", **result: Any) -> Change:
    made = [FieldChange(name, old, new, "") for name, old, new in fields]
    own = result.pop("id", "")
    found = operations.change(kind, "r1", target, "Ada", made, plan_id="p1", state=State.DONE, result=result)
    found.target_id = own or found.target_id
    return found


def update(*fields: tuple[str, Json, Json], **result: Any) -> Change:
    return change(operations.UPDATE, *fields, **result)


def tagged(kind: Operation, *names: str) -> Change:
    before, after = ([], list(names)) if kind is operations.TAG_ADD else (list(names), [])
    return change(kind, ("tags", before, after), tags=list(names))


def back(*changes: Change, delete: bool = False) -> list[Change]:
    """What takes changes back, given in the order in which they were made."""
    inverse = Inverse(SPEC, delete_created=delete)
    for one in reversed(changes):
        inverse.add(one)
    return inverse.changes()


def ways(found: list[Change]) -> list[tuple[Operation, str, Json, Json]]:
    return [(operation_of(one), field.field, field.old, field.new) for one in found for field in one.fields]


def test_of_a_field_that_was_changed_twice_the_oldest_value_comes_back() -> None:
    made = [update(("city", "Graz", "Wien")), update(("city", "Wien", "Linz"), ("state", "A", "B"))]
    [found] = back(*made)
    assert ways([found]) == [
        (operations.UPDATE, "city", "Linz", "Graz"),
        (operations.UPDATE, "state", "B", "A"),
    ]


def test_of_a_field_that_somebody_changed_in_between_theirs_comes_back() -> None:
    made = [update(("city", "Graz", "Wien")), update(("city", "By hand", "Linz"))]
    assert ways(back(*made)) == [(operations.UPDATE, "city", "Linz", "By hand")]


def test_what_came_to_nothing_needs_no_way_back() -> None:
    made = [update(("city", "Graz", "Wien")), update(("city", "Wien", "Graz"))]
    assert back(*made) == []
    assert back(tagged(operations.TAG_ADD, "a"), tagged(operations.TAG_REMOVE, "a")) == []
    assert back(tagged(operations.TAG_REMOVE, "a"), tagged(operations.TAG_ADD, "a")) == []


def test_tags_that_were_given_are_removed_and_those_that_were_removed_given() -> None:
    made = [
        tagged(operations.TAG_ADD, "new", "both"),
        tagged(operations.TAG_REMOVE, "old"),
        tagged(operations.TAG_REMOVE, "both"),
    ]
    given, removed = back(*made)
    assert (operation_of(given), set(given.fields[0].new) - set(given.fields[0].old)) == (
        operations.TAG_ADD,
        {"old"},
    )
    assert (operation_of(removed), set(removed.fields[0].old) - set(removed.fields[0].new)) == (
        operations.TAG_REMOVE,
        {"new"},
    )
    assert given.fields[0].new == removed.fields[0].old


def test_tags_that_were_there_already_are_not_removed() -> None:
    assert back(change(operations.TAG_ADD, ("tags", [], ["a"]), tags=[])) == []


def test_only_what_was_written_is_taken_back() -> None:
    fields = [(name, "old", "new") for name in ("city", "state", "website", "source")]
    half = update(*fields, written=["city", "state", "website"], dropped=["state"], left=["website"])
    half.state = State.STALE
    assert ways(back(half)) == [(operations.UPDATE, "city", "new", "old")]
    assert ways(back(update(*fields))) == [(operations.UPDATE, name, "new", "old") for name, _, _ in fields]


def test_what_highlevel_cannot_empty_is_told() -> None:
    [found] = back(update(("country", None, "AT"), ("custom.nickname", None, "Ace")))
    assert operation_of(found) is operations.UNCHANGED
    assert {(one.field, one.why) for one in found.kept} == {
        ("country", "HighLevel cannot empty it"),
        ("custom.nickname", "HighLevel cannot empty it"),
    }


def test_the_last_change_of_another_contact_is_taken_back_first() -> None:
    first, second = update(("city", "A", "B")), update(("city", "A", "B"))
    second.target_id = "bob"
    assert [one.target_id for one in back(first, second)] == ["bob", "ada"]


def test_what_was_made_is_deleted_on_request_alone() -> None:
    made = change(operations.CREATE, ("city", None, "Wien"), id="ada", made={"city": "Wien"})
    note = change(operations.CREATE_NOTE, ("body", None, "Hi"), id="n1", made={"body": "Hi"})
    assert {operation_of(one) for one in back(made, note)} == {operations.UNCHANGED}
    assert {operation_of(one) for one in back(made, note, delete=True)} == {
        operations.DELETE,
        operations.DELETE_NOTE,
    }


def test_what_was_there_before_or_may_have_been_is_never_deleted() -> None:
    for adopted, told in ((True, "it was there before"), ("unknown", "may have been there before")):
        for kind, field in (
            (operations.CREATE, "city"),
            (operations.CREATE_NOTE, "body"),
            (operations.CREATE_TASK, "title"),
        ):
            [found] = back(change(kind, (field, None, "x"), id="i", adopted=adopted), delete=True)
            assert operation_of(found) is operations.UNCHANGED
            assert told in found.kept[0].why


def test_what_is_deleted_takes_along_what_was_done_to_it() -> None:
    made = change(operations.CREATE, ("city", None, "Wien"), id="ada", made={"city": "Wien"})
    later = [update(("city", "Wien", "Linz")), tagged(operations.TAG_ADD, "a")]
    [found] = back(made, *later, delete=True)
    assert operation_of(found) is operations.DELETE


def test_a_contact_is_expected_as_the_plans_themselves_have_left_it() -> None:
    made = {"firstName": "Ada", "lastName": "Lovelace", "city": "Wien", "tags": ["a", "b"], "country": "AT"}
    later = [
        update(
            ("city", "Wien", "Linz"),
            ("custom.nickname", None, "Ace"),
            ("website", None, "x"),
            dropped=["website"],
        ),
        update(("name", "Ada Lovelace", "Ada King")),
        tagged(operations.TAG_ADD, "c"),
        tagged(operations.TAG_REMOVE, "a"),
        change(operations.LINK_BUSINESS, ("business", None, "b1")),
    ]
    [found] = back(
        change(operations.CREATE, ("city", None, "Wien"), id="ada", made=made), *later, delete=True
    )
    assert found.target_id == "ada"
    assert found.result == {
        "made": {
            "name": "Ada King",
            "city": "Linz",
            "custom.f1": "Ace",
            "tags": ["b", "c"],
            "country": "AT",
            "businessId": "b1",
        },
    }


def test_what_was_deleted_before_is_not_deleted_again() -> None:
    made = [
        change(operations.CREATE, ("city", None, "Wien"), id="ada", made={}),
        change(operations.CREATE_NOTE, ("body", None, "Hi"), id="n1"),
        update(("city", "Wien", "Linz")),
    ]
    before = [
        change(operations.DELETE_NOTE, ("body", "Hi", None), id="n1"),
        change(operations.DELETE, id="ada"),
    ]
    assert back(*made, *before, delete=True) == []
