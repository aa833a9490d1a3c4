"""HighLevel's documented and reported oddities about contacts, each survived by the client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox import process
from tasks.core.errors import (
    BadConfigurationError,
    BadCredentialError,
    DuplicateContactError,
    InvalidRequestError,
    RecordNotFoundError,
    UnknownOutcomeError,
    VendorFailedError,
)
from tasks.vendors.highlevel.api import contacts, locations, tags
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.api.writes import ContactCreate, ContactUpdate, ContactUpsert, CustomValueWrite
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.dialect import Dialect
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed

CREATE = "POST /contacts/"


def contact_with(talk: Any, *keys: str) -> dict[str, Any]:
    """A contact that has all of these."""
    found = (record for record in talk.vendor.records("contacts") if all(record.get(key) for key in keys))
    return dict(next(found))


@pytest.fixture(scope="module")
def slow_sandbox() -> Iterator[process.RunningSandbox]:
    """One whose search lags, and which allows duplicates."""
    with process.start(contacts=30, quota="off", search_lag=60, allow_duplicates=True) as running:
        yield running


@pytest.mark.parametrize(
    "key", ["locationId", "companyName", "gender", "businessId", "additionalEmails", "type", "tags"]
)
def test_a_key_that_is_illegal_in_an_update_cannot_be_expressed(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        ContactUpdate.model_validate({"city": "Rome", key: "x"})


@pytest.mark.parametrize("key", ["businessId", "additionalEmails", "additionalPhones", "type", "locationId"])
def test_a_key_that_is_illegal_everywhere_cannot_be_expressed(key: str) -> None:
    for kind in (ContactCreate, ContactUpsert):
        with pytest.raises(ValidationError, match=key):
            kind.model_validate({"email": "a@example.com", key: "x"})


def test_an_undeclared_key_is_422_and_the_error_names_it(talk: Any) -> None:
    path = {"contactId": contact_with(talk, "id")["id"]}
    body = {"city": "Rome", "companyName": "x", "customFields": [{"id": "a", "wrong": 1}], "dnd": "yes"}
    with pytest.raises(InvalidRequestError, match="companyName") as caught:
        talk.call("PUT", "/contacts/{contactId}", path=path, json=body)
    assert set(caught.value.fields) == {"companyName", "customFields.0.wrong", "dnd"}


def test_a_duplicate_create_names_the_contact_to_update(talk: Any) -> None:
    held = contact_with(talk, "emailLowerCase", "phone")
    with pytest.raises(DuplicateContactError, match="Update that contact") as caught:
        talk(lambda client: contacts.create(client, ContactCreate(email=held["email"].upper())))
    assert (caught.value.contact_id, caught.value.matching_field) == (held["id"], "email")
    number = next(one for one in talk.vendor.records("contacts") if one.get("phone", "").startswith("+44"))
    with pytest.raises(DuplicateContactError) as caught:
        talk(lambda client: contacts.create(client, ContactCreate(phone=number["phone"])))
    assert (caught.value.contact_id, caught.value.matching_field) == (number["id"], "phone")


def test_an_update_to_another_contacts_email_is_a_duplicate_too(talk: Any) -> None:
    one, other = [record for record in talk.vendor.records("contacts") if record.get("email")][:2]
    with pytest.raises(DuplicateContactError) as caught:
        talk(lambda client: contacts.update(client, one["id"], ContactUpdate(email=other["email"])))
    assert caught.value.contact_id == other["id"]


def test_an_upsert_that_matches_two_contacts_drops_the_phone_and_that_is_seen(talk: Any) -> None:
    numbered = [record for record in talk.vendor.records("contacts") if record.get("phone", "")[:1] == "+"]
    by_mail = next(record for record in numbered if record.get("email"))
    by_phone = next(record for record in numbered if record["id"] != by_mail["id"])
    write = ContactUpsert(email=by_mail["email"], phone=by_phone["phone"], city="Rome")
    after = talk(lambda client: contacts.upsert(client, write))
    assert after.contact.id == by_mail["id"]
    assert unconfirmed(write, after.contact) == ("phone",)


def test_a_create_refused_with_422_may_have_made_the_contact(talk: Any) -> None:
    fault = {"operation": CREATE, "fault": "422_after", "share": 1.0, "seed": 1, "times": 1}
    talk.vendor.set_faults([fault])
    with pytest.raises(DuplicateContactError, match="and yet there is contact") as caught:
        talk(lambda client: contacts.create(client, ContactCreate(email="late@example.com")))
    assert talk(lambda client: contacts.get(client, caught.value.contact_id)).email == "late@example.com"


@pytest.mark.parametrize("fault", ["reset_after", "truncated_json", "500", "502_html"])
def test_a_create_whose_answer_is_lost_is_not_repeated(talk: Any, fault: str) -> None:
    talk.vendor.set_faults([{"operation": CREATE, "fault": fault, "share": 1.0, "seed": 1}])
    with pytest.raises(UnknownOutcomeError, match="look the record up"):
        talk(lambda client: contacts.create(client, ContactCreate(email="lost@example.com")))
    made = talk(lambda client: contacts.find_duplicate(client, email="lost@example.com"))
    assert (made is not None) == (fault in ("reset_after", "truncated_json"))
    assert talk.vendor.requests()["operations"][CREATE].keys() == {
        {"reset_after": "reset", "truncated_json": "201"}.get(fault, fault[:3])
    }


def test_a_missing_record_is_400_a_wrong_location_403_an_unknown_path_an_empty_404(talk: Any) -> None:
    with pytest.raises(RecordNotFoundError, match="HTTP 400"):
        talk(lambda client: contacts.get(client, "nobodyKnowsThisId001"))
    with pytest.raises(BadCredentialError, match="HTTP 403"):
        talk(locations.get, location_id="someOtherLocation001")
    with pytest.raises(VendorFailedError, match="does not know this path"):
        talk.call("GET", "/no/such/path")


def test_a_mis_cased_path_is_401(talk: Any) -> None:
    path = {"locationId": talk.vendor.location_id}
    with pytest.raises(BadCredentialError, match="HTTP 401"):
        talk.call("GET", "/locations/{locationId}/customfields", path=path)


def test_a_path_of_the_other_version_is_404(talk: Any) -> None:
    other = {"2021-07-28": "remove-all", "v3": "removeAll"}[talk.version]
    path = {"contactId": contact_with(talk, "id")["id"]}
    with pytest.raises(VendorFailedError, match="Cannot DELETE"):
        talk.call("DELETE", "/contacts/{contactId}/campaigns/" + other, path=path)


def test_an_unpublished_version_is_a_setting_to_correct(talk: Any) -> None:
    unknown = Dialect(
        "2020-01-01",
        custom_field_value="",
        dnd_channels={},
        agency_grant_path="",
        camel_case_oauth=False,
    )
    with pytest.raises(BadConfigurationError, match="LUSHA_CONNECT_HIGHLEVEL_VERSION"):
        talk(locations.get, dialect=unknown)


def test_the_body_of_an_empty_create_says_422_under_a_400(talk: Any) -> None:
    with pytest.raises(ValidationError, match="at least one of"):
        ContactCreate(city="Rome")
    with pytest.raises(InvalidRequestError, match="HTTP 400"):
        talk.call("POST", "/contacts/", json={"locationId": talk.vendor.location_id}, idempotent=False)


def test_search_lags_reading_by_id_and_the_duplicate_search_do_not(
    talk: Any, slow_sandbox: process.RunningSandbox
) -> None:
    slow_sandbox.reset()
    talk.vendor = slow_sandbox

    async def go(client: HighLevel) -> None:
        made = await contacts.create(client, ContactCreate(email="fresh@example.com"))
        page = await contacts.search(client, limit=100, sort="dateAdded")
        assert made.id not in {contact["id"] for contact in page.contacts}
        assert (await contacts.get(client, made.id)).email == "fresh@example.com"
        duplicate = await contacts.find_duplicate(client, email="fresh@example.com")
        assert duplicate is not None
        assert duplicate.id == made.id

    talk(go)


def test_search_has_no_dnd_settings_and_says_address_for_address1(talk: Any) -> None:
    held = contact_with(talk, "dndSettings", "address1")

    async def go(client: HighLevel) -> tuple[Contact, Contact]:
        wanted = [{"field": "id", "operator": "eq", "value": held["id"]}]
        page = await contacts.search(client, limit=1, sort="dateAdded", filters=wanted)
        return Contact.model_validate(page.contacts[0]), await contacts.get(client, held["id"])

    found, read = talk(go)
    assert found.address1 == read.address1 == held["address1"]
    assert (found.dnd_settings, set(read.dnd_settings)) == ({}, {"call", "email", "sms"})


def test_the_cursor_is_on_the_last_page_too(talk: Any) -> None:
    async def go(client: HighLevel) -> list[str]:
        seen: list[str] = []
        after = None
        while True:
            page = await contacts.search(client, limit=500, sort="dateAdded", after=after)
            seen += [contact["id"] for contact in page.contacts]
            if len(page.contacts) < 500:
                assert page.contacts[-1]["searchAfter"]
                return seen
            after = page.contacts[-1]["searchAfter"]

    seen = talk(go)
    assert len(seen) == len(set(seen)) == 1200


def test_tags_in_an_update_replace_all_of_them_so_they_are_added_and_removed(talk: Any) -> None:
    held = contact_with(talk, "tags")
    path = {"contactId": held["id"]}
    replaced = talk.call("PUT", "/contacts/{contactId}", path=path, json={"tags": ["only"]})
    assert replaced["contact"]["tags"] == ["only"]
    assert talk(lambda client: tags.add(client, held["id"], ["Never Seen"])) == ("only", "never seen")
    assert "never seen" in {tag.name for tag in talk(tags.list_all)}


def test_custom_fields_are_written_and_read_in_different_shapes(talk: Any) -> None:
    held = contact_with(talk, "customFields")
    fields = {field.name: field.id for field in talk(locations.custom_fields)}
    write = ContactUpdate(
        custom_fields=(
            CustomValueWrite(id=fields["Lusha person id"], value="p-1"),
            CustomValueWrite(id=fields["Head count"], value=12),
            CustomValueWrite(id=fields["Interests"], value=["Gold", "Silver"]),
        )
    )
    after = talk(lambda client: contacts.update(client, held["id"], write))
    assert unconfirmed(write, after) == ()
    assert after.custom(fields["Lusha person id"]) == "p-1"
    untouched = {entry["id"] for entry in held["customFields"]} - {
        value.id for value in write.custom_fields or ()
    }
    assert untouched < {entry.id for entry in after.custom_fields}  # only the named ones change
    with pytest.raises(ValidationError, match="cannot be cleared"):
        CustomValueWrite(id="x", value=None)


@pytest.mark.parametrize("key", ["postalCode", "country", "dnd", "customFields", "dndSettings"])
def test_null_is_refused_where_the_vendor_refuses_it(talk: Any, key: str) -> None:
    with pytest.raises(ValidationError, match="cannot be cleared"):
        ContactUpdate.model_validate({key: None})
    path = {"contactId": contact_with(talk, "id")["id"]}
    with pytest.raises(InvalidRequestError, match=key):
        talk.call("PUT", "/contacts/{contactId}", path=path, json={key: None})


def test_null_clears_and_what_is_not_set_is_left_alone(talk: Any) -> None:
    held = contact_with(talk, "email", "city", "address1")
    write = ContactUpdate(city=None, address1=None, source=None, assigned_to=None)
    after = talk(lambda client: contacts.update(client, held["id"], write))
    assert unconfirmed(write, after) == ()
    assert (after.city, after.address1, after.email) == (None, None, held["email"])


def test_gender_of_a_contact_that_exists_is_discarded_and_that_is_seen(talk: Any) -> None:
    held = contact_with(talk, "email")
    write = ContactUpsert(email=held["email"], gender="female", city="Rome")
    after = talk(lambda client: contacts.upsert(client, write))
    assert unconfirmed(write, after.contact) == ("gender",)


def test_phones_are_normalised_and_emails_keep_their_capitals(talk: Any) -> None:
    write = ContactCreate(email="Grace.Hopper@Example.com", phone="(202) 555-0147", country="US")

    async def go(client: HighLevel) -> None:
        made = await contacts.create(client, write)
        assert (made.phone, unconfirmed(write, made)) == ("+12025550147", ())
        for asked in ({"email": "grace.hopper@example.com"}, {"phone": "+12025550147"}):
            found = await contacts.find_duplicate(client, **asked)  # a + that is not escaped finds nothing
            assert found is not None
            assert found.id == made.id
        assert await contacts.find_duplicate(client, email="nobody@example.com") is None

    talk(go)


def test_an_upsert_by_an_additional_address_would_lose_the_primary_one_so_look_first(talk: Any) -> None:
    held = contact_with(talk, "email", "additionalEmails")
    second = held["additionalEmails"][0]["email"]

    async def go(client: HighLevel) -> None:
        found = await contacts.find_duplicate(client, email=second)
        assert found is not None
        assert found.id == held["id"]
        assert (found.email, found.additional_emails) == (held["email"], (second,))
        await contacts.update(client, found.id, ContactUpdate(city="Rome"))
        assert (await contacts.get(client, found.id)).email == held["email"]

    talk(go)


def test_a_foreign_id_is_kept_in_a_custom_field(talk: Any) -> None:
    field = talk(lambda client: locations.custom_field(client, "contact.lusha_person_id"))
    value = CustomValueWrite(id=field.id, value=uuid.uuid4().hex)
    new = ContactCreate(email="linked@example.com", custom_fields=(value,))
    made = talk(lambda client: contacts.create(client, new))
    assert talk(lambda client: contacts.get(client, made.id)).custom(field.id) == value.value


def test_a_contact_deleted_or_merged_away_is_not_found(talk: Any) -> None:
    gone = contact_with(talk, "email")["id"]
    talk.vendor.edit(kind="contacts", id=gone, delete=True)
    with pytest.raises(RecordNotFoundError):
        talk(lambda client: contacts.get(client, gone))
    assert not talk(lambda client: contacts.delete(client, gone))
    outcomes = talk(lambda client: tags.add_in_bulk(client, [gone], ["x"]))
    assert [(one.succeeded, one.message) for one in outcomes] == [(False, "contact is deleted")]


def test_whoever_does_not_work_in_the_location_is_dropped_and_that_is_seen(talk: Any) -> None:
    held = contact_with(talk, "email")
    write = ContactUpdate(assigned_to="nobodyOfThisPlace001", city="Rome")
    after = talk(lambda client: contacts.update(client, held["id"], write))
    assert unconfirmed(write, after) == ("assignedTo",)


def test_a_location_that_allows_duplicates_makes_another_contact_when_asked(
    talk: Any, slow_sandbox: process.RunningSandbox
) -> None:
    slow_sandbox.reset()
    talk.vendor = slow_sandbox
    held = contact_with(talk, "email")
    assert talk(locations.get).settings.allow_duplicate_contact
    write = ContactUpsert(email=held["email"], create_new_if_duplicate_allowed=True)
    after = talk(lambda client: contacts.upsert(client, write))
    assert after.new
    assert after.contact.id != held["id"]
    fault = {"operation": "POST /contacts/upsert", "fault": "reset_after", "share": 1.0, "seed": 1}
    slow_sandbox.set_faults([fault])
    with pytest.raises(UnknownOutcomeError):
        talk(lambda client: contacts.upsert(client, write))
