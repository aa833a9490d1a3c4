"""Creating, updating, upserting and deleting contacts: one test for each documented quirk."""

from __future__ import annotations

from typing import Any

import pytest

NICKNAME = "nickname"


def field_id(vendor: Any, key: str = NICKNAME) -> str:
    fields = vendor.running.records("customFields")
    return next(field["id"] for field in fields if field["fieldKey"] == f"contact.{key}")


@pytest.mark.parametrize("key", ["additionalEmails", "additionalPhones", "businessId", "type", "foo"])
def test_undeclared_body_key_is_422(either: Any, key: str) -> None:
    contact = either.some()
    for response in (
        either.create(firstName="A", **{key: "x"}),
        either.upsert(email="a@example.com", **{key: "x"}),
        either.update(contact["id"], **{key: "x"}),
    ):
        assert response.status_code == 422
        body = response.json()
        assert body["message"] == [f"property {key} should not exist"]
        assert (body["error"], body["statusCode"]) == ("Unprocessable Entity", 422)


@pytest.mark.parametrize("key", ["locationId", "companyName", "gender", "createNewIfDuplicateAllowed"])
def test_put_forbids_keys_that_create_takes(either: Any, key: str) -> None:
    response = either.update(either.some()["id"], firstName="B", **{key: "x"})
    assert response.status_code == 422
    assert response.json()["message"] == [f"property {key} should not exist"]


@pytest.mark.parametrize("key", ["postalCode", "country", "dnd", "tags", "customFields", "dndSettings"])
def test_null_where_not_nullable_is_422(either: Any, key: str) -> None:
    assert either.update(either.some()["id"], **{key: None}).status_code == 422


def test_source_is_nullable_on_put_only(either: Any) -> None:
    contact = either.some(source="web")
    assert either.update(contact["id"], source=None).status_code == 200
    assert "source" not in either.read(contact["id"])
    assert either.create(firstName="A", source=None).status_code == 422


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("firstName", 5, "firstName must be a string"),
        ("email", "not-an-email", "email must be an email"),
        ("dnd", "true", "dnd must be a boolean value"),
        ("tags", "a", "tags must be an array"),
        ("tags", [1], "each value in tags must be a string"),
        ("country", "USA", "country must be a valid ISO31661 Alpha2 code"),
        ("customFields", {"id": "x"}, "customFields must be an array"),
        ("customFields", [{"field_value": "x"}], "customFields.0.id must be a string"),
        ("dateOfBirth", "born in May", "dateOfBirth must be a valid date"),
    ],
)
def test_wrong_type_is_422_with_a_list_of_messages(vendor: Any, key: str, value: Any, message: str) -> None:
    response = vendor.create(**{"lastName": "B", key: value})
    assert (response.status_code, response.json()["message"]) == (422, [message])


def test_all_complaints_come_together(vendor: Any) -> None:
    response = vendor.create(firstName=1, lastName=2, foo=3)
    assert len(response.json()["message"]) == 3


def test_empty_create_is_400_whose_body_says_422(either: Any) -> None:
    response = either.create()
    assert (response.status_code, response.json()["statusCode"]) == (400, 422)


def test_missing_record_is_400_and_worded_in_two_ways(either: Any) -> None:
    message = "Contact with id nobody not found"
    read = either("GET", "/contacts/nobody")
    assert (read.status_code, read.json()["error"]) == (400, message)
    for response in (either.update("nobody", firstName="A"), either("DELETE", "/contacts/nobody")):
        assert (response.status_code, response.json()["message"]) == (400, message)


def test_create_answers_in_its_own_shape_under_2021_07_28(vendor: Any) -> None:
    contact = vendor.create(name="Ada Lorne", dateOfBirth="09/25/1990").json()["contact"]
    assert {"deleted", "bounceEmail", "unsubscribeEmail", "offers", "products"} <= contact.keys()
    assert (contact["birthMonth"], contact["birthDay"]) == (9, 25)
    assert not {"name", "timezone", "attributionSource"} & contact.keys()


def test_create_answers_as_get_does_under_v3(v3: Any) -> None:
    contact = v3.create(name="Ada Lorne").json()["contact"]
    assert contact == v3.read(contact["id"])
    assert contact["name"] == "Ada Lorne"


def test_name_is_split_and_kept_in_lower_case(vendor: Any) -> None:
    made = vendor.create(name="Ada Von Lorne", email="Ada@Example.com").json()["contact"]
    contact = vendor.read(made["id"])
    assert (contact["firstName"], contact["lastName"]) == ("Ada", "Von Lorne")
    assert contact["fullNameLowerCase"] == "ada von lorne"
    assert contact["firstNameLowerCase"] == "ada"
    assert (contact["email"], contact["emailLowerCase"]) == ("Ada@Example.com", "ada@example.com")


@pytest.mark.parametrize("written", ["+1 888-888-8888", "(888) 888-8888", "8888888888"])
def test_phone_is_normalised_to_e164(vendor: Any, written: str) -> None:
    assert vendor.some(phone=written)["phone"] == "+18888888888"


def test_phone_is_read_in_the_contacts_country(vendor: Any) -> None:
    assert vendor.some(phone="01 99 00 12 34", country="FR")["phone"] == "+33199001234"


def test_what_is_no_phone_number_is_400(vendor: Any) -> None:
    assert vendor.create(firstName="A", phone="call me").status_code == 400


@pytest.mark.parametrize("written", ["1990-09-25", "09-25-1990", "1990/09/25", "09.25.1990", "09_25_1990"])
def test_date_of_birth_is_taken_in_several_spellings(vendor: Any, written: str) -> None:
    assert vendor.some(dateOfBirth=written)["dateOfBirth"] == "1990-09-25T00:00:00.000Z"


def test_empty_fields_are_absent(either: Any) -> None:
    contact = either.some(city="Riverton", email="a@example.com")
    either.update(contact["id"], city=None, email=None, lastName="")
    after = either.read(contact["id"])
    assert not {"city", "email", "emailLowerCase", "lastName", "lastNameLowerCase", "tags"} & after.keys()


def test_update_moves_date_updated_only(either: Any) -> None:
    known = either.running.records("contacts")[0]
    either.update(known["id"], city="Elsewhere")
    after = either.read(known["id"])
    assert after["dateUpdated"] > known["dateUpdated"]
    assert after["dateAdded"] == known["dateAdded"]


def test_tags_are_replaced_and_unknown_ones_become_the_locations(either: Any) -> None:
    contact = either.some(tags=["One", "two"])
    assert contact["tags"] == ["one", "two"]
    either.update(contact["id"], tags=["three"])
    assert either.read(contact["id"])["tags"] == ["three"]
    either.upsert(email="tagged@example.com", tags=["a"])
    either.upsert(email="tagged@example.com", tags=["b"])
    names = {tag["name"] for tag in either.running.records("tags")}
    assert {"one", "two", "three", "a", "b"} <= names


def test_custom_fields_are_written_one_way_and_read_another(vendor: Any) -> None:
    nickname, remarks = field_id(vendor), field_id(vendor, "remarks")
    contact = vendor.some(customFields=[{"id": nickname, "field_value": "Addie"}])
    assert contact["customFields"] == [{"id": nickname, "value": "Addie"}]
    vendor.update(contact["id"], customFields=[{"id": remarks, "field_value": "tall"}])
    assert {entry["id"]: entry["value"] for entry in vendor.read(contact["id"])["customFields"]} == {
        nickname: "Addie",
        remarks: "tall",
    }


def test_custom_field_value_spellings(vendor: Any, v3: Any) -> None:
    new, old = ([{"id": field_id(vendor), key: "x"}] for key in ("fieldValue", "field_value"))
    contact = vendor.some()
    assert vendor.create(firstName="A", customFields=new).status_code == 422
    assert vendor.upsert(email="a@example.com", customFields=new).status_code == 422
    assert vendor.update(contact["id"], customFields=new).status_code == 200
    assert v3.create(firstName="A", customFields=new).status_code == 201
    assert v3.create(firstName="A", customFields=old).status_code == 201


def test_custom_field_may_be_named_by_key_and_unknown_ones_are_dropped(vendor: Any) -> None:
    written = [{"key": NICKNAME, "field_value": "x"}, {"id": "nosuchfield", "field_value": "y"}]
    assert vendor.some(customFields=written)["customFields"] == [{"id": field_id(vendor), "value": "x"}]


def test_unknown_user_is_dropped_without_a_word(vendor: Any) -> None:
    user = vendor.running.records("users")[0]["id"]
    assert vendor.some(assignedTo=user)["assignedTo"] == user
    assert "assignedTo" not in vendor.some(assignedTo="nobody")


def test_dnd_channels_are_spelt_differently_in_v3(vendor: Any, v3: Any) -> None:
    off = {"status": "active", "message": "stop"}
    contact = vendor.some(dndSettings={"SMS": off, "WhatsApp": off})
    assert v3.read(contact["id"])["dndSettings"] == {"sms": off, "whatsApp": off}
    assert v3.update(contact["id"], dndSettings={"email": off}).status_code == 200
    assert vendor.read(contact["id"])["dndSettings"] == {"SMS": off, "WhatsApp": off, "Email": off}
    assert v3.update(contact["id"], dndSettings={"SMS": off}).status_code == 422
    assert vendor.update(contact["id"], dndSettings={"sms": off}).status_code == 422
    assert vendor.update(contact["id"], dndSettings={"SMS": {"status": "maybe"}}).status_code == 422


def test_success_flag_is_spelt_succeded_and_succeeded(vendor: Any, v3: Any) -> None:
    one, other = vendor.some(), vendor.some()
    old, new = vendor.update(one["id"]).json(), v3.update(one["id"]).json()
    assert old["succeded"] is True
    assert "succeeded" not in old
    assert new["succeeded"] is True
    assert "succeded" not in new
    assert vendor("DELETE", f"/contacts/{one['id']}").json()["succeded"] is True
    deleted = v3("DELETE", f"/contacts/{other['id']}").json()
    assert (deleted["succeeded"], deleted["succeded"]) == (True, True)


def test_deleted_contact_is_gone_everywhere(either: Any) -> None:
    contact = either.some(email="gone@example.com")
    either("DELETE", f"/contacts/{contact['id']}")
    assert either("GET", f"/contacts/{contact['id']}").status_code == 400
    assert either("DELETE", f"/contacts/{contact['id']}").status_code == 400
    assert either.search(query="gone@example.com").json()["total"] == 0
    assert either.create(email="gone@example.com").status_code == 201
