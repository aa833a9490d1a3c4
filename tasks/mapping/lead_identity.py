"""By what a person is looked for at a vendor of leads, and known again, by one rule for files and runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from tasks.core.batch import Json, fingerprint
from tasks.mapping.company_names import normalised
from tasks.mapping.transform.blank import is_blank
from tasks.mapping.transform.clean import text
from tasks.mapping.transform.names import split_name
from tasks.mapping.transform.normalise import normalise_domain, normalise_email
from tasks.mapping.transform.refusal import CleanError
from tasks.vendors.leads import Wanted

_PROFILE = re.compile(
    r"(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/(?:in|pub|sales/(?:lead|people))/[^?#\s]+", re.IGNORECASE
)
NAMES_TOO = ["null", "none", "na", "nan", "nil"]
"""Words that stand for nothing, and are people's names as well."""

_KINDS = {"work": 0, "private": 2}
"""Which address is asked by: a work address first, a private one only where there is no other."""


def wanted(record: Json, reference: str) -> Wanted:
    """By what the person of a record (stream ``lusha.contact``) is looked for; unreadable values are none.

    A private address finds few people: it counts only where no name and company are told.

    Args:
        reference: By which the answer is found again.
    """
    given, family = _names(record)
    company = _text(record, "company", "name")
    domain = normalise_domain(_text(record, "company", "domain")) or ""
    named = given and family and (company or domain)
    return Wanted(
        reference,
        id=_text(record, "id"),
        linkedin=_profile(_text(record, "socialLinks", "linkedin")),
        email=_email(record, private=not named),
        first_name=given,
        last_name=family,
        company=company,
        domain=domain,
    )


def key(person: Wanted) -> str:
    """What tells most of a person, as a hash that is the same however it is written; empty for nobody."""
    return next(iter(keys(person)), "")


def keys(person: Wanted) -> list[str]:
    """All by which a person is known, as such hashes: what tells most comes first."""
    return [fingerprint(one) for one in _known_by(person)]


def _known_by(person: Wanted) -> Iterator[str]:
    if person.id:
        yield f"id:{person.id}"
    if person.linkedin:
        yield f"linkedin:{_slug(person.linkedin)}"
    if address := normalise_email(person.email):
        yield f"email:{address}"
    if person.first_name and person.last_name:
        name = f"{_folded(person.first_name)}|{_folded(person.last_name)}"
        if domain := normalise_domain(person.domain):
            yield f"domain:{name}|{domain}"
        if company := normalised(person.company) or _folded(person.company):
            yield f"company:{name}|{company}"


def _names(record: Json) -> tuple[str, str]:
    """Given and family name; of a whole name the first word and the rest, unless a comma tells."""
    given, family = _text(record, "firstName", but=NAMES_TOO), _text(record, "lastName", but=NAMES_TOO)
    if given and family:
        return given, family
    whole = _text(record, "fullName", but=NAMES_TOO)
    if parts := split_name(whole):
        return parts.given, parts.family
    first, _, rest = whole.partition(" ")
    return (first, rest) if rest else (given, family)


def _email(record: Json, *, private: bool) -> str:
    told = record.get("emails") if isinstance(record, dict) else None
    found = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    ranked = sorted(found, key=lambda one: _KINDS.get(str(one.get("type")).lower(), 1))
    for one in ranked:
        address = normalise_email(str(one.get("email") or ""))
        if address and not is_blank(address) and (private or str(one.get("type")).lower() != "private"):
            return address
    return ""


def _profile(link: str) -> str:
    """A link to a person's profile as it is asked for; empty for any other link."""
    found = _PROFILE.search(link)
    return f"https://www.linkedin.com/{_path(found[0])}" if found else ""


def _path(link: str) -> str:
    return re.split(r"linkedin\.com/", link, flags=re.IGNORECASE)[1].split(",")[0].rstrip("/.")


def _slug(link: str) -> str:
    """What of a link tells the profile; LinkedIn takes no notice of case in it."""
    found = _PROFILE.search(link)
    return unquote(_path(found[0]) if found else link).casefold()


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _text(record: Json, *path: str, but: list[str] | None = None) -> str:
    """A text of a record as it is told; empty for what is not there, says nothing or is no text."""
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    if record is None or is_blank(record, but=but):
        return ""
    try:
        return text(record) or ""
    except CleanError:
        return ""
