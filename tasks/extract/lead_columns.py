"""Which column of a file of leads holds what, as Lusha's exports name them.

Unlike a file of contacts, one of leads keeps all its addresses, each with its kind: what is written into
HighLevel of them, the mapping says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tasks.extract.headers import field_of, words_of

EMAILS = {"email": "unknown", "work_email": "work", "private_email": "private"}
"""Columns of e-mail addresses, and the type that Lusha gives those."""

PHONES = {
    "direct_phone": "direct",
    "mobile_phone": "mobile",
    "work_phone": "work",
    "phone": "unknown",
    "other_phone": "unknown",
}
"""Columns of phone numbers, likewise."""

HEADERS = {
    "lusha_id": "lusha id, lusha contact id, lusha person id",
    "email": "email, email address",
    "work_email": "work email, work email address, business email, professional email, corporate email",
    "private_email": "private email, private email address, personal email, personal email address,"
    " home email",
    "phone": "phone, phone number",
    "direct_phone": "direct phone, direct phone number, direct number, direct dial, direct line, direct",
    "mobile_phone": "mobile, mobile phone, mobile number, mobile phone number, cell, cell phone",
    "work_phone": "work phone, work phone number, office phone, business phone",
    "other_phone": "other phone, other phone number",
    "do_not_call": "do not call, dnc, on do not call list, on dnc list",
    "job_title": "job title, title, position, job position",
    "seniority": "seniority, seniority level, job seniority",
    "departments": "department, departments, job department",
    "linkedin": "linkedin, linkedin url, linkedin profile, linkedin profile url, linkedin link",
    "industry": "industry, company industry, company main industry, main industry",
    "continent": "continent",
    "country_iso2": "iso2, country iso2, country iso 2, country iso, country iso code, country iso2 code",
    "location": "location",
}
"""Key of a record: what may stand above it, without numbers and the word "contact" in front."""

_KEYS = {"".join(words_of(header)): key for key, headers in HEADERS.items() for header in headers.split(",")}

_WHOSE = frozenset({"contact", "person", "lead", "prospect"})


def lead_columns(headers: Sequence[str]) -> dict[int, str]:
    """Position and key of the columns that a file of leads is known by; further ones of a kind are numbered.

    Keys are those of ``HEADERS``, and from the second on as ``mobile_phone_2``. Other columns are guessed as
    those of any file.
    """
    seen: Counter[str] = Counter()
    found = {}
    for at, header in enumerate(headers):
        if key := _key_of(header):
            seen[key] += 1
            found[at] = key if seen[key] == 1 else f"{key}_{seen[key]}"
    return found


def kind_of(key: str) -> str:
    """The key without its number."""
    return re.sub(r"_\d+$", "", key)


def _key_of(header: str) -> str:
    words = words_of(header)
    while words and words[-1].isdigit():
        words.pop()
    for said in (words, words[1:] if words[:1] and words[0] in _WHOSE else []):
        if key := _KEYS.get("".join(said)):
            return key
    return field if (field := field_of(header)) in ("email", "phone") else ""
