"""Tags: on one contact, on many at once, and those that the location knows.

A contact's tags are addressed by name and read in lower case. A name that the location does not know
becomes one of its tags. In bulk every contact has an outcome of its own, and some may fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from tasks.core.batch import Json
from tasks.core.errors import RecordNotFoundError, UnknownOutcomeError
from tasks.vendors.highlevel.api.account_records import LocationTag
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.api.records import Part, Texts
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.retry import Check

_OF_CONTACT = "/contacts/{contactId}/tags"
_ALL, _ONE = "/locations/{locationId}/tags", "/locations/{locationId}/tags/{tagId}"
_READ, _WRITE = "locations/tags.readonly", "locations/tags.write"

ADD = Endpoint("POST", _OF_CONTACT, "contacts.write")
REMOVE = Endpoint("DELETE", _OF_CONTACT, "contacts.write")
BULK = Endpoint("POST", "/contacts/bulk/tags/update/{type}", "contacts.write")
BULK_ONCE = replace(BULK, idempotent=False)
LIST = Endpoint("GET", _ALL, _READ)
CREATE = Endpoint("POST", _ALL, _WRITE, idempotent=False)
GET = Endpoint("GET", _ONE, _READ)
RENAME = Endpoint("PUT", _ONE, _WRITE)
DELETE = Endpoint("DELETE", _ONE, _WRITE)


class TagOutcome(Part):
    """What a bulk operation did to one contact.

    Attributes:
        type: ``success`` or ``error``; ``unknown`` where the answer does not mention the contact.
        repeated: An earlier answer was lost: what that request changed already is told as if it had been so.
        message: The vendor's words, e.g. ``contact is deleted``.
    """

    contact_id: str
    type: str = "unknown"
    message: str = ""
    old_tags: Texts = ()
    tags_added: Texts = ()
    tags_removed: Texts = ()
    repeated: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether HighLevel says so of this contact."""
        return self.type == "success"


async def add(client: HighLevel, contact_id: str, names: Sequence[str]) -> tuple[str, ...] | None:
    """Give a contact tags.

    Returns:
        All its tags after it; None where the answer does not tell.
    """
    return _tags(await ADD.do(client, {"contactId": contact_id}, json={"tags": list(names)}))


async def remove(client: HighLevel, contact_id: str, names: Sequence[str]) -> tuple[str, ...] | None:
    """Take tags off a contact; the location keeps them.

    Returns:
        All its tags after it; None where the answer does not tell.
    """
    return _tags(await REMOVE.do(client, {"contactId": contact_id}, json={"tags": list(names)}))


async def add_in_bulk(
    client: HighLevel, contact_ids: Sequence[str], names: Sequence[str], *, again: Check | None = None
) -> list[TagOutcome]:
    """Give many contacts the same tags; the largest number is undocumented (vendor issue #315).

    Args:
        again: As ``HighLevel.call`` has it.

    Returns:
        An outcome for each contact, in the order given.
    """
    return await _bulk(client, "add", contact_ids, {"tags": list(names)}, again)


async def remove_in_bulk(
    client: HighLevel, contact_ids: Sequence[str], names: Sequence[str], *, again: Check | None = None
) -> list[TagOutcome]:
    """Take the same tags off many contacts.

    Args:
        again: As ``HighLevel.call`` has it.

    Returns:
        An outcome for each contact, in the order given.
    """
    return await _bulk(client, "remove", contact_ids, {"tags": list(names)}, again)


async def remove_all_in_bulk(client: HighLevel, contact_ids: Sequence[str]) -> list[TagOutcome]:
    """Take every tag off many contacts.

    Returns:
        An outcome for each contact, in the order given; its ``old_tags`` are what was lost.
    """
    return await _bulk(client, "remove", contact_ids, {"tags": [], "removeAllTags": True})


async def list_all(client: HighLevel) -> list[LocationTag]:
    """The location's tags."""
    answer = await LIST.ask(client, {"locationId": client.location_id})
    return LIST.records(client, answer, LocationTag, "tags")


async def create(client: HighLevel, name: str) -> LocationTag:
    """Make a tag of the location.

    Raises:
        InvalidRequestError: There is one of that name.
        UnknownOutcomeError: The answer was lost; ``list_all`` tells whether it took effect.
    """
    answer = await CREATE.ask(client, {"locationId": client.location_id}, json={"name": name})
    return CREATE.record(client, answer, LocationTag, "tag")


async def get(client: HighLevel, tag_id: str) -> LocationTag:
    """One tag of the location.

    Raises:
        RecordNotFoundError: There is no such tag.
    """
    return GET.record(client, await GET.ask(client, _path(client, tag_id)), LocationTag, "tag")


async def rename(client: HighLevel, tag_id: str, name: str) -> LocationTag:
    """Rename a tag of the location; the tag after it."""
    answer = await RENAME.ask(client, _path(client, tag_id), json={"name": name})
    return RENAME.record(client, answer, LocationTag, "tag")


async def delete(client: HighLevel, tag_id: str) -> bool:
    """Delete a tag of the location; False where it was gone already."""
    try:
        await DELETE.do(client, _path(client, tag_id))
    except RecordNotFoundError:
        return False
    return True


async def _bulk(
    client: HighLevel,
    way: Literal["add", "remove"],
    contact_ids: Sequence[str],
    body: dict[str, Json],
    again: Check | None = None,
) -> list[TagOutcome]:
    whole = {"locationId": client.location_id, "contacts": list(contact_ids), **body}
    repeated = {"repeated": False}
    try:
        answer = await BULK_ONCE.do(client, {"type": way}, json=whole, again=again)
    except UnknownOutcomeError:
        if again is not None:
            await again()
        answer = await BULK.do(client, {"type": way}, json=whole, again=again)
        repeated = {"repeated": True}
    told = answer.get("responses") if isinstance(answer, dict) else None
    entries = [entry for entry in told if _names_a_contact(entry)] if isinstance(told, list) else []
    outcomes = {entry["contactId"]: TagOutcome.model_validate(entry | repeated) for entry in entries}
    return [outcomes.get(contact) or TagOutcome(contact_id=contact, **repeated) for contact in contact_ids]


def _names_a_contact(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("contactId"), str)


def _tags(answer: Json) -> tuple[str, ...] | None:
    held = answer.get("tags") if isinstance(answer, dict) else None
    return tuple(tag for tag in held if isinstance(tag, str)) if isinstance(held, list) else None


def _path(client: HighLevel, tag_id: str) -> dict[str, str]:
    return {"locationId": client.location_id, "tagId": tag_id}
