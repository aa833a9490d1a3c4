"""What the values of a column look like: addresses, numbers, names, flags."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tasks.mapping.transform.countries import normalise_country

ENOUGH = 0.8
"""Share of a column's values that must look alike for the column to be known by them."""

MANY = 10
"""Values from which on a column that repeats most of them cannot tell one contact from another."""

PHONE_DIGITS = 6
"""Fewest digits of a phone number that tells one contact from another; "-" and "0" do not."""

LONG = 10
"""Digits from which on bare digits in a column of numbers are phones rather than a counted number."""

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]{2,}")
# Bare digits are a number of any kind; a phone number shows itself by its prefix or its groups.
_PHONE = re.compile(r"(?=(?:\D*\d){7,15}\D*$)(?:'?\+|0|\(|\d+[ ()/.-])[\d ()/.-]*")
_NO_PHONE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d+\.\d+|(?:\d{1,3}\.){3}\d{1,3}|\d{3}-\d\d-\d{4}")
_BARE = re.compile(r"\d{7,15}(?:\.0)?")
_SOCIAL = re.compile(
    r"\b(?:facebook|instagram|linkedin|twitter|x|xing|youtube|tiktok)\.com(?![\w.-])", re.IGNORECASE
)
_WEBSITE = re.compile(r"(?:https?://|www\.)\S+\.\S+", re.IGNORECASE)
_CALLING_CODE = re.compile(r"(?:\+|00)?[1-9]\d{0,3}(?:\.0)?|\+1[ -]?\d{3}|[^\W\d_ ][^\d+]*\+[1-9]\d{0,3}\)?")
_DAY = re.compile(r"0?[1-9]|[12]\d|3[01]")
_FLAG = re.compile(r"yes|no|y|n|true|false|x|ja|nein|oui|non|sí|si|opt(?:ed)?[ -]?(?:in|out)", re.IGNORECASE)
_PERSON = re.compile(r"[^\W\d_][^\d@_/:;|=]*")


def is_email(text: str) -> bool:
    """Whether a text is one e-mail address."""
    return bool(_EMAIL.fullmatch(text))


def is_phone(text: str) -> bool:
    """Whether a text cannot well be anything but a phone number; bare digits can."""
    return bool(_PHONE.fullmatch(text)) and not _NO_PHONE.fullmatch(text)


def is_website(text: str) -> bool:
    """Whether a text is a web address, other than of a profile at a social network."""
    return bool(_WEBSITE.fullmatch(text)) and not is_profile(text)


def is_profile(text: str) -> bool:
    """Whether a text is the address of a profile at a social network."""
    return bool(_SOCIAL.search(text)) and "@" not in text


def is_contact(text: str) -> bool:
    """Whether a text is what only a record has, never a header: an address or a number."""
    return is_email(text) or is_phone(text) or bool(_BARE.fullmatch(text)) or bool(_WEBSITE.fullmatch(text))


def is_flag(text: str) -> bool:
    """Whether a text says yes or no."""
    return bool(_FLAG.fullmatch(text))


def is_person(text: str) -> bool:
    """Whether a text may be a person's name."""
    return bool(_PERSON.fullmatch(text))


def is_calling_code(text: str) -> bool:
    """Whether a text is a country's calling code: ``+49``, ``0049``, ``49``, ``Germany (+49)``."""
    return bool(_CALLING_CODE.fullmatch(text))


def is_day(text: str) -> bool:
    """Whether a text is the day of a month alone."""
    return bool(_DAY.fullmatch(text))


def is_country(text: str) -> bool:
    """Whether a text names a country."""
    return normalise_country(text) is not None


def mostly(looks: Callable[[str], bool], texts: Sequence[str]) -> bool:
    """Whether nearly all texts look alike; no text looks like nothing."""
    return bool(texts) and share(looks, texts) >= ENOUGH


def share(looks: Callable[[str], bool], texts: Sequence[str]) -> float:
    """How many of the texts look so."""
    return sum(map(looks, texts)) / len(texts)


def distinct(texts: Sequence[str]) -> bool:
    """Whether values may tell one record from another."""
    return len(texts) < MANY or len(set(texts)) * 2 > len(texts)


def bare_phones(texts: Sequence[str]) -> bool:
    """Whether texts, under a header that may mean either, are phones rather than numbers that were given out.

    Numbers that are given out are short, or follow one another.
    """
    if not mostly(lambda text: is_phone(text) or bool(_BARE.fullmatch(text)), texts):
        return False
    numbers = [int(digits) for text in texts if (digits := re.sub(r"\D", "", text.removesuffix(".0")))]
    if all(len(str(number)) >= LONG for number in numbers) or any(map(is_phone, texts)):
        return True
    return max(numbers) - min(numbers) > 100 * len(numbers)
