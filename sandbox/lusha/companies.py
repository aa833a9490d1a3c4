"""Lusha's companies: HighLevel's businesses, the companies that its contacts name, and others.

A domain is told with ``www.`` or without for the same company, and one company in twenty has none.
"""

from __future__ import annotations

import base64
import random
import re
import unicodedata
from typing import Any

from sandbox.highlevel.account import businesses
from sandbox.highlevel.names import COMPANIES
from sandbox.lusha.words import COMPANY_WORDS, COUNTRIES, DEPARTMENTS, INDUSTRIES, SENIORITIES

__all__ = ["Document", "companies", "identifiers", "slug"]

Document = dict[str, Any]

_WITHOUT_DOMAIN_EVERY = 20
_NUMERIC_EVERY = 5
_SIZES = ((1, 10), (11, 50), (51, 200), (201, 500), (501, 1000), (1001, 5000))


def identifiers(dice: random.Random, first: int, place: int) -> tuple[str, int]:
    """The id that answers tell, and the number behind it that webhooks tell.

    Live ids are tokens that begin with ``v1.``; some old ones are the number itself.
    """
    number = first + place * 7 + int(dice.random() * 7)
    token = "v1." + base64.urlsafe_b64encode(dice.randbytes(24)).decode()
    return (str(number) if place % _NUMERIC_EVERY == 0 else token), number


def slug(name: str) -> str:
    """A name as the label of a domain; empty where it has no Latin letter."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def companies(seed: int) -> list[Document]:
    """All companies: first HighLevel's businesses, then those named by its contacts, then others."""
    dice = random.Random(f"lusha companies {seed}")  # noqa: S311 - invented data
    known = [(found["name"], f"business{place}.example.com") for place, found in enumerate(businesses(seed))]
    named = [(name, f"{slug(name) or f'company{place}'}.example.org") for place, name in enumerate(COMPANIES)]
    first, second = COMPANY_WORDS
    others = [(f"{one} {two}", f"{slug(one)}-{slug(two)}.example.net") for one in first for two in second]
    return [_company(dice, place, *both) for place, both in enumerate((*known, *named, *others))]


def _company(dice: random.Random, place: int, name: str, domain: str) -> Document:
    company_id, number = identifiers(dice, 16_000_000, place)
    _, industry, part = INDUSTRIES[int(dice.random() * len(INDUSTRIES))]
    low, high = _SIZES[int(dice.random() * len(_SIZES))]
    iso2 = list(COUNTRIES)[int(dice.random() * len(COUNTRIES))]
    country = COUNTRIES[iso2]
    label = domain.split(".", maxsplit=1)[0]
    return {
        "id": company_id,
        "companyId": number,
        "name": name,
        "domain": "" if place % _WITHOUT_DOMAIN_EVERY == _WITHOUT_DOMAIN_EVERY - 1 else domain,
        "hasWww": dice.random() < 2 / 3,
        "description": f"{name} is an invented company.",
        "companyType": "Private Company",
        "yearFounded": 1950 + int(dice.random() * 70),
        "employeeCount": {"exact": low + int(dice.random() * (high - low)), "min": low, "max": high},
        "industry": industry,
        "subIndustry": part,
        "specialities": [part.lower()],
        "location": {
            "city": "Springfield",
            "country": country.name,
            "countryIso2": iso2,
            "continent": country.continent,
        },
        "socialLinks": {"linkedin": f"https://www.linkedin.com/company/{label}"},
        "linkedinFollowers": int(dice.random() * 50_000),
        "revenueRange": {"min": low * 100_000, "max": high * 100_000},
        "technologies": ["Python", "PostgreSQL"],
        "employeesByDepartment": [{"department": one, "count": 1 + place % 9} for one in DEPARTMENTS[:3]],
        "employeesByLocation": [{"country": country.name, "state": None, "count": low}],
        "employeesBySeniority": [{"seniority": SENIORITIES[5], "count": 1 + place % 5}],
    }
