"""The people who work in a location: the only ones that a record can be assigned to."""

from __future__ import annotations

from collections.abc import AsyncIterator

from tasks.vendors.highlevel.api.account_records import User
from tasks.vendors.highlevel.api.endpoint import ITSELF, Endpoint
from tasks.vendors.highlevel.api.paging import every
from tasks.vendors.highlevel.client import HighLevel

PAGE = 25
"""What a page of the search holds where nothing is asked for."""

LIST = Endpoint("GET", "/users/", "users.readonly")
GET = Endpoint("GET", "/users/{userId}", "users.readonly")
SEARCH = Endpoint("GET", "/users/search", "users.readonly")


async def list_all(client: HighLevel) -> list[User]:
    """Everybody in the location.

    The operation is deprecated and missing in v3's files; it answers under both versions, and it is the
    only list that needs no agency id.
    """
    answer = await LIST.ask(client, query={"locationId": client.location_id})
    return LIST.records(client, answer, User, "users")


async def get(client: HighLevel, user_id: str) -> User:
    """One user; the answer is the record itself.

    Raises:
        RecordNotFoundError: There is no such user.
    """
    return GET.record(client, await GET.ask(client, {"userId": user_id}), User, "user", ITSELF)


async def search(
    client: HighLevel, company_id: str, *, query: str = "", limit: int = PAGE
) -> AsyncIterator[User]:
    """The location's users with a text in their name or e-mail, a page at a time.

    Args:
        company_id: The agency (``locations.get`` tells it); without it HighLevel answers 401.
        limit: Users on a page.
    """
    asked = {"companyId": company_id, "locationId": client.location_id, "limit": str(limit)}

    async def page(skip: int) -> list[User]:
        paged = {**asked, "skip": str(skip)} | ({"query": query} if query else {})
        return SEARCH.records(client, await SEARCH.ask(client, query=paged), User, "users")

    async for found in every(page, named=SEARCH.template, smallest_page=min(limit, PAGE)):
        yield found
