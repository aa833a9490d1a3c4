"""What a valid write does to a contact's document.

Tags are replaced, custom fields changed one by one, phone numbers normalised to E.164, names and e-mails
kept a second time in lower case, and empty fields removed altogether. A custom field is written as
``{id, field_value}`` and read as ``{id, value}``. An unknown custom field and a user who does not belong
to the location are dropped without a word: an accepted write is no proof of its effect.
"""

from __future__ import annotations

from typing import Any

import phonenumbers

from sandbox.highlevel.calls import RefusalError
from sandbox.highlevel.location import Location
from sandbox.highlevel.shapes import CHANNELS, Document, Row, iso, respelled
from sandbox.highlevel.validate import birthday

__all__ = ["changed", "clean_tags", "derived", "new_contact", "normalised_phone"]

_STANDARD = (
    "email",
    "address1",
    "city",
    "state",
    "postalCode",
    "country",
    "website",
    "timezone",
    "source",
    "gender",
    "companyName",
    "dnd",
)
_CHANNELS_IN_V3 = {spelt: channel for channel, spelt in CHANNELS.items()}
_COUNTRY = "US"


def new_contact(location: Location, body: dict[str, Any]) -> Row:
    """A contact that did not exist."""
    now = iso(location.clock.now())
    blank: Document = {
        "id": location.fresh_id(),
        "locationId": location.id,
        "type": "lead",
        "dnd": False,
        "country": _COUNTRY,
        "dateAdded": now,
    }
    return changed(location, blank, body)


def changed(location: Location, document: Document, body: dict[str, Any]) -> Row:
    """A contact after a write; the document is used up.

    Raises:
        RefusalError: 400 for a phone number that is none.
    """
    for key in _STANDARD:
        if key in body:
            document[key] = body[key]
    _set_name(document, body)
    if "phone" in body:
        document["phone"] = normalised_phone(body["phone"], document.get("country"))
    if body.get("dateOfBirth") is not None:
        document["dateOfBirth"] = birthday(body["dateOfBirth"])
    elif "dateOfBirth" in body:
        document["dateOfBirth"] = None
    if "assignedTo" in body and body["assignedTo"] in (None, *(user["id"] for user in location.users)):
        document["assignedTo"] = body["assignedTo"]
    _set_lists(location, document, body)
    document["dateUpdated"] = iso(location.clock.now())
    filled = document | derived(document)
    return Row({key: value for key, value in filled.items() if value not in (None, "", [], {})})


def normalised_phone(given: str | None, country: Any) -> str | None:
    """A phone number in E.164.

    Raises:
        RefusalError: 400 where it cannot be a phone number.
    """
    if not given:
        return None
    try:
        region = country if isinstance(country, str) else _COUNTRY
        parsed = phonenumbers.parse(given, region)
    except phonenumbers.NumberParseException:
        raise RefusalError.bad_request("Invalid phone number") from None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def derived(document: Document) -> Document:
    """The fields that follow from the names and the e-mail address; None where there is nothing."""
    first, last, email = (document.get(key) for key in ("firstName", "lastName", "email"))
    whole = " ".join(part for part in (first, last) if isinstance(part, str) and part)
    return {
        "name": whole or None,
        "fullNameLowerCase": whole.lower() or None,
        "firstNameLowerCase": first.lower() if isinstance(first, str) else None,
        "lastNameLowerCase": last.lower() if isinstance(last, str) else None,
        "emailLowerCase": email.lower() if isinstance(email, str) else None,
    }


def clean_tags(names: list[str]) -> list[str]:
    """Tags as they are read: without blanks around them, in lower case, each once."""
    return list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))


def _set_name(document: Document, body: dict[str, Any]) -> None:
    """``name`` fills first and last name, unless these are given themselves."""
    if "name" in body:
        first, _, last = (body["name"] or "").strip().partition(" ")
        document["firstName"], document["lastName"] = first, last.strip()
    for key in ("firstName", "lastName"):
        if key in body:
            document[key] = body[key]


def _set_lists(location: Location, document: Document, body: dict[str, Any]) -> None:
    if "tags" in body:
        document["tags"] = clean_tags(body["tags"])
        location.add_tags(document["tags"])
    if "customFields" in body:
        document["customFields"] = _custom_fields(location, document, body["customFields"])
    if "dndSettings" in body:
        given = respelled(body["dndSettings"], _CHANNELS_IN_V3)
        held = document.get("dndSettings")
        document["dndSettings"] = {**(held if isinstance(held, dict) else {}), **given}
    if "inboundDndSettings" in body:
        document["inboundDndSettings"] = body["inboundDndSettings"]


def _custom_fields(location: Location, document: Document, given: list[dict[str, Any]]) -> list[Document]:
    """Only the named fields change; null and the empty text take a value away."""
    known = {name: field["id"] for field in location.custom_fields for name in _names(field)}
    held = document.get("customFields")
    entries = [entry for entry in held if isinstance(entry, dict)] if isinstance(held, list) else []
    values = {entry.get("id"): entry.get("value") for entry in entries}
    for entry in given:
        field = known.get(entry.get("id", "")) or known.get(entry.get("key", ""))
        if field is not None:
            values[field] = entry["fieldValue"] if "fieldValue" in entry else entry.get("field_value")
    return [{"id": field, "value": value} for field, value in values.items() if value not in (None, "", [])]


def _names(field: Document) -> tuple[str, str, str]:
    """The id, the whole key, and the key without its model (``contact.``)."""
    return field["id"], field["fieldKey"], field["fieldKey"].partition(".")[2]
