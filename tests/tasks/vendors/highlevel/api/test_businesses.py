"""Businesses over the line: made, linked and deleted."""

from __future__ import annotations

from typing import Any

from tasks.vendors.highlevel.api import businesses, contacts
from tasks.vendors.highlevel.api.activity_writes import BusinessCreate, BusinessUpdate
from tasks.vendors.highlevel.client import HighLevel
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed


def test_a_business_is_made_linked_and_deleted(talk: Any) -> None:
    some = [record["id"] for record in talk.vendor.records("contacts")[:3]]

    async def go(client: HighLevel) -> None:
        new = BusinessCreate(name="Engines", website="https://engines.example.com", city="London")
        made = await businesses.create(client, new)
        assert unconfirmed(new, made) == ()
        changes = BusinessUpdate(city="Paris")
        assert unconfirmed(changes, await businesses.update(client, made.id, changes)) == ()
        assert (await businesses.get(client, made.id)).city == "Paris"
        assert await businesses.link(client, made.id, some) == some
        assert (await contacts.get(client, some[0])).business_id == made.id
        linked = {contact.id async for contact in contacts.of_business(client, made.id, limit=2)}
        assert linked == set(some)
        await businesses.unlink(client, some)
        assert (await contacts.get(client, some[0])).business_id is None
        listed = [business.id async for business in businesses.list_all(client, limit=90)]
        assert len(listed) == len(set(listed)) == 201
        assert made.id in listed
        assert await businesses.delete(client, made.id)
        assert not await businesses.delete(client, made.id)

    talk(go)
