"""What is written: spelt as each dialect has it, refused before it is sent, and whether it was done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from tasks.vendors.highlevel.api.activity_writes import AppointmentUpdate, CrmTaskUpdate, NoteCreate
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.api.writes import ContactUpdate, ContactUpsert, CustomValueWrite, DndWrite
from tasks.vendors.highlevel.dialect import DIALECTS
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def test_a_write_is_spelt_as_the_dialect_has_it() -> None:
    write = ContactUpdate(
        dnd_settings={"whatsapp": DndWrite(status="active")},
        custom_fields=(CustomValueWrite(id="f", value=[]),),
        date_of_birth=date(1990, 9, 25),
    )
    assert write.payload(DIALECTS["2021-07-28"]) == {
        "dateOfBirth": "1990-09-25",
        "dndSettings": {"WhatsApp": {"status": "active"}},
        "customFields": [{"id": "f", "field_value": []}],
    }
    assert write.payload(DIALECTS["v3"]) == {
        "dateOfBirth": "1990-09-25",
        "dndSettings": {"whatsApp": {"status": "active"}},
        "customFields": [{"id": "f", "fieldValue": []}],
    }


def test_what_is_not_set_is_not_sent_and_null_is_sent_where_it_clears() -> None:
    assert ContactUpdate().payload(DIALECTS["v3"]) == {}
    assert ContactUpdate(email=None).payload(DIALECTS["v3"]) == {"email": None}
    assert CrmTaskUpdate(due_date=NOON).payload(DIALECTS["v3"]) == {"dueDate": "2027-03-01T12:00:00.000Z"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (CrmTaskUpdate, {"dueDate": "2027-03-01T12:00:00"}),
        (CrmTaskUpdate, {"title": None}),
        (NoteCreate, {"body": "x", "color": "red"}),
        (NoteCreate, {"title": "no body"}),
        (AppointmentUpdate, {"appointmentStatus": "maybe"}),
        (ContactUpdate, {"country": "Germany"}),
        (ContactUpdate, {"dndSettings": {"fax": {"status": "active"}}}),
        (ContactUpsert, {"firstName": "Ada"}),
    ],
)
def test_what_the_vendor_would_refuse_cannot_be_made(kind: Any, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(body)


def test_an_error_of_a_write_does_not_tell_its_values() -> None:
    with pytest.raises(ValidationError) as caught:
        ContactUpdate.model_validate({"email": {"secret": "value"}})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("write", "held", "missed"),
    [
        ({"email": "A@b.example"}, {"email": "a@b.example"}, ()),
        ({"phone": "0151 23456789"}, {"phone": "+4915123456789"}, ()),
        ({"phone": "+15550100"}, {"phone": "+15550101"}, ("phone",)),
        ({"phone": None}, {"phone": "+15550101"}, ("phone",)),
        ({"phone": "+15550101"}, {}, ("phone",)),
        ({"city": ""}, {}, ()),
        ({"name": "Ada Lovelace"}, {"firstName": "Ada", "lastName": "Lovelace"}, ()),
        ({"customFields": [{"id": "f", "value": 5}]}, {"customFields": [{"id": "f", "value": "5"}]}, ()),
        ({"customFields": [{"id": "f", "value": 5}]}, {}, ("customFields.f",)),
        ({"dndSettings": {"sms": {"status": "active"}}}, {"dndSettings": {"SMS": {"status": "active"}}}, ()),
        ({"dndSettings": {"sms": {"status": "active"}}}, {}, ("dndSettings.sms",)),
    ],
)
def test_what_a_write_did_not_do_is_told(write: Any, held: Any, missed: tuple[str, ...]) -> None:
    found = Contact.model_validate({"id": "a", **held})
    assert unconfirmed(ContactUpdate.model_validate(write), found) == missed
