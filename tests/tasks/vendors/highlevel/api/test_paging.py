"""Pages that lead in a circle: every walk over pages ends with an error, none goes on for ever."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.batch import Position
from tasks.core.errors import VendorFailedError
from tasks.vendors.highlevel.api.paging import Trail
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.readers.contacts import ContactQuery, ContactSource
from tasks.vendors.transport import Answer, Transport

SEARCH = "POST /contacts/search"
PATIENCE = 20
"""Pages after the first one, far more than there are: who asks for so many goes in a circle."""


class Forgetful(Transport):
    """A vendor that ignores where a search is to go on, as HighLevel ignores what it does not know."""

    pages = 0

    async def send(self, method: str, path: str, **request: Any) -> Answer:
        body = request.get("json")
        if path.endswith("/contacts/search") and "searchAfter" in body:
            self.pages += 1
            assert self.pages < PATIENCE
            request["json"] = {name: value for name, value in body.items() if name != "searchAfter"} | {
                "page": 1
            }
        return await super().send(method, path, **request)


async def read_all(client: HighLevel, size: int) -> int:
    source, position, read = ContactSource(client, ContactQuery()), None, 0
    while True:
        batch = await source.read(position, size)
        position, read = batch.position, read + len(batch.records)
        if batch.last:
            return read


@pytest.mark.parametrize("size", [500, 700, 1000, 2500])
def test_contacts_that_come_again_and_again_end_the_reading(talk: Any, size: int) -> None:
    with pytest.raises(VendorFailedError, match="does not lead on"):
        talk(lambda client: read_all(client, size), transport=Forgetful)
    assert talk.vendor.requests()["operations"][SEARCH]["200"] <= 5


def test_a_batch_that_is_read_once_more_is_no_circle(talk: Any) -> None:
    async def twice(client: HighLevel) -> list[int]:
        source = ContactSource(client, ContactQuery())
        first = await source.read(None, 500)
        positions: list[Position | None] = [None, first.position, None, first.position, first.position]
        return [len((await source.read(position, 500)).records) for position in positions]

    assert talk(twice) == [500] * 5


def marked(*marks: Any) -> list[Any]:
    return [{"id": str(mark), "searchAfter": [mark]} for mark in marks]


def test_a_circle_of_several_pages_is_noticed_too() -> None:
    trail = Trail("POST /contacts/search")
    assert trail.follow(marked(1, 2)) == [2]
    assert trail.follow(marked(3, 4)) == [4]
    with pytest.raises(VendorFailedError, match=r"POST /contacts/search.*beyond \[4\]"):
        trail.follow(marked(1, 2))


@pytest.mark.parametrize("page", [[], [{"id": "1"}], ["no record"], [{"id": "1", "searchAfter": None}]])
def test_a_page_that_does_not_say_where_to_go_on_is_noticed(page: list[Any]) -> None:
    with pytest.raises(VendorFailedError, match="the first page"):
        Trail("POST /contacts/search").follow(page)


def test_the_last_page_may_say_nothing() -> None:
    trail = Trail("POST /contacts/search")
    assert trail.follow(marked(1)) == [1]
    assert trail.follow([], last=True) == [1]
