"""Contacts in HighLevel's API: search pages and single records.

Facts: the vendor's "Search Contacts" page (body, operators, 500 records a page at most, ``searchAfter``
on each record, results that lag by seconds) and ``contacts.json`` of its OpenAPI files. Search lags, so it
never answers whether a record exists: reading by id and ``find_duplicate`` do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import Json
from tasks.core.errors import (
    DuplicateContactError,
    GarbledAnswerError,
    InvalidRequestError,
    RecordNotFoundError,
)
from tasks.vendors.highlevel.api.endpoint import ITSELF, Endpoint
from tasks.vendors.highlevel.api.paging import Trail, every
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.api.writes import ContactCreate, ContactUpdate, ContactUpsert
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.retry import Check

READ, WRITE = "contacts.readonly", "contacts.write"
PAGE_LIMIT = 500
"""Most records a search page may hold; more is answered with 400."""
BUSINESS_PAGE_LIMIT, BUSINESS_DEFAULT_PAGE = 100, 25

_ONE = "/contacts/{contactId}"

SEARCH = Endpoint("POST", "/contacts/search", READ)
DUPLICATE = Endpoint("GET", "/contacts/search/duplicate", READ)
OF_BUSINESS = Endpoint("GET", "/contacts/business/{businessId}", READ)
GET = Endpoint("GET", _ONE, READ)
CREATE = Endpoint("POST", "/contacts/", WRITE, idempotent=False)
UPDATE = Endpoint("PUT", _ONE, WRITE)
UPSERT = Endpoint("POST", "/contacts/upsert", WRITE)
UPSERT_AS_NEW = Endpoint("POST", "/contacts/upsert", WRITE, idempotent=False)
DELETE = Endpoint("DELETE", _ONE, WRITE)


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
    answer = await SEARCH.ask(client, json=body)
    contacts = answer.get("contacts") if isinstance(answer, dict) else None
    if not isinstance(contacts, list):
        raise GarbledAnswerError(
            f"POST /contacts/search for location {client.location_id}: no list of contacts in the answer"
        )
    total = answer.get("total")
    return ContactPage(contacts, total if isinstance(total, int) else len(contacts))


def trail(client: HighLevel) -> Trail:
    """The guard of a walk over a search's pages."""
    return Trail(f"{SEARCH.method} {SEARCH.template} for location {client.location_id}")


async def exists(client: HighLevel, contact_id: str) -> bool:
    """Whether HighLevel still has the contact; asks for the record itself, which no index delays."""
    try:
        await get(client, contact_id)
    except RecordNotFoundError:
        return False
    return True


async def get(client: HighLevel, contact_id: str) -> Contact:
    """One contact, whole.

    Raises:
        RecordNotFoundError: There is no such contact, or it is deleted.
    """
    answer = await GET.ask(client, {"contactId": contact_id})
    contact = GET.record(client, answer, Contact, "contact")
    if contact.deleted:
        raise RecordNotFoundError(
            f"{GET.template} for location {client.location_id}: {contact_id} is deleted"
        )
    return contact


async def find_duplicate(client: HighLevel, *, email: str = "", phone: str = "") -> Contact | None:
    """The contact that HighLevel would call a duplicate; None where there is none.

    Its primary address may be another one: additional addresses count. Such a contact must be updated by
    its id, because an upsert would make the additional address the primary one, and lose that.

    Args:
        email: Asked for first, unless the location is set up otherwise.
        phone: In E.164.
    """
    asked = {"email": email, "number": phone}
    query = {"locationId": client.location_id} | {name: text for name, text in asked.items() if text}
    answer = await DUPLICATE.ask(client, query=query)
    held = answer.get("contact") if isinstance(answer, dict) else answer
    if not held:
        return None  # what is answered where nothing matches is not documented
    return DUPLICATE.record(client, held, Contact, ITSELF)


async def create(client: HighLevel, contact: ContactCreate) -> Contact:
    """Make a contact.

    Raises:
        DuplicateContactError: HighLevel has it already; also where it refused the request with 422 and
            made the contact all the same, which has been reported.
        InvalidRequestError: HighLevel refuses what the contact says.
        UnknownOutcomeError: The answer was lost; ``find_duplicate`` tells whether it took effect.
    """
    body = {"locationId": client.location_id, **contact.payload(client.dialect)}
    try:
        answer = await CREATE.ask(client, json=body)
    except InvalidRequestError as error:
        await _tell_if_made(client, contact, error)
        raise
    return CREATE.record(client, answer, Contact, "contact")


async def update(
    client: HighLevel, contact_id: str, changes: ContactUpdate, *, again: Check | None = None
) -> Contact:
    """Change the fields that are set; the contact after it.

    Args:
        again: As ``HighLevel.call`` has it.

    Raises:
        DuplicateContactError: The new e-mail or phone is another contact's.
        InvalidRequestError: HighLevel refuses what the changes say.
        RecordNotFoundError: There is no such contact.
    """
    body = changes.payload(client.dialect)
    answer = await UPDATE.ask(client, {"contactId": contact_id}, json=body, again=again)
    return UPDATE.record(client, answer, Contact, "contact")


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did.

    Args:
        new: Whether the contact was made; False also where a first attempt made it and its answer was lost.
    """

    contact: Contact
    new: bool


async def upsert(client: HighLevel, contact: ContactUpsert, *, again: Check | None = None) -> Upserted:
    """Change the contact with this e-mail or phone, or make it.

    An accepted upsert is no proof of its effect: where the e-mail is one contact's and the phone another's,
    the phone is dropped without a word. So the answer is compared with what was sent.

    Args:
        again: As ``HighLevel.call`` has it.

    Raises:
        InvalidRequestError: HighLevel refuses what the contact says.
        UnknownOutcomeError: The answer was lost, and the location was asked to allow a duplicate.
    """
    endpoint = UPSERT_AS_NEW if contact.create_new_if_duplicate_allowed else UPSERT
    body = {"locationId": client.location_id, **contact.payload(client.dialect)}
    answer = await endpoint.ask(client, json=body, again=again)
    found = endpoint.record(client, answer, Contact, "contact")
    return Upserted(found, new=answer.get("new") is True)


async def delete(client: HighLevel, contact_id: str, *, again: Check | None = None) -> bool:
    """Delete a contact with its tasks, notes and appointments; False where it was gone already.

    Args:
        again: As ``HighLevel.call`` has it.
    """
    try:
        await DELETE.do(client, {"contactId": contact_id}, again=again)
    except RecordNotFoundError:
        return False
    return True


async def of_business(
    client: HighLevel, business_id: str, *, query: str = "", limit: int = BUSINESS_PAGE_LIMIT
) -> AsyncIterator[Contact]:
    """Every contact of a business, a page at a time.

    Args:
        query: Only contacts whose name has this text.
        limit: Contacts on a page, 1 to 100.
    """
    asked = {"locationId": client.location_id, "limit": str(limit)} | ({"query": query} if query else {})

    async def page(skip: int) -> list[Contact]:
        paged = {**asked, "skip": str(skip)}
        answer = await OF_BUSINESS.ask(client, {"businessId": business_id}, query=paged)
        return OF_BUSINESS.records(client, answer, Contact, "contacts")

    smallest = min(limit, BUSINESS_DEFAULT_PAGE)
    async for contact in every(page, named=OF_BUSINESS.template, smallest_page=smallest):
        yield contact


async def _tell_if_made(client: HighLevel, contact: ContactCreate, refused: InvalidRequestError) -> None:
    """A refused create may have made the contact all the same (vendor issue #64)."""
    email, phone = contact.email or "", contact.phone or ""
    held = await find_duplicate(client, email=email, phone=phone) if email or phone else None
    if held is not None:
        raise DuplicateContactError(
            f"{refused.what} (and yet there is contact {held.id})",
            contact_id=held.id,
            matching_field="email" if email else "phone",
            remedy="Update that contact instead of creating another one.",
        ) from refused
