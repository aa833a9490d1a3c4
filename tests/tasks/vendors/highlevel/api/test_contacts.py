"""Contacts over the line: made, read, changed, upserted and deleted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api import contacts
from tasks.vendors.highlevel.api.writes import ContactCreate, ContactUpdate, ContactUpsert
from tasks.vendors.highlevel.client import HighLevel
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed


def test_a_contact_is_made_read_changed_and_deleted(talk: Any) -> None:
    new = ContactCreate.model_validate(
        {
            "firstName": "Ada",
            "lastName": "Lovelace",
            "email": "Ada@Example.com",
            "phone": "+1 202-555-0199",
            "dateOfBirth": "1990-09-25",
            "gender": "female",
            "companyName": "Engines",
            "tags": ["Lead"],
            "country": "GB",
            "dndSettings": {"sms": {"status": "active"}, "whatsapp": {"status": "inactive"}},
        }
    )

    async def go(client: HighLevel) -> None:
        made = await contacts.create(client, new)
        held = await contacts.get(client, made.id)
        assert unconfirmed(new, held) == ()
        assert (held.name, held.phone, held.tags) == ("Ada Lovelace", "+12025550199", ("lead",))
        assert held.date_of_birth == date(1990, 9, 25)
        assert held.date_added is not None
        assert held.date_added.tzinfo
        assert held.dnd_settings["sms"].status == "active"
        changes = ContactUpdate(city="London", email=None)
        after = await contacts.update(client, made.id, changes)
        assert unconfirmed(changes, after) == ()
        assert (after.city, after.email, after.last_name) == ("London", None, "Lovelace")
        assert await contacts.delete(client, made.id)
        assert not await contacts.delete(client, made.id)
        with pytest.raises(RecordNotFoundError):
            await contacts.get(client, made.id)
        assert not await contacts.exists(client, made.id)

    talk(go)


def test_an_upsert_tells_whether_it_made_the_contact(talk: Any) -> None:
    async def go(client: HighLevel) -> None:
        first = await contacts.upsert(client, ContactUpsert(email="new@example.com", first_name="New"))
        second = await contacts.upsert(client, ContactUpsert(email="NEW@example.com", city="Rome"))
        assert (first.new, second.new) == (True, False)
        assert second.contact.id == first.contact.id
        assert (second.contact.first_name, second.contact.city) == ("New", "Rome")

    talk(go)
