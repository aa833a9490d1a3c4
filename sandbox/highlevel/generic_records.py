"""How the records of the generic operations are made and kept.

What a kind's records begin with, and what they belong to, stands in ``catalogue.yaml``.
"""

from __future__ import annotations

from sandbox.highlevel.calls import RefusalError
from sandbox.highlevel.catalogue import kinds
from sandbox.highlevel.location import Location
from sandbox.highlevel.shapes import Document

__all__ = ["clean", "kept", "made", "singular"]


def made(location: Location, kind: str, given: Document) -> Document:
    """A new record.

    Raises:
        RefusalError: 400 where it would be the second of what there may be one of.
    """
    facts = kinds()[kind]
    if facts.unique:
        _refuse_second(location, kind, given)
    if facts.within:
        given = _within(location, facts.within, given)
    blank = {
        "id": location.fresh_hex_id() if facts.hex else location.fresh_id(),
        "locationId": location.id,
        **facts.fill,
        "dateAdded": location.now(),
        "createdAt": location.now(),
    }
    return kept(location, kind, {**blank, **clean(kind, given)})


def _refuse_second(location: Location, kind: str, given: Document) -> None:
    unique = kinds()[kind].unique
    for record in location.others[kind].of(str(given.get("contactId"))):
        more = {"canonicalCode": unique["code"], f"{singular(kind)}Id": record["id"]}
        raise RefusalError.bad_request(unique["message"], **more)


def _within(location: Location, parents: str, given: Document) -> Document:
    """What a record says of the one it belongs to: found by its id or its contact, or made."""
    link, contact = f"{singular(parents)}Id", given.get("contactId")
    held = location.others[parents]
    if link in given:
        wanted = str(given[link])
        if wanted not in held:
            raise RefusalError.missing(singular(parents).capitalize(), wanted, reading=False)
        parent = held[wanted]
    else:
        of_contact = held.of(str(contact))
        parent = of_contact[0] if of_contact else made(location, parents, {"contactId": contact})
    text = given.get("message") or given.get("html") or ""
    return {**given, link: parent["id"], "contactId": parent.get("contactId"), "body": text}


def singular(kind: str) -> str:
    """What one record of a kind is called."""
    return kind[:-3] + "y" if kind.endswith("ies") else kind.removesuffix("s")


def kept(location: Location, kind: str, record: Document) -> Document:
    """A record after a write, stored and with its dates moved."""
    record = {**record, "dateUpdated": location.now(), "updatedAt": location.now()}
    location.others[kind][record["id"]] = record
    return record


def clean(kind: str, given: Document) -> Document:
    """What is stored of a body: never an id, a message's kind by name, an opportunity's fields as read."""
    stored = {key: value for key, value in given.items() if key != "id"}
    if kind == "messages" and isinstance(stored.get("type"), str):
        stored["messageType"] = f"TYPE_{stored.pop('type').upper()}"
    if kind == "opportunities" and isinstance(stored.get("customFields"), list):
        entries = [entry for entry in stored["customFields"] if isinstance(entry, dict)]
        stored["customFields"] = [
            {"id": entry.get("id"), "fieldValue": entry.get("fieldValue", entry.get("field_value"))}
            for entry in entries
        ]
    return stored
