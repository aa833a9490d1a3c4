"""What a contact holds that somebody may have put there."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.streams import HIGHLEVEL_CONTACT
from tasks.streams.content import written
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.contact_content import content, differing

CUSTOM = {"nickname": "f1"}
TOLD = {
    "id": "c1",
    "locationId": "loc",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "type": "lead",
    "dnd": False,
    "tags": ["b", "a"],
    "customFields": [{"id": "f1", "value": "Ace"}],
    "dateAdded": "2026-01-01T00:00:00.000Z",
    "dateUpdated": "2026-01-01T00:00:00.000Z",
}


def held(**more: Any) -> dict[str, Any]:
    return content(Contact.model_validate(TOLD | more))


def test_it_is_what_is_not_empty_by_highlevels_names() -> None:
    assert held() == {
        "firstName": "Ada",
        "lastName": "Lovelace",
        "type": "lead",
        "tags": ["a", "b"],
        "custom.f1": "Ace",
    }


@pytest.mark.parametrize(
    "more",
    [
        {"dateUpdated": "2026-02-02T00:00:00.000Z"},
        {"name": "Ada Lovelace"},
        {"dndSettings": {"SMS": {"status": "inactive", "message": "", "code": ""}}},
        {"tags": ["a", "b"]},
        {"email": "", "followers": [], "additionalEmails": []},
    ],
)
def test_what_moves_by_itself_is_nobodys_work(more: dict[str, Any]) -> None:
    assert differing(held(), held(**more)) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"city": "Wien"}, "city"),
        ({"tags": ["a"]}, "tags"),
        ({"dnd": True}, "dnd"),
        ({"dndSettings": {"SMS": {"status": "active"}}}, "dndSettings"),
        ({"dndSettings": {"Call": {"status": "permanent"}}}, "dndCalls"),
        ({"followers": ["u1"]}, "followers"),
        ({"additionalPhones": ["+15550000001"]}, "additionalPhones"),
        ({"businessId": "b1"}, "businessId"),
        ({"customFields": [{"id": "f1", "value": "Other"}]}, "custom.f1"),
        ({"lastName": None}, "lastName"),
        ({"type": "customer"}, "type"),
    ],
)
def test_any_other_difference_is_somebodys(more: dict[str, Any], told: str) -> None:
    assert differing(held(), held(**more)) == [told]


def test_a_type_that_was_not_told_is_not_missed() -> None:
    untold = {name: value for name, value in held().items() if name != "type"}
    assert differing(untold, held()) == []


@pytest.mark.parametrize(
    ("field", "value", "more"),
    [
        ("city", "Wien", {"city": "Wien"}),
        ("custom.nickname", "Other", {"customFields": [{"id": "f1", "value": "Other"}]}),
        ("business", "b1", {"businessId": "b1"}),
        ("dndCalls", True, {"dndSettings": {"call": {"status": "active"}}}),
        ("firstName", None, {"firstName": None}),
        ("name", "ada KING", {"lastName": "King"}),
        ("dateOfBirth", "1815-12-10", {"dateOfBirth": "1815-12-10T00:00:00.000Z"}),
    ],
)
def test_what_we_write_ourselves_is_expected(field: str, value: Any, more: dict[str, Any]) -> None:
    after = written(HIGHLEVEL_CONTACT, held(), field, value, CUSTOM)
    assert differing(after, held(**more)) == []
    assert differing(after, held()) != []
