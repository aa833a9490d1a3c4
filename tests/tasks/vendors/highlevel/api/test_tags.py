"""Tags over the line: of one contact, of many, of the location."""

from __future__ import annotations

from typing import Any

from tasks.vendors.highlevel.api import contacts, tags
from tasks.vendors.highlevel.client import HighLevel


def test_tags_of_one_contact_of_many_and_of_the_location(talk: Any) -> None:
    some = [record["id"] for record in talk.vendor.records("contacts")[:3]]

    async def go(client: HighLevel) -> None:
        before = set((await contacts.get(client, some[0])).tags)
        assert set(await tags.add(client, some[0], ["Fair 2027"]) or ()) == {*before, "fair 2027"}
        assert set(await tags.remove(client, some[0], ["fair 2027"]) or ()) == before
        added = await tags.add_in_bulk(client, [*some, "no such"], ["bulk"])
        assert [outcome.succeeded for outcome in added] == [True, True, True, False]
        assert [outcome.contact_id for outcome in added] == [*some, "no such"]
        assert added[3].message
        assert all(outcome.tags_added == ("bulk",) for outcome in added[:3])
        removed = await tags.remove_in_bulk(client, some, ["bulk"])
        assert all(outcome.tags_removed == ("bulk",) for outcome in removed)
        emptied = await tags.remove_all_in_bulk(client, some[:1])
        assert set(emptied[0].old_tags) == before
        assert (await contacts.get(client, some[0])).tags == ()
        known = {tag.name for tag in await tags.list_all(client)}
        assert {"fair 2027", "bulk"} <= known
        made = await tags.create(client, "Season")
        renamed = await tags.rename(client, made.id, "Spring")
        assert (await tags.get(client, made.id)).name == renamed.name == "spring"
        assert await tags.delete(client, made.id)
        assert not await tags.delete(client, made.id)

    talk(go)
