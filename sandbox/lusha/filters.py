"""What the filters of prospecting mean, and the values that they offer.

A filter that the sandbox's people have no data for is taken and matches nobody: an empty answer is nearer to
the truth than everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.lusha.companies import Document
from sandbox.lusha.signals import company_signals, matching
from sandbox.lusha.words import COUNTRIES, DATA_POINTS, DEPARTMENTS, INDUSTRIES, SENIORITIES
from sandbox.lusha.world import World, bare, folded

__all__ = ["COMPANY_VALUES", "CONTACT_VALUES", "QUERIED", "REFINEMENTS", "company_fits", "contact_fits"]

Rule = Callable[[Any, Document], bool]

REFINEMENTS = frozenset(
    {"jobChangedAfterDate", "jobChangedLastViewDate", "education", "score", "existingDataPointsCondition"}
)
"""Filters of contacts that only refine others."""
_CONDITIONS = frozenset({"existingDataPointsCondition", "technologiesCondition"})


def contact_fits(world: World, person: Document, wanted: Document) -> bool:
    """Whether a person passes filters of contacts and of companies, what is to be left out considered."""
    company = world.employer(person)
    return _sided(_CONTACT, wanted.get("contacts"), person) and company_fits(company, wanted.get("companies"))


def company_fits(company: Document, wanted: Document | None) -> bool:
    """Whether a company passes."""
    return _sided(_COMPANY, wanted, company)


def _sided(rules: dict[str, Rule], wanted: Document | None, record: Document) -> bool:
    include, exclude = ((wanted or {}).get(side) or {} for side in ("include", "exclude"))
    if not all(_holds(rules, include, name, record) for name in include if name not in _CONDITIONS):
        return False
    return not any(_holds(rules, exclude, name, record) for name in exclude if name not in _CONDITIONS)


def _holds(rules: dict[str, Rule], side: Document, name: str, record: Document) -> bool:
    rule, value = rules.get(name), side[name]
    if value is None or value == []:
        return True
    if name == "existingDataPoints":
        together = all if side.get("existingDataPointsCondition") == "and" else any
        return together(_has_point(point, record) for point in value)
    return rule is not None and rule(value, record)


def _one_of(read: Callable[[Document], Iterable[str]]) -> Rule:
    """One of the values is one of the record's."""
    return lambda values, record: bool(
        {folded(one) for one in values} & {folded(one) for one in read(record)}
    )


def _part_of(read: Callable[[Document], str]) -> Rule:
    """One of the values is a part of the record's."""
    return lambda values, record: any(folded(one) in folded(read(record)) for one in values)


def _has_point(point: str, person: Document) -> bool:
    kind = DATA_POINTS.get(point, point.removesuffix("_phone"))
    records = person["emails"] if point == "work_email" else person["phones"]
    return any(kind in ("", one["type"]) for one in records)


def _in_place(values: list[Document], record: Document) -> bool:
    return any(
        all(folded(record["location"].get(key, "")) == folded(value) for key, value in place.items())
        for place in values
    )


def _in_range(read: Callable[[Document], tuple[int, int]]) -> Rule:
    def rule(ranges: list[dict[str, int]], record: Document) -> bool:
        low, high = read(record)
        return any(low <= one.get("max", high) and high >= one.get("min", low) for one in ranges)

    return rule


def _signalled(values: Document, record: Document) -> bool:
    signals = record.get("signals")
    found = {"signals": company_signals(record) if signals is None else signals}
    return bool(matching(found, values))


def _changed_since(value: str, person: Document) -> bool:
    return any(one["type"] == "companyChange" and one["signalDate"] >= value for one in person["signals"])


_CONTACT: dict[str, Rule] = {
    "ids": lambda values, person: person["id"] in values or str(person["personId"]) in values,
    "names": _one_of(lambda person: [person["fullName"]]),
    "jobTitles": _part_of(lambda person: person["jobTitle"]["title"]),
    "jobTitlesExactMatch": _one_of(lambda person: [person["jobTitle"]["title"]]),
    "normalizedJobTitles": _one_of(lambda person: [person["jobTitle"]["title"]]),
    "searchText": lambda value, person: (
        folded(value) in folded(f"{person['fullName']} {person['jobTitle']['title']}")
    ),
    "countries": _one_of(lambda person: [person["location"]["countryIso2"]]),
    "locations": _in_place,
    "seniorityIds": lambda values, person: person["seniorityId"] in values,
    "departments": _one_of(lambda person: person["jobTitle"]["departments"]),
    "linkedinUrls": _one_of(lambda person: person["socialLinks"].values()),
    "emails": _one_of(lambda person: [one["email"] for one in person["emails"]]),
    "signals": _signalled,
    "jobChangedAfterDate": _changed_since,
    "jobChangedLastViewDate": _changed_since,
}
_COMPANY: dict[str, Rule] = {
    "ids": lambda values, company: company["id"] in values or str(company["companyId"]) in values,
    "names": _one_of(lambda company: [company["name"]]),
    "domains": lambda values, company: bool(company["domain"]) and company["domain"] in map(bare, values),
    "searchText": lambda value, company: folded(value) in folded(company["name"]),
    "locations": _in_place,
    "sizes": _in_range(lambda one: (one["employeeCount"]["min"], one["employeeCount"]["max"])),
    "revenues": _in_range(lambda one: (one["revenueRange"]["min"], one["revenueRange"]["max"])),
    "foundedYear": _in_range(lambda one: (one["yearFounded"], one["yearFounded"])),
    "technologies": _one_of(lambda company: company["technologies"]),
    "industriesLabels": _one_of(lambda company: [company["industry"]]),
    "mainIndustriesIds": lambda values, company: any(
        number in values for number, name, _ in INDUSTRIES if name == company["industry"]
    ),
    "specialities": _one_of(lambda company: company["specialities"]),
    "companyType": _one_of(lambda company: [company["companyType"]]),
    "linkedinUrls": _one_of(lambda company: company["socialLinks"].values()),
    "signals": _signalled,
}

CONTACT_VALUES: dict[str, list[Any]] = {
    "departments": list(DEPARTMENTS),
    "seniority": [{"id": number, "name": name} for number, name in SENIORITIES.items()],
    "existingDataPoints": list(DATA_POINTS),
    "countries": [{"name": one.name, "code": iso2} for iso2, one in COUNTRIES.items()],
    "locations": [{"country": one.name, "countryIso2": iso2} for iso2, one in COUNTRIES.items()],
}
"""What the filters of contacts offer."""
COMPANY_VALUES: dict[str, list[Any]] = {
    "names": [],
    "sizes": [{"min": low, "max": high} for low, high in ((1, 10), (11, 50), (51, 200), (201, 500))],
    "revenues": [{"min": 1, "max": 1_000_000}, {"min": 1_000_000, "max": 10_000_000}],
    "locations": CONTACT_VALUES["locations"],
    "sics": [{"code": "7371", "description": "Custom computer programming services"}],
    "naics": [{"code": "541511", "description": "Custom Computer Programming Services"}],
    "industriesLabels": [{"id": number, "label": name} for number, name, _ in INDUSTRIES],
    "intentTopics": ["Sales Software", "Data Quality"],
    "technologies": ["PostgreSQL", "Python"],
}
"""What the filters of companies offer; names are those of the companies."""
QUERIED = frozenset({"locations", "names", "technologies", "hiringByLocations"})
"""Filters whose values are looked for by a text of 2 to 256 characters."""
