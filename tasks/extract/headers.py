"""Which field of a contact a header names, in the words of the exports people have.

English, German, French and Spanish, as HighLevel, HubSpot, Salesforce, Pipedrive, Zoho, Apollo, Twenty,
Mailchimp, LinkedIn, Lusha, Google, Outlook and iCloud write them. Headers are compared by their words alone:
case, accents and punctuation do not count, nor numbers and words that only say whose or which one it is
("E-mail 2 - Value", "Person - Phone - Work"); of an address these say which columns belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple
from unicodedata import combining, normalize

from tasks.extract.header_words import HEADERS


class Named(NamedTuple):
    """What a header says.

    Args:
        field: The field it names.
        address: Of an address, which one: ``home``, ``billing``, ``2``; empty where the header does not say.
        rank: 0 for the one to be preferred, 2 for a further one, 1 otherwise.
    """

    field: str
    address: str
    rank: int


def field_of(header: str) -> str:
    """The field that a header names; empty for none."""
    found = named(header)
    return found.field if found else ""


def named(header: str, subject: frozenset[str] = frozenset()) -> Named | None:
    """The field that a header names, and which of several; None for none.

    Args:
        subject: Words for whom the file is about, ``OWNERS`` or ``COMPANIES``; none for people.
    """
    # A number and "Value" only tell columns of one kind apart: "E-mail 2 - Value".
    parts = [part for part in re.findall(r"[^\W\d_]+|\d+", " ".join(words_of(header))) if part != "value"]
    words = [part for part in parts if not part.isdigit()]
    for shorter, stripped in _shortened(words, _WHOSE | subject):
        field = _FIELDS.get("".join(shorter), "")
        if field and all(word in subject or _may_strip(word, field) for word in stripped):
            rank = min((_RANKS[word] for word in stripped if word in _RANKS), default=1)
            return Named(field, _address(parts, stripped) if field in ADDRESS else "", rank)
    return None


def codes_of(header: str) -> bool:
    """Whether a header may stand above calling codes, or above countries by their codes."""
    return bool(_CODES.fullmatch(" ".join(words_of(header))))


def may_be_phones(header: str) -> bool:
    """Whether a header means a number by which people are called, or one that was given out."""
    return "".join(words_of(header)) in _CALLED_OR_COUNTED


def _shortened(words: list[str], whose: frozenset[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The words, and again with fewer and fewer of those that only say whose it is; and these."""
    front = sum(1 for _ in takewhile(whose.__contains__, words))
    back = sum(1 for _ in takewhile(whose.__contains__, reversed(words)))
    for fewer in range(len(words)):
        for at in range(min(fewer, front), -1, -1):
            if fewer - at <= back:
                end = len(words) - (fewer - at)
                yield words[at:end], words[:at] + words[end:]


def _may_strip(word: str, field: str) -> bool:
    """Whether a word before or after a field's leaves it the same person's field."""
    if _RANKS.get(word) == _FURTHER and field in _NAMES:
        return False  # a second name is no other spelling of the first
    if field == "id" and word not in _IDENTIFIED:
        return False  # a business's id
    return word not in _OF or field in _OF[word]


def _address(parts: list[str], stripped: list[str]) -> str:
    """Which address: its own words, and a number that is not that of a line ("Address 1 - City")."""
    last = max(at for at, part in enumerate(parts) if not part.isdigit())
    numbers = [part for part in parts[:last] if part.isdigit()]
    return " ".join([word for word in stripped if word not in _NEUTRAL] + numbers)


def words_of(header: str) -> list[str]:
    """A header's words in lower case, without accents; ``firstName`` are two."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header)
    plain = "".join(letter for letter in normalize("NFKD", apart.casefold()) if not combining(letter))
    return re.findall(r"[^\W_]+", plain)


ADDRESS = frozenset({"address", "city", "state", "postal_code", "country"})
"""The fields that make up an address."""

_FIELDS = {
    "".join(words_of(header)): name for name, headers in HEADERS.items() for header in headers.split(",")
} | {name.replace("_", ""): name for name in HEADERS}

_FURTHER = 2

_IDENTIFIED = frozenset(
    words_of("client contact customer kontakt kunde kunden lead person primary main your")
)

OWNERS = frozenset({"owner", "owners"})
"""Words for the people of a file whose rows are what they own: "Owner 1 First Name"."""

COMPANIES = frozenset({"company", "corporate", "organization", "organisation", "account", "firma"})
"""Words for a file of companies: "Company Phone" is nobody's in a file of people."""

_NAMES = frozenset({"first_name", "last_name", "name"})

_OF = {
    "name": _NAMES,
    "emails": frozenset({"email", "additional_emails"}),
    "phones": frozenset({"phone", "additional_phones"}),
    "whatsapp": frozenset({"phone"}),
    "mobile": frozenset({"phone"}),
    "mobil": frozenset({"phone"}),
    "movil": frozenset({"phone"}),
    "portable": frozenset({"phone"}),
    "cell": frozenset({"phone"}),
    "direct": frozenset({"phone", "email"}),
    "addresses": ADDRESS,
    "address": ADDRESS,
} | dict.fromkeys(("company", "billing", "shipping", "delivery"), ADDRESS)
"""Words that go with some fields alone: a company's phone is no person's."""

_RANKS = dict.fromkeys(words_of("primary preferred main default principal"), 0) | dict.fromkeys(
    words_of(
        "other secondary tertiary second third alternate alternative additional backup old zweite weitere"
        " autre secondaire otro alternativo"
    ),
    _FURTHER,
)

_NEUTRAL = frozenset(
    words_of("client contact customer kontakt kunde kunden lead person your primary preferred main default")
) | {"address", "addresses", "owner", "owners"}

_WHOSE = frozenset(
    words_of(
        "business client contact customer home kontakt kunde kunden lead mailing main other person"
        " personal primary privat private work your office geschäftlich dienstlich zuhause Büro domicile"
        " bureau"
        " travail professionnel personnel casa trabajo oficina particular"
    )
).union(_RANKS, _OF)

_CODES = re.compile(
    r"(?:phones? |primary |mobile |telephone |contact )*"
    r"(?:country|calling|dial|dialing|dialling|isd|phone|mobile|international)"
    r"(?: (?:country|calling|dial(?:l?ing)?))* (?:code|prefix)"
    r"|isd|(?:lander|landes)?vorwahl|indicatif(?: pays)?|prefijo(?: pais| telefonico)?|codigo de pais"
)

_CALLED_OR_COUNTED = frozenset(
    "".join(words_of(header))
    for header in ("contact number", "contact no", "contact nr", "number", "Kontaktnummer", "Nummer")
)

FIELDS = frozenset(HEADERS)
"""Every field that a header can name."""
