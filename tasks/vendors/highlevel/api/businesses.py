"""Businesses: the companies of a location, and which contacts belong to them.

There is no search, no filter, no total and no webhook; names need not be unique. Create and update answer
with the key ``buiseness``. A contact's business can be set in bulk only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api.account_records import Business
from tasks.vendors.highlevel.api.activity_writes import BusinessCreate, BusinessUpdate
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.api.paging import every
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.retry import Check

PAGE_LIMIT = 100
"""Also what a page holds where nothing is asked for."""

_READ, _WRITE = "businesses.readonly", "businesses.write"
_ALL, _ONE = "/businesses/", "/businesses/{businessId}"
_KEYS = ("buiseness", "business")

LIST = Endpoint("GET", _ALL, _READ)
CREATE = Endpoint("POST", _ALL, _WRITE, idempotent=False)
GET = Endpoint("GET", _ONE, _READ)
UPDATE = Endpoint("PUT", _ONE, _WRITE)
DELETE = Endpoint("DELETE", _ONE, _WRITE)
LINK = Endpoint("POST", "/contacts/bulk/business", "contacts.write")


async def list_all(client: HighLevel, *, limit: int = PAGE_LIMIT, start: int = 0) -> AsyncIterator[Business]:
    """Every business of the location, a page at a time.

    Args:
        limit: Businesses on a page, 1 to 100.
        start: How many to pass over.
    """

    async def page(skip: int) -> list[Business]:
        query = {"locationId": client.location_id, "limit": str(limit), "skip": str(skip)}
        return LIST.records(client, await LIST.ask(client, query=query), Business, "businesses")

    async for business in every(page, named=LIST.template, smallest_page=limit, start=start):
        yield business


async def get(client: HighLevel, business_id: str) -> Business:
    """One business.

    Raises:
        RecordNotFoundError: There is no such business.
    """
    answer = await GET.ask(client, {"businessId": business_id})
    return GET.record(client, answer, Business, *_KEYS)


async def create(client: HighLevel, business: BusinessCreate) -> Business:
    """Make a business, also where its name exists already.

    Raises:
        UnknownOutcomeError: The answer was lost; look through ``list_all`` before making it again.
    """
    body = {"locationId": client.location_id, **business.payload(client.dialect)}
    return CREATE.record(client, await CREATE.ask(client, json=body), Business, *_KEYS)


async def update(
    client: HighLevel, business_id: str, changes: BusinessUpdate, *, again: Check | None = None
) -> Business:
    """Change the fields that are set; the business after it.

    Args:
        again: As ``HighLevel.call`` has it.
    """
    body = changes.payload(client.dialect)
    answer = await UPDATE.ask(client, {"businessId": business_id}, json=body, again=again)
    return UPDATE.record(client, answer, Business, *_KEYS)


async def delete(client: HighLevel, business_id: str) -> bool:
    """Delete a business; False where it was gone already.

    What becomes of its contacts' link is undocumented.
    """
    try:
        await DELETE.do(client, {"businessId": business_id})
    except RecordNotFoundError:
        return False
    return True


async def link(
    client: HighLevel, business_id: str, contact_ids: Sequence[str], *, again: Check | None = None
) -> list[str]:
    """Put contacts into a business, out of any other; the ids that HighLevel says it changed.

    Args:
        again: As ``HighLevel.call`` has it.

    Raises:
        RecordNotFoundError: The business or one of the contacts is missing.
    """
    return await _link(client, business_id, contact_ids, again)


async def unlink(client: HighLevel, contact_ids: Sequence[str], *, again: Check | None = None) -> list[str]:
    """Take contacts out of their business; the ids that HighLevel says it changed.

    Args:
        again: As ``HighLevel.call`` has it.

    Raises:
        RecordNotFoundError: One of the contacts is missing.
    """
    return await _link(client, None, contact_ids, again)


async def _link(
    client: HighLevel, business_id: str | None, contact_ids: Sequence[str], again: Check | None
) -> list[str]:
    body = {"locationId": client.location_id, "ids": list(contact_ids), "businessId": business_id}
    answer = await LINK.do(client, json=body, again=again)
    changed = answer.get("ids") if isinstance(answer, dict) else None
    return [held for held in changed if isinstance(held, str)] if isinstance(changed, list) else []
