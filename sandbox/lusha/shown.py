"""How Lusha shows people and companies: as a preview, and enriched.

The same company's domain comes with ``www.`` here and without there, and a seniority in capitals or in lower
case: prospecting shows both bare, search and enrich do not.
"""

from __future__ import annotations

from typing import Any

from sandbox.lusha.companies import Document
from sandbox.lusha.ledger import Ledger
from sandbox.lusha.requests import COMPANY_REVEALS

__all__ = [
    "REVEALS",
    "company_preview",
    "enriched",
    "enriched_company",
    "failure",
    "preview",
    "reveal_price",
]

REVEALS = {"emails": "revealEmail", "phones": "revealPhone"}
"""The datapoints of a person and the price that each has."""

_MESSAGES = {
    "NOT_FOUND": "Contact not found",
    "COMPLIANCE_RESTRICTED": "This contact cannot be provided due to compliance restrictions",
    "ENRICH_FAILED": "Contact could not be enriched",
    "NO_SCORE": "No score available",
}
_COMPANY_PREVIEW = ("employeeCount", "industry", "location", "socialLinks")
_NOT_TOLD = frozenset({"companyId", "hasWww", *COMPANY_REVEALS})


def failure(code: str, kind: str = "Contact") -> Document:
    """The error of one item."""
    return {"error": {"code": code, "message": _MESSAGES[code].replace("Contact", kind)}}


def reveal_price(ledger: Ledger, person: Document, datapoint: str) -> int:
    """What a datapoint of a person costs now: nothing where there is none, or once it was revealed."""
    return ledger.price_of(person["id"], datapoint, REVEALS[datapoint]) if person[datapoint] else 0


def preview(person: Document, company: Document, ledger: Ledger, *, lower: bool = False) -> Document:
    """A person without any e-mail address or phone number."""
    job = person["jobTitle"]
    job = {**job, "seniority": job["seniority"].lower()} if lower else job
    names = ("country", "state", "city")
    reveals = [name for name in REVEALS if person[name]]
    has = ["firstName", "lastName", "jobTitle", "location", *reveals]
    return {
        "id": person["id"],
        "firstName": person["firstName"],
        "lastName": person["lastName"],
        "jobTitle": job,
        "company": _employer(company, www=not lower),
        "location": {name: person["location"][name] for name in names if name in person["location"]},
        "socialLinks": person["socialLinks"],
        "has": [*has, "socialLinks"] if person["socialLinks"] else has,
        "canReveal": [{"field": name, "credits": reveal_price(ledger, person, name)} for name in reveals],
    }


def enriched(person: Document, company: Document, reveal: list[str]) -> Document:
    """A person with what was asked to be revealed; what was not has no key."""
    return {
        "id": person["id"],
        "firstName": person["firstName"],
        "lastName": person["lastName"],
        "fullName": person["fullName"],
        "jobTitle": person["jobTitle"],
        "location": person["location"],
        "tags": [],
        **{name: person[name] for name in REVEALS if name in reveal},
        "company": {**_employer(company, www=True), "industry": company["industry"]},
        "socialLinks": person["socialLinks"],
        "previousEmployment": person["previousEmployment"],
        "updateDate": person["updateDate"],
    }


def company_preview(company: Document, ledger: Ledger, *, www: bool = True) -> Document:
    """A company with what more may be revealed of it."""
    reveals = [name for name in COMPANY_REVEALS if name in company]
    can = [(name, ledger.price_of(company["id"], name, "revealCompany")) for name in reveals]
    return {
        **_employer(company, www=www),
        **{name: company[name] for name in _COMPANY_PREVIEW},
        "has": ["description", "companyType", "yearFounded", "subIndustry", *reveals],
        "canReveal": [{"field": name, "credits": price} for name, price in can],
    }


def enriched_company(company: Document, reveal: list[str]) -> Document:
    """A company with what was asked to be revealed."""
    told: dict[str, Any] = {key: value for key, value in company.items() if key not in _NOT_TOLD}
    told.pop("domain")
    told |= {name: company.get(name, []) for name in reveal if name in company}
    return {**told, **_employer(company, www=True)}


def _employer(company: Document, *, www: bool) -> Document:
    shown = {"id": company["id"], "name": company["name"]}
    if not company["domain"]:
        return shown
    return {**shown, "domain": "www." * (www and company["hasWww"]) + company["domain"]}
