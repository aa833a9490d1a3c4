"""How a contact looks, depending on where and in which dialect it is read.

The canonical document is what ``GET /contacts/{contactId}`` gives under 2021-07-28 (GetContectByIdSchema
and its live extras). The other shapes follow from it:

* ``POST /contacts/search`` omits ``dndSettings`` (vendor issue #43), says ``address`` for ``address1``, and
  ``dateOfBirth`` in milliseconds since 1970 (vendor issue #314);
* ``GET /contacts/`` lower-cases ``firstName`` and keeps the original in ``firstNameRaw``;
* ``POST /contacts/`` answers in a shape of its own under 2021-07-28, and in GET's under v3;
* v3 spells the channels of ``dndSettings`` in lower camel case.

Reading by id and searching must be fast, so a document is kept as pieces of JSON from which both shapes
are put together without parsing anything.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.core.answers import dump, load

__all__ = ["CHANNELS", "Document", "Row", "created", "iso", "listed", "millis", "respelled"]

Document = dict[str, Any]

CHANNELS = {
    "Call": "call",
    "Email": "email",
    "SMS": "sms",
    "WhatsApp": "whatsApp",
    "GMB": "gmb",
    "FB": "fb",
    "RCS": "rcs",
}

_READ_BY_ID_ONLY = frozenset(
    {
        "name",
        "address1",
        "dateOfBirth",
        "dndSettings",
        "inboundDndSettings",
        "attributionSource",
        "lastAttributionSource",
        "lastActivity",
        "visitorId",
        "attachments",
        "gender",
    }
)
_NOT_ON_CREATE = frozenset({"name", "timezone", "attributionSource", "lastAttributionSource"})


class Row:
    """One contact as pieces of JSON, with what is needed to order and to match it.

    Rows are never changed: a write makes a new one, so that the search index can go on showing the old
    one for as long as it lags.
    """

    __slots__ = ("added", "by_id_only", "email", "emails", "id", "phone", "search_only", "shared", "updated")

    def __init__(self, document: Document) -> None:
        shared: Document = {}
        by_id_only: Document = {}
        for key, value in document.items():
            (by_id_only if key in _READ_BY_ID_ONLY else shared)[key] = value
        self.id: str = document["id"]
        self.shared = dump(shared)[1:-1]
        self.by_id_only = b"," + dump(by_id_only)[1:-1] if by_id_only else b""
        address = document.get("address1")
        self.search_only = b',"address":' + dump(address) if address is not None else b""
        if "dateOfBirth" in document:
            self.search_only += b',"dateOfBirth":' + dump(_counted(document["dateOfBirth"]))
        self.added = millis(document.get("dateAdded"))
        self.updated = millis(document.get("dateUpdated"))
        email, phone = document.get("email"), document.get("phone")
        self.email = email.lower() if isinstance(email, str) else ""
        self.phone = phone if isinstance(phone, str) else ""
        self.emails = _secondary(document["additionalEmails"]) if "additionalEmails" in document else ()

    def document(self) -> Document:
        """The canonical document, a fresh copy."""
        parsed: Document = load(self.by_id())
        return parsed

    def by_id(self, *, v3: bool = False) -> bytes:
        """JSON of the contact as read by id."""
        whole = b"{" + self.shared + self.by_id_only + b"}"
        if v3 and b'"dndSettings"' in self.by_id_only:
            document = load(whole)
            return dump({**document, "dndSettings": respelled(document["dndSettings"], CHANNELS)})
        return whole

    def found(self, search_after: bytes) -> bytes:
        """JSON of the contact as found by search, with its cursor."""
        return b"{" + self.shared + self.search_only + b',"searchAfter":' + search_after + b"}"


def created(document: Document) -> Document:
    """The answer of ``POST /contacts/`` under 2021-07-28 (CreateContactSchema)."""
    shape = {key: value for key, value in document.items() if key not in _NOT_ON_CREATE}
    born = document.get("dateOfBirth")
    if isinstance(born, str):
        shape |= {"birthMonth": int(born[5:7]), "birthDay": int(born[8:10])}
    return {
        **shape,
        "deleted": False,
        "bounceEmail": False,
        "unsubscribeEmail": False,
        "lastSessionActivityAt": document["dateUpdated"],
        "offers": [],
        "products": [],
    }


def listed(document: Document) -> Document:
    """A contact of the deprecated ``GET /contacts/``: names lower-cased, the originals beside them."""
    shape = {key: value for key, value in document.items() if key not in ("name", "dndSettings")}
    for key in ("firstName", "lastName"):
        if isinstance(document.get(key), str):
            shape |= {key: document[key].lower(), f"{key}Raw": document[key]}
    if isinstance(document.get("name"), str):
        shape["contactName"] = document["name"].lower()
    return shape


def respelled(settings: Any, names: dict[str, str]) -> Any:
    """Do-not-disturb settings with their channels spelt as another dialect does."""
    if not isinstance(settings, dict):
        return settings
    return {names.get(channel, channel): value for channel, value in settings.items()}


def iso(instant: int) -> str:
    """Milliseconds since 1970 as the vendor writes dates: UTC, milliseconds, Z."""
    return datetime.fromtimestamp(instant / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def millis(value: Any) -> int:
    """Milliseconds since 1970, or 0 (the very first) where there is no usable date."""
    if not isinstance(value, str):
        return 0
    try:
        parsed = datetime.fromisoformat(value)
        return round((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0


def _counted(born: Any) -> Any:
    """A date of birth in milliseconds since 1970; what is none as it is."""
    return millis(born) if isinstance(born, str) and born.endswith("T00:00:00.000Z") else born


def _secondary(additional: Any) -> tuple[str, ...]:
    if not isinstance(additional, list):
        return ()
    entries = (entry.get("email") for entry in additional if isinstance(entry, dict))
    return tuple(email.lower() for email in entries if isinstance(email, str))
