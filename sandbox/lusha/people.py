"""Lusha's people: some of HighLevel's contacts, and leads that HighLevel does not have.

About 60 of 100 contacts are known, by their own e-mail address, by name and company, and by LinkedIn. The
same seed and counts give the same people. Every irregularity that answers are known for is there: several
addresses and numbers of every type, no confidence, numbers written in several ways, addresses at another
company's domain, people whose data may not be given or cannot be got.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from sandbox.highlevel.names import CULTURES, PHONE_BLOCKS, Culture
from sandbox.highlevel.people import contacts
from sandbox.lusha.companies import Document, identifiers, slug
from sandbox.lusha.words import COUNTRIES, JOBS, SENIORITIES

__all__ = ["people"]

_DATES = ("2026-10-02", "2026-08-21", "2026-04-23", "2025-11-30", "2024-06-15")
_STATES = ("Illinois", "Texas", "Oregon", "Ohio")
_FOREIGN = "elsewhere.example.net"


class Share:
    """How many of the people have what."""

    KNOWN = 0.6
    RESTRICTED = 0.02
    FAILS = 0.04
    """Those whose data may not be given are among them."""
    NO_EMAIL = 0.08
    PRIVATE = 0.3
    SECOND_WORK = 0.12
    WRONG_COMPANY = 0.05
    NO_CONFIDENCE = 0.25
    NO_PHONE = 0.25
    SECOND_PHONE = 0.35
    THIRD_PHONE = 0.1
    UNKNOWN_PHONE = 0.05
    DO_NOT_CALL = 0.15
    EMPLOYED_BEFORE = 0.1
    NO_CITY = 0.2
    NO_LINKEDIN = 0.15
    MOVED = 0.12
    PROMOTED = 0.08


def people(seed: int, known: int, leads: int, companies: list[Document]) -> Iterator[Document]:
    """Everybody whom Lusha knows: those of so many contacts, then so many leads."""
    maker = _Maker(seed, known, companies)
    dice = random.Random(f"lusha known {seed}")  # noqa: S311 - invented data
    for contact in contacts(seed, known):
        if dice.random() < Share.KNOWN:
            yield maker.known(contact)
    for place in range(leads):
        yield maker.lead(place)


class _Maker:
    """What all people of one seed draw from."""

    def __init__(self, seed: int, known: int, companies: list[Document]) -> None:
        self._dice = random.Random(f"lusha people {seed}")  # noqa: S311 - invented data
        self._companies = companies
        self._by_name = {company["name"]: company for company in reversed(companies)}
        self._by_id = {company["id"]: company for company in companies}
        self._numbers = _numbers(seed, known)
        self._made = 0

    def known(self, contact: Document) -> Document:
        """A contact of HighLevel's as Lusha knows them."""
        culture = next((one for one in CULTURES if one.country == contact["country"]), CULTURES[0])
        company = self._by_name.get(contact.get("companyName", "")) or self._draw(self._companies)
        last = contact.get("lastName") or self._draw(culture.last)[0]
        person = self._person(culture, contact["firstName"], last, company, contact.get("city"))
        own = contact.get("email", "")
        if own.count("@") == 1 and " " not in own:
            self._latin(person, own.split("@")[0].rstrip("0123456789"))
            person["emails"].append(self._email(own.lower(), "private"))
        else:
            self._latin(person, f"contact{self._made}")
        phone = contact.get("phone", "")
        if phone.startswith("+") and person["phones"]:
            person["phones"][0]["number"] = phone
        return {**person, "contactId": contact["id"]}

    def lead(self, place: int) -> Document:
        """Somebody whom HighLevel does not have."""
        culture = self._draw(CULTURES)
        (first, first_latin), (last, last_latin) = self._draw(culture.first), self._draw(culture.last)
        person = self._person(culture, first, last, self._draw(self._companies))
        self._latin(person, f"{first_latin}.{last_latin}")
        if self._dice.random() < Share.PRIVATE:
            person["emails"].append(self._email(f"{first_latin}{place}@home.example.org", "private"))
        return person

    def _person(
        self, culture: Culture, first: str, last: str, company: Document, city: str | None = None
    ) -> Document:
        dice, roll = self._dice, self._dice.random
        person_id, number = identifiers(dice, 4_389_000_000, self._made)
        self._made += 1
        title, department, seniority = self._draw(JOBS)
        return {
            "id": person_id,
            "personId": number,
            "firstName": first,
            "lastName": last,
            "fullName": f"{first} {last}",
            "jobTitle": _job(title, department, seniority),
            "seniorityId": seniority,
            "companyId": company["id"],
            "location": self._location(culture, city),
            "emails": [],
            "phones": [] if roll() < Share.NO_PHONE else list(self._phones()),
            "socialLinks": {},
            "previousEmployment": self._previous(),
            "signals": self._signals(company, title),
            "updateDate": self._draw(_DATES),
            "status": _status(roll()),
            "contactId": None,
        }

    def _latin(self, person: Document, name: str) -> None:
        """What follows from a name in Latin letters: work addresses and the LinkedIn profile."""
        roll = self._dice.random
        company = self._by_id[person["companyId"]]
        local = f"{name}{self._made}"
        domain = company["domain"] or f"{slug(company['name']) or 'company'}.example.com"
        if roll() >= Share.NO_EMAIL:
            right = _FOREIGN if roll() < Share.WRONG_COMPANY else domain
            person["emails"].append(self._email(f"{local}@{right}", "work"))
            if roll() < Share.SECOND_WORK:
                person["emails"].append(self._email(f"{name[0]}{self._made}@{domain}", "unknown"))
        if roll() >= Share.NO_LINKEDIN:
            person["socialLinks"] = {
                "linkedin": f"https://www.linkedin.com/in/{slug(name) or 'person'}-{self._made}"
            }

    def _email(self, address: str, kind: str) -> Document:
        roll = self._dice.random
        confidence = None if roll() < Share.NO_CONFIDENCE else self._draw(("A+", "A", "B"))
        return {
            "email": address,
            "type": kind,
            "confidence": confidence,
            "updateDate": self._draw(_DATES),
        }

    def _phones(self) -> Iterator[Document]:
        roll = self._dice.random
        for kind in ("mobile", "direct", "work")[
            : 1 + (roll() < Share.SECOND_PHONE) + (roll() < Share.THIRD_PHONE)
        ]:
            yield {
                "number": _written(next(self._numbers), int(roll() * 3)),
                "type": "unknown" if roll() < Share.UNKNOWN_PHONE else kind,
                "doNotCall": roll() < Share.DO_NOT_CALL,
                "updateDate": self._draw(_DATES),
            }

    def _location(self, culture: Culture, city: str | None) -> Document:
        country = COUNTRIES[culture.country]
        place: Document = {
            "country": country.name,
            "countryIso2": culture.country,
            "continent": country.continent,
            "coordinates": list(country.coordinates),
            "isEuContact": country.is_eu,
        }
        if self._dice.random() >= Share.NO_CITY:
            place["city"] = city or self._draw(culture.cities)
            if culture.country == "US":
                place["state"] = self._draw(_STATES)
        return place

    def _previous(self) -> list[Document]:
        if self._dice.random() >= Share.EMPLOYED_BEFORE:
            return []
        before, job = self._draw(self._companies), self._draw(JOBS)
        return [{"company": {"name": before["name"], "domain": before["domain"]}, "jobTitle": _job(*job)}]

    def _signals(self, company: Document, title: str) -> list[Document]:
        roll = self._dice.random
        now = {"currentCompanyName": company["name"], "currentTitle": title, "signalDate": "2026-09-15"}
        found = []
        if roll() < Share.MOVED:
            before = self._draw(self._companies)
            found.append({**now, "type": "companyChange", "previousCompanyName": before["name"]})
        if roll() < Share.PROMOTED:
            found.append({**now, "type": "promotion", "previousTitle": "Associate"})
        return found

    def _draw(self, choices: Any) -> Any:
        return choices[int(self._dice.random() * len(choices))]


def _status(drawn: float) -> str:
    """Which error takes the place of a person's data; empty for none."""
    if drawn < Share.RESTRICTED:
        return "COMPLIANCE_RESTRICTED"
    return "ENRICH_FAILED" if drawn < Share.FAILS else ""


def _job(title: str, department: str, seniority: int) -> Document:
    return {"title": title, "departments": [department], "seniority": SENIORITIES[seniority]}


def _numbers(seed: int, known: int) -> Iterator[str]:
    """Fictional numbers, first those that no generated contact of HighLevel's has."""
    counts = [10**digits for _, _, digits in PHONE_BLOCKS]
    total, place = sum(counts), known
    while True:
        left = (place * 104_729 + seed * 7919) % total
        for (_, prefix, digits), count in zip(PHONE_BLOCKS, counts, strict=True):
            if left < count:
                yield f"{prefix}{left:0{digits}}"
                break
            left -= count
        place += 1


def _written(number: str, way: int) -> str:
    """A number in one of the ways in which answers write it."""
    if way == 0:
        return number
    if number.startswith("+1"):
        return f"+1 {number[2:5]}-{number[5:8]}-{number[8:]}"
    if way == 1:
        pairs = " ".join(number[place : place + 2] for place in range(4, len(number), 2))
        return f"{number[:3]} {number[3]} {pairs}"
    return f"{number[:3]} {number[3:]}"
