"""The one place that normalises e-mail addresses and domains; ``phones.py`` is that of phone numbers.

Whatever is compared, matched or hashed goes through here first, so that two spellings of one address
never count as two. Every function returns ``None`` for what it does not recognise, and a normalised
value normalises to itself.

Plain ASCII addresses take a regular expression (1 µs); the library (16 µs) sees the rest. Slow results are
remembered: tests, matching and the rerun of a page meet the same odd values again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

import idna
from email_validator import EmailNotValidError, validate_email

from tasks.mapping.transform.invisible import visible

EMAIL_LIMIT = 254
"""Longest address (RFC 3696, errata 1690)."""

LINE_LIMIT = 1_000
"""Longest text in which addresses are looked for."""

DOMAIN_LIMIT = 2_048
"""Longest text searched for a domain."""

REMEMBERED = 10_000
"""Slow results kept per kind."""

# A label that begins like "xn--" is left to email-validator, which shows it in its own script.
_LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+(?=[a-z])(?:{_LABEL})(?<=[a-z])"
_ATOM = r"[a-z0-9_!#$%&'*+/=?^`{|}~-]+"
_PLAIN_EMAIL = re.compile(rf"(?!'){_ATOM}(?:\.{_ATOM})*@{_HOST}")
_PLAIN_HOST = re.compile(_HOST)
_DNS_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]*[a-z][a-z0-9-]*")

_BETWEEN = re.compile(r"[;,|\s]+|:::|/")
_AND = ("", "and", "or", "und", "oder", "et", "ou", "y", "o", "&")
_NAMED = re.compile(r"[<(\[]\s*([^<>()\[\]\s]+@[^<>()\[\]\s]+)\s*[>)\]]")
_WHOSE = re.compile(r"^[^\W\d_][\w .-]{0,20}:(?!//)\s*(?=[^@]*[\w]@)|\([^()@]*\)")
"""Whose address it is, in front of it or in brackets behind; also the scheme of a link."""
_AROUND = "\"'`\u2018\u2019\u201c\u201d<>()[]{}.,;:"
"""What stands around an address and is no part of it; in front of it a point may be a slip of the hand."""


@dataclass(frozen=True, slots=True)
class Email:
    """A text read as an e-mail address.

    Args:
        address: As ``normalise_email`` gives it; empty where there is none.
        rest: Further addresses.
    """

    address: str = ""
    rest: str = ""


def normalise_email(text: str) -> str | None:
    """The first address of a text, in lower case, its domain in its own script; None where there is none.

    No DNS is asked, and domains reserved for tests and local use are addresses like any other.
    """
    return read_email(text).address or None


def read_email(text: str) -> Email:
    """The first address of a text, out of what people and programs put around it, and what else there is."""
    address = text.strip().lower()
    if _PLAIN_EMAIL.fullmatch(address) and len(address) <= EMAIL_LIMIT:
        return Email(address)
    return _odd_text(address) if len(address) <= LINE_LIMIT else Email()


@lru_cache(REMEMBERED)
def _odd_text(text: str) -> Email:
    seen = _WHOSE.sub("", normalize("NFKC", visible(text)))
    if address := _unwrapped(seen):
        return Email(address)
    parts = _NAMED.findall(seen) or [part for part in _BETWEEN.split(seen) if part.lower() not in _AND]
    if not all("@" in part for part in parts):
        return Email()  # "ada test@example.com" may be ada.test@
    found = list(dict.fromkeys(filter(None, map(_unwrapped, parts))))
    return Email(found[0], ", ".join(found[1:])) if found else Email()


def _unwrapped(text: str) -> str | None:
    """The one address of a text without a name, a scheme or punctuation around it."""
    named = _NAMED.search(text)
    address = named[1] if named and text.count("@") == 1 else text
    address = re.sub(r"\s*@\s*", "@", address.rstrip(_AROUND + " ").lstrip(_AROUND.replace(".", "") + " "))
    address = re.sub(r"^(?:mailto:|https?://)", "", address).partition("?")[0]
    if len(address) > EMAIL_LIMIT:
        return None
    return address if _PLAIN_EMAIL.fullmatch(address) else _odd_email(address)


@lru_cache(REMEMBERED)
def _odd_email(address: str) -> str | None:
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError):
        return None
    if "." not in found.domain:
        return None
    return normalize("NFC", found.normalized.lower())


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
