"""The generated contacts: people from a seed.

The same seed gives the same records to the byte, and a larger count begins with the smaller one's. Dates
end at a fixed instant, so that no record depends on the day of the run. One contact in a hundred has what
a data check must reject, and some carry the rows of an old import: a phone number as it was typed.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.highlevel.account import LATEST, OPTIONS, SPAN, businesses, custom_fields, fresh_id, users
from sandbox.highlevel.auth import LOCATION_ID
from sandbox.highlevel.names import COMPANIES, CULTURES, DOMAINS, PHONE_BLOCKS, SOURCES, TAGS, Culture
from sandbox.highlevel.shapes import Document, iso

__all__ = ["contacts"]

_FAULTY_EVERY, _FAULTY_AT = 100, 37
_FAULTY: tuple[tuple[str, str | None], ...] = (
    ("email", "not-an-email"),
    ("dateAdded", None),
    ("email", "someone(at)example.com"),
    ("dateAdded", "yesterday"),
    ("email", "two words@example.com"),
)
_UNDATED_WITHIN = 5_000
"""Contacts without a usable date all sort first. More than these few and the first page of a large
location would hold nothing else, which no real location's does."""
_DAYS_IN_EVERY_MONTH = 28


class Share:
    """How many of the people have what."""

    LAST_NAME = 0.93
    EMAIL = 0.9
    CAPITALS = 0.05
    SECOND_EMAIL = 0.12
    ADDRESS = 0.6
    PHONE = 0.8
    OLD_IMPORT = 0.1
    OPTED_OUT = 0.08
    BUSINESS = 0.25
    COMPANY = 0.2
    TAGS = 0.5
    ASSIGNED = 0.4
    CUSTOM_FIELDS = 0.3
    ATTRIBUTION = 0.1
    WEBSITE = 0.1
    ACTIVE = 0.5
    BIRTHDAY = 0.15


def contacts(seed: int, count: int, location_id: str = LOCATION_ID) -> Iterator[Document]:
    """So many invented people, in the shape in which they are read by id."""
    dice = random.Random(f"contacts {seed}")  # noqa: S311 - invented data
    people = _People(seed, location_id)
    for place in range(count):
        yield people.contact(dice, place)


class _People:
    """What all contacts of one seed draw from."""

    def __init__(self, seed: int, location_id: str) -> None:
        self._location_id = location_id
        self._businesses = businesses(seed, location_id)
        self._users = [user["id"] for user in users(location_id)]
        self._fields = custom_fields(location_id)[:-1]
        self._phones = _phone_ranges()
        self._offset = seed * 7919

    def contact(self, dice: random.Random, place: int) -> Document:
        """One person."""
        roll = dice.random
        culture = CULTURES[int(roll() * len(CULTURES))]
        document = {"id": fresh_id(dice), "locationId": self._location_id, "type": "lead"}
        document |= self._name(dice, culture, place) | self._address(dice, culture)
        document |= self._reach(dice, place) | self._standing(dice) | self._dates(dice)
        if place % _FAULTY_EVERY == _FAULTY_AT:
            _spoil(document, place)
        return document

    @staticmethod
    def _name(dice: random.Random, culture: Culture, place: int) -> Document:
        roll = dice.random
        first, first_latin = culture.first[int(roll() * len(culture.first))]
        last, last_latin = culture.last[int(roll() * len(culture.last))]
        local = f"{first_latin}.{last_latin}{place}"
        kind = roll()
        name: Document = {"firstName": first, "firstNameLowerCase": first.lower()}
        if kind < Share.LAST_NAME:
            name |= {"lastName": last, "lastNameLowerCase": last.lower()}
        whole = " ".join(name[key] for key in ("firstName", "lastName") if key in name)
        name |= {"name": whole, "fullNameLowerCase": whole.lower()}
        if roll() < Share.EMAIL:
            address = f"{local}@{DOMAINS[int(roll() * len(DOMAINS))]}"
            name |= {
                "email": address.title() if kind < Share.CAPITALS else address,
                "emailLowerCase": address,
            }
            if kind < Share.SECOND_EMAIL:
                name["additionalEmails"] = [{"email": f"{local}@second.example.org"}]
        return name

    @staticmethod
    def _address(dice: random.Random, culture: Culture) -> Document:
        roll = dice.random
        address: Document = {"country": culture.country}
        if roll() < Share.ADDRESS:
            address |= {
                "city": culture.cities[int(roll() * len(culture.cities))],
                "timezone": culture.timezone,
                "address1": f"{1 + int(roll() * 300)} Example Street",
                "postalCode": f"{10000 + int(roll() * 89999)}",
            }
        return address

    def _reach(self, dice: random.Random, place: int) -> Document:
        roll = dice.random
        reach: Document = {"dnd": False}
        if roll() < Share.PHONE:
            country, number = self._phone(place)
            if country == "US" and roll() < Share.OLD_IMPORT:
                reach |= {"phone": f"({number[2:5]}) {number[5:8]}-{number[8:]}", "country": "US"}
            else:
                reach["phone"] = number
        if roll() < Share.OPTED_OUT:
            off = {"status": "active", "message": "unsubscribed", "code": "STOP"}
            reach |= {"dnd": True, "dndSettings": {"Call": {"status": "inactive"}, "Email": off, "SMS": off}}
        return reach

    def _phone(self, place: int) -> tuple[str, str]:
        """A fictional number; numbers repeat only where more people than numbers are wanted."""
        return self._phones[(place * 104_729 + self._offset) % len(self._phones)]

    def _standing(self, dice: random.Random) -> Document:
        roll = dice.random
        standing: Document = {"source": SOURCES[int(roll() * len(SOURCES))]}
        if (works := roll()) < Share.BUSINESS:
            business = self._businesses[int(roll() * len(self._businesses))]
            standing |= {
                "businessId": business["id"],
                "businessName": business["name"],
                "companyName": business["name"],
            }
        elif works < Share.BUSINESS + Share.COMPANY:
            standing["companyName"] = COMPANIES[int(roll() * len(COMPANIES))]
        if roll() < Share.TAGS:
            first = int(roll() * len(TAGS))
            standing["tags"] = [TAGS[first], TAGS[(first + 5) % len(TAGS)]][: 1 + int(roll() * 2)]
        if roll() < Share.ASSIGNED:
            standing["assignedTo"] = self._users[int(roll() * len(self._users))]
        if roll() < Share.CUSTOM_FIELDS:
            standing["customFields"] = self._custom_values(dice)
        if roll() < Share.ATTRIBUTION:
            standing["attributionSource"] = {"url": "https://www.example.com/offer", "medium": "form"}
        if roll() < Share.WEBSITE:
            standing["website"] = "https://www.example.net/about"
        return standing

    def _custom_values(self, dice: random.Random) -> list[Document]:
        first, many = int(dice.random() * len(self._fields)), 1 + int(dice.random() * 4)
        chosen = (self._fields[(first + step * 5) % len(self._fields)] for step in range(many))
        return [{"id": field["id"], "value": _custom_value(dice, field["dataType"])} for field in chosen]

    @staticmethod
    def _dates(dice: random.Random) -> Document:
        roll = dice.random
        added = LATEST - int(roll() * SPAN)
        updated = added + int(roll() ** 3 * (LATEST - added))
        dates: Document = {"dateAdded": iso(added), "dateUpdated": iso(updated)}
        if roll() < Share.ACTIVE:
            dates["lastActivity"] = dates["dateUpdated"]
        if roll() < Share.BIRTHDAY:
            month, day = 1 + int(roll() * 12), 1 + int(roll() * _DAYS_IN_EVERY_MONTH)
            dates["dateOfBirth"] = f"{1950 + int(roll() * 55)}-{month:02}-{day:02}T00:00:00.000Z"
        return dates


def _custom_value(dice: random.Random, kind: str) -> Any:
    return _MAKERS[kind](dice, int(dice.random() * 1000))


def _upload(dice: random.Random) -> Document:
    document = fresh_id(dice)
    meta = {"originalname": "contract.pdf", "mimetype": "application/pdf", "size": 1024}
    url = f"https://files.example.com/documents/download/{document}"
    return {f"{dice.getrandbits(128):032x}": {"meta": meta, "url": url, "documentId": document}}


_MAKERS: dict[str, Callable[[random.Random, int], Any]] = {
    "TEXT": lambda _, n: f"nick {n}",
    "LARGE_TEXT": lambda _, n: f"First line {n}\nsecond line with “quotes” and ünïcode",
    "NUMERICAL": lambda _, n: n,
    "PHONE": lambda _, n: f"+1202555{100 + n % 100:04}",
    "MONETORY": lambda _, n: n + 0.5,
    "CHECKBOX": lambda _, n: [OPTIONS[n % 4]],
    "SINGLE_OPTIONS": lambda _, n: OPTIONS[n % 4],
    "MULTIPLE_OPTIONS": lambda _, n: OPTIONS[: 1 + n % 4],
    "DATE": lambda _, n: f"2027-{1 + n % 12:02}-15",
    "TEXTBOX_LIST": lambda _, n: {"waist": str(n), "length": "32"},
    "FILE_UPLOAD": lambda dice, _: _upload(dice),
    "RADIO": lambda _, n: OPTIONS[n % 4],
}


@functools.cache
def _phone_ranges() -> list[tuple[str, str]]:
    return [
        (country, f"{prefix}{number:0{digits}}")
        for country, prefix, digits in PHONE_BLOCKS
        for number in range(10**digits)
    ]


def _spoil(document: Document, place: int) -> None:
    """Give a contact what a data check must reject."""
    dated = [fault for fault in _FAULTY if fault[0] != "dateAdded"]
    possible = _FAULTY if place < _UNDATED_WITHIN else dated
    key, value = possible[place // _FAULTY_EVERY % len(possible)]
    if value is None:
        del document[key]
    else:
        document[key] = value
    if key == "email":
        document["emailLowerCase"] = value
