"""Contacts in HighLevel's API: search pages and single records.

Facts: the vendor's "Search Contacts" page (body, operators, 500 records a page at most, ``searchAfter``
on each record, results that lag by seconds) and ``contacts.json`` of its OpenAPI files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tasks.batch import Json
from tasks.errors import GarbledAnswerError, RecordNotFoundError
from tasks.highlevel.client import HighLevel

READ = "contacts.readonly"
PAGE_LIMIT = 500
"""Most records a search page may hold; more is answered with 400."""


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One page of a search.

    Args:
        contacts: As they came; nothing is taken for granted about their shape.
        total: How many match in all, as far as the vendor's index knows.
    """

    contacts: list[Json]
    total: int


async def search(
    client: HighLevel,
    *,
    limit: int,
    sort: str,
    direction: str = "asc",
    after: list[Any] | None = None,
    filters: list[dict[str, Any]] | None = None,
) -> ContactPage:
    """One page of contacts in the order of ``sort``.

    Args:
        limit: Records wanted, 1 to 500.
        sort: ``dateAdded`` or ``dateUpdated``.
        direction: ``asc`` or ``desc``.
        after: ``searchAfter`` of the last record of the page before; None for the first page. Unlike
            ``page`` it reaches beyond 10,000 records.
        filters: In the vendor's filter language.
    """
    body: dict[str, Any] = {
        "locationId": client.location_id,
        "pageLimit": limit,
        "sort": [{"field": sort, "direction": direction}],
        "filters": filters or [],
    }
    body |= {"searchAfter": after} if after else {"page": 1}
    answer = await client.call("POST", "/contacts/search", scope=READ, json=body)
    contacts = answer.get("contacts") if isinstance(answer, dict) else None
    if not isinstance(contacts, list):
        raise GarbledAnswerError(
            f"POST /contacts/search for location {client.location_id}: no list of contacts in the answer"
        )
    total = answer.get("total")
    return ContactPage(contacts, total if isinstance(total, int) else len(contacts))


async def exists(client: HighLevel, contact_id: str) -> bool:
    """Whether HighLevel still has the contact; asks for the record itself, which no index delays."""
    try:
        answer = await client.call("GET", "/contacts/{contactId}", scope=READ, path={"contactId": contact_id})
    except RecordNotFoundError:
        return False
    contact = answer.get("contact") if isinstance(answer, dict) else None
    return isinstance(contact, dict) and not contact.get("deleted", False)
