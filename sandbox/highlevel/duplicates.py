"""Which contact a written e-mail or phone already belongs to.

The location's setting Allow Duplicate Contact decides whether a second one may be created; the order of
the two fields is set in the user interface alone, and here it is e-mail first, as on a fresh location.
Secondary addresses count (issue #337).
"""

from __future__ import annotations

from typing import Any

from sandbox.highlevel.calls import RefusalError
from sandbox.highlevel.location import Location
from sandbox.highlevel.shapes import Document, Row

__all__ = ["holder", "promote", "refuse_duplicate"]


def holder(location: Location, email: Any, phone: Any, *, besides: str = "") -> tuple[Row, str] | None:
    """The contact that a write would duplicate, and the field that says so."""
    store = location.contacts
    for field, holders in (
        ("email", store.emails.holders(email.lower()) if isinstance(email, str) else ()),
        ("phone", store.phones.holders(phone) if isinstance(phone, str) else ()),
    ):
        found = next((contact for contact in holders if contact != besides), None)
        if found is not None:
            return store.rows[found], field
    return None


def refuse_duplicate(location: Location, row: Row) -> None:
    """Refuse a contact whose e-mail or phone is another's, where the location does not allow it.

    Raises:
        RefusalError: 400, whose ``meta`` names the other contact and the field.
    """
    if location.allow_duplicates:
        return
    match = holder(location, row.email or None, row.phone or None, besides=row.id)
    if match is None:
        return
    other, field = match
    meta = {"contactId": other.id, "contactName": other.document().get("name"), "matchingField": field}
    raise RefusalError.bad_request("This location does not allow duplicated contacts.", meta=meta)


def promote(document: Document, email: Any) -> None:
    """Make a secondary address the primary one; the old primary is lost (issue #337)."""
    additional = document.get("additionalEmails")
    if not isinstance(email, str) or not isinstance(additional, list):
        return
    document["additionalEmails"] = [
        entry for entry in additional if not (isinstance(entry, dict) and _same(entry.get("email"), email))
    ]


def _same(held: Any, email: str) -> bool:
    return isinstance(held, str) and held.lower() == email.lower()
