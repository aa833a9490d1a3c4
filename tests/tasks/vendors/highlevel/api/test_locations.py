"""A location, its custom fields and its people."""

from __future__ import annotations

from typing import Any

from tasks.vendors.highlevel.api import locations, users
from tasks.vendors.highlevel.client import HighLevel


def test_the_location_its_fields_and_its_people(talk: Any) -> None:
    async def go(client: HighLevel) -> None:
        location = await locations.get(client)
        assert location.settings.allow_duplicate_contact is False
        fields = await locations.custom_fields(client)
        tier = next(field for field in fields if field.name == "Tier")
        assert tier.picklist_options[0] == "Gold"
        assert (await locations.custom_field(client, "contact.tier")).id == tier.id
        people = await users.list_all(client)
        assert (await users.get(client, people[0].id)).email == people[0].email
        found = [
            user async for user in users.search(client, location.company_id or "", query="robin", limit=2)
        ]
        assert [user.first_name for user in found] == ["Robin"]

    talk(go)
