"""The people of a location: listed, read and searched for."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api import locations, users
from tasks.vendors.highlevel.client import HighLevel


def test_everybody_who_is_listed_can_be_read(talk: Any) -> None:
    async def go(client: HighLevel) -> None:
        people = await users.list_all(client)
        assert sorted(one.id for one in people) == sorted(one["id"] for one in talk.vendor.records("users"))
        for one in people:
            assert (await users.get(client, one.id)).email == one.email

    talk(go)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_search_gives_everybody_once_whatever_the_page_s_size(talk: Any, limit: int) -> None:
    async def go(client: HighLevel) -> None:
        company = (await locations.get(client)).company_id or ""
        found = [one.id async for one in users.search(client, company, limit=limit)]
        assert sorted(found) == sorted({one.id for one in await users.list_all(client)})

    talk(go)


def test_a_search_for_nobody_is_empty(talk: Any) -> None:
    async def go(client: HighLevel) -> None:
        company = (await locations.get(client)).company_id or ""
        assert [one async for one in users.search(client, company, query="nobody at all")] == []

    talk(go)


def test_somebody_who_is_not_there_is_told(talk: Any) -> None:
    with pytest.raises(RecordNotFoundError):
        talk(lambda client: users.get(client, "noSuchUser0000000001"))
