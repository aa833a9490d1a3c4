"""The one place that normalises e-mail addresses, phone numbers and domains.

Whatever is compared, matched or hashed goes through here first, so that two spellings of one address
never count as two. Every function returns ``None`` for what it does not recognise, and a normalised
value normalises to itself.

Plain ASCII addresses and numbers that already are E.164 take a regular expression (1 µs); the libraries
(16 µs an address, 36 µs a number) see the rest. Slow results are remembered: tests, matching and the
rerun of a page meet the same odd values again.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

import idna
import phonenumbers
from email_validator import EmailNotValidError, validate_email

EMAIL_LIMIT = 254
"""Longest address (RFC 3696, errata 1690)."""

PHONE_LIMIT = 64
"""Longest text taken for a phone number."""

DOMAIN_LIMIT = 2_048
"""Longest text searched for a domain."""

REMEMBERED = 10_000
"""Slow results kept per kind."""

# A label that begins like "xn--" is left to email-validator, which shows it in its own script.
_LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+(?=[a-z])(?:{_LABEL})(?<=[a-z])"
_ATOM = r"[a-z0-9_!#$%&'*+/=?^`{|}~-]+"
_PLAIN_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_HOST}")
_PLAIN_HOST = re.compile(_HOST)
_DNS_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]*[a-z][a-z0-9-]*")

# Country codes after which phonenumbers never rewrites a number whose next digit is not 0 (a national
# prefix); tests/tasks/transform/test_normalise.py compares both ways on random numbers.
_E164 = re.compile(
    r"\+(?:1[2-9]\d{9}|7[3-79]\d{9}|55[1-9]\d{9,10}|61[2-9]\d{8}|86[1-9]\d{9,10}"
    r"|(?:2[07]|3[0-469]|4[013-9]|5[1236-8]|6[02-6]|8[124]|9[0-58])[1-9]\d{7,10}"
    r"|(?:35[13-9]|38[0-79]|42[013]|85[235]|88[06]|97[0-7])[1-9]\d{6,9})"
)


def normalise_email(text: str) -> str | None:
    """An address in lower case, its domain in its own script; None for what is no address.

    No DNS is asked, and domains reserved for tests and local use are addresses like any other.
    """
    address = text.strip().lower()
    if len(address) > EMAIL_LIMIT:
        return None
    return address if _PLAIN_EMAIL.fullmatch(address) else _odd_email(address)


@lru_cache(REMEMBERED)
def _odd_email(address: str) -> str | None:
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError):
        return None
    return normalize("NFC", found.normalized.lower())


def normalise_phone(text: str, region: str | None = None) -> str | None:
    """A number as E.164, e.g. ``+12125550123``; None for what is no possible number. Extensions go.

    Args:
        region: ISO 3166 country for numbers without a country code; any other text counts as none.
    """
    number = text.strip()
    if _E164.fullmatch(number):
        return number
    if len(number) > PHONE_LIMIT:
        return None
    return _odd_phone(number, region.strip().upper() if region else None)


def is_region(text: str) -> bool:
    """Whether phone numbers of this ISO 3166 country code are known."""
    return text.upper() in phonenumbers.SUPPORTED_REGIONS


@lru_cache(REMEMBERED)
def _odd_phone(number: str, region: str | None) -> str | None:
    e164 = _as_e164(number, region)
    # phonenumbers writes numbers that it reads differently itself, or not at all ("000000" in Germany).
    return e164 if e164 and _as_e164(e164, None) == e164 else None


def _as_e164(number: str, region: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def normalise_domain(text: str) -> str | None:
    """The domain of a URL, an e-mail address or a bare host, as DNS spells it; ``www.`` goes.

    ``https://www.Bücher.example:8080/x`` and ``info@bücher.example`` both give
    ``xn--bcher-kva.example``. None for what has no domain: single words, IP addresses.
    """
    host = text.strip().lower()
    if len(host) > DOMAIN_LIMIT:
        return None
    host = _host(host)
    if not _PLAIN_HOST.fullmatch(host):
        host = _odd_host(host) or ""
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host or None


def _host(url: str) -> str:
    rest = url.partition("://")[2] or url.removeprefix("//")
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    return authority.rpartition("@")[2].partition(":")[0].rstrip(".")


@lru_cache(REMEMBERED)
def _odd_host(host: str) -> str | None:
    try:
        ascii_host = idna.encode(host, uts46=True).decode().rstrip(".")
    except (idna.IDNAError, UnicodeError):
        return None
    return ascii_host if _DNS_HOST.fullmatch(ascii_host) else None
