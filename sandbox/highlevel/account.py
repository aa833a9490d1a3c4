"""What the generated sub-account has beside its contacts: users, custom fields, businesses.

One custom field of every dataType (the vocabulary of the vendor's ``apps/custom-fields.json``), so that a
mapping meets each kind of value.
"""

from __future__ import annotations

import random
import string
import uuid
from datetime import UTC, datetime

from sandbox.highlevel.auth import LOCATION_ID
from sandbox.highlevel.names import BUSINESS_WORDS, CULTURES
from sandbox.highlevel.shapes import Document, iso

__all__ = [
    "LATEST",
    "OPTIONS",
    "SPAN",
    "TIMEZONE",
    "businesses",
    "calendars",
    "campaigns",
    "custom_fields",
    "fresh_id",
    "users",
    "workflows",
]

LATEST = round(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
"""The instant at which the generated data end, in milliseconds since 1970."""
SPAN = 3 * 365 * 86_400_000
"""How far back they reach, in milliseconds."""
OPTIONS = ["Gold", "Silver", "Bronze", "Zażółć"]
"""What may be chosen in the custom fields that offer a choice."""

TIMEZONE = "America/Chicago"
"""The location's zone: dates without one are meant in it."""

_ALPHABET = string.ascii_letters + string.digits
_BUSINESSES = 200
_FIELD_TYPES = (
    ("Nickname", "TEXT"),
    ("Remarks", "LARGE_TEXT"),
    ("Head count", "NUMERICAL"),
    ("Second phone", "PHONE"),
    ("Annual spend", "MONETORY"),
    ("Interests", "CHECKBOX"),
    ("Tier", "SINGLE_OPTIONS"),
    ("Regions", "MULTIPLE_OPTIONS"),
    ("Renewal date", "DATE"),
    ("Sizes", "TEXTBOX_LIST"),
    ("Contract", "FILE_UPLOAD"),
    ("Channel", "RADIO"),
    ("Lusha person id", "TEXT"),
)
_WITH_OPTIONS = frozenset({"CHECKBOX", "SINGLE_OPTIONS", "MULTIPLE_OPTIONS", "RADIO"})


def fresh_id(dice: random.Random) -> str:
    """A Firestore-like identifier of 20 characters."""
    return "".join(dice.choices(_ALPHABET, k=20))


def _dice(what: str, location_id: str) -> random.Random:
    """Dice for what every sub-account has, and each with ids of its own."""
    place = "" if location_id == LOCATION_ID else f" {location_id}"
    return random.Random(what + place)  # noqa: S311 - invented data


def users(location_id: str = LOCATION_ID) -> list[Document]:
    """The people who work in the sub-account; ``assignedTo`` names one of them."""
    dice = _dice("users", location_id)
    names = (("Robin", "Vale"), ("Sasha", "Reed"), ("Kim", "Stone"))
    return [
        {
            "id": fresh_id(dice),
            "name": f"{first} {last}",
            "firstName": first,
            "lastName": last,
            "email": f"{first}.{last}@example.com".lower(),
        }
        for first, last in names
    ]


def custom_fields(location_id: str = LOCATION_ID) -> list[Document]:
    """One custom field of every dataType, and one for Lusha's identifier of a person."""
    dice = _dice("custom fields", location_id)
    fields = enumerate(_FIELD_TYPES)
    return [
        _custom_field(dice, place, name, kind) | {"locationId": location_id} for place, (name, kind) in fields
    ]


def _custom_field(dice: random.Random, place: int, name: str, kind: str) -> Document:
    definition: Document = {
        "id": fresh_id(dice),
        "name": name,
        "fieldKey": "contact." + name.lower().replace(" ", "_"),
        "placeholder": "",
        "dataType": kind,
        "position": place * 50,
        "locationId": LOCATION_ID,
        "model": "contact",
    }
    return {**definition, "picklistOptions": OPTIONS} if kind in _WITH_OPTIONS else definition


def businesses(seed: int, location_id: str = LOCATION_ID) -> list[Document]:
    """Invented companies with the 24-hex identifiers of BusinessDto."""
    dice = random.Random(f"businesses {seed}")  # noqa: S311 - invented data
    user = users(location_id)[0]["id"]
    return [_business(dice, place, user) | {"locationId": location_id} for place in range(_BUSINESSES)]


def _business(dice: random.Random, place: int, user: str) -> Document:
    culture = dice.choice(CULTURES)
    created = LATEST - int(dice.random() * SPAN)
    by = {"source": "WEB_USER", "channel": "WEB", "sourceId": user, "createdAt": iso(created)}
    return {
        "id": f"{dice.getrandbits(96):024x}",
        "name": " ".join(dice.choice(words) for words in BUSINESS_WORDS),
        "website": f"https://business{place}.example.com",
        "email": f"hello@business{place}.example.com",
        "city": dice.choice(culture.cities),
        "country": culture.country,
        "locationId": LOCATION_ID,
        "createdBy": by,
        "updatedBy": by,
        "createdAt": iso(created),
        "updatedAt": iso(created + int(dice.random() * (LATEST - created))),
    }


def calendars(location_id: str = LOCATION_ID) -> list[Document]:
    """Two calendars of one group."""
    dice = _dice("calendars", location_id)
    group = fresh_id(dice)
    return [
        {
            "id": fresh_id(dice),
            "locationId": location_id,
            "groupId": group,
            "name": name,
            "calendarType": "round_robin",
            "slotDuration": 30,
            "slotDurationUnit": "mins",
            "isActive": True,
        }
        for name in ("Sales", "Support")
    ]


def workflows(location_id: str = LOCATION_ID) -> list[Document]:
    """Three workflows; their ids are UUIDs, unlike all others."""
    dice = _dice("workflows", location_id)
    created = iso(LATEST - SPAN)
    return [
        {
            "id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
            "name": name,
            "status": status,
            "version": 1,
            "createdAt": created,
            "updatedAt": created,
            "locationId": location_id,
        }
        for name, status in (("Welcome", "published"), ("Renewal", "published"), ("Survey", "draft"))
    ]


def campaigns(location_id: str = LOCATION_ID) -> list[Document]:
    """Two campaigns."""
    dice = _dice("campaigns", location_id)
    return [
        {"id": fresh_id(dice), "name": name, "status": status, "locationId": location_id}
        for name, status in (("Spring offer", "published"), ("Autumn offer", "draft"))
    ]
