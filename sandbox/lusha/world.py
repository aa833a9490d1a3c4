"""Everybody whom Lusha knows, and how one of them is found."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from sandbox.core.options import Options
from sandbox.lusha.companies import Document, companies
from sandbox.lusha.people import people

__all__ = ["World", "bare", "folded", "shuffled"]


_Index = dict[tuple[str, ...], str]


def folded(name: Any) -> str:
    """A name as names are compared."""
    return " ".join(str(name).split()).casefold()


def bare(domain: Any) -> str:
    """A domain without ``www.`` and in lower case."""
    return str(domain).strip().lower().removeprefix("www.")


def _profile(url: Any) -> str:
    """A LinkedIn address without what differs for one profile."""
    path = str(url).lower().split("?")[0].rstrip("/")
    return path.rpartition("linkedin.com")[2] or path


class World:
    """People and companies; those changed since are copies, so that a reset is cheap.

    Attributes:
        people: By id.
        companies: By id.
    """

    def __init__(self, options: Options) -> None:
        made = companies(options.seed)
        self._companies_at_first: dict[str, Document] = {company["id"]: company for company in made}
        self._people_at_first: dict[str, Document] = {
            person["id"]: person
            for person in people(options.seed, options.contacts, options.lusha_people, made)
        }
        self.reset()

    def reset(self) -> None:
        """Back to the generated people and companies."""
        self.people = dict(self._people_at_first)
        self.companies = dict(self._companies_at_first)
        self.__dict__.pop("_people_by", None)
        self._companies_by: _Index = _index(
            (company, _company_keys(company)) for company in self.companies.values()
        )

    def person(self, named: Any) -> Document | None:
        """Somebody by id or by the number behind it."""
        return self.people.get(self._people_by.get(("number", str(named)), str(named)))

    def company(self, named: Any) -> Document | None:
        """A company by id or by the number behind it."""
        return self.companies.get(self._companies_by.get(("number", str(named)), str(named)))

    def employer(self, person: Document) -> Document:
        """The company where somebody works."""
        company: Document = self.companies[person["companyId"]]
        return company

    def find_person(self, item: Document) -> Document | None:
        """Whom one entry of a search means, by the strongest of what it names."""
        if item.get("id"):
            return self.person(item["id"])
        name = (folded(item.get("firstName", "")), folded(item.get("lastName", "")))
        keys: list[tuple[str, ...]] = []
        if item.get("linkedinUrl"):
            keys.append(("linkedin", _profile(item["linkedinUrl"])))
        if item.get("email"):
            keys.append(("email", str(item["email"]).lower()))
        if all(name) and item.get("companyName"):
            keys.append(("at", *name, folded(item["companyName"])))
        if all(name) and item.get("companyDomain"):
            keys.append(("domain", *name, bare(item["companyDomain"])))
        found = (self._people_by.get(key) for key in keys)
        return next((self.people[one] for one in found if one in self.people), None)

    def find_company(self, item: Document) -> Document | None:
        """Which company one entry of a search means."""
        if item.get("id"):
            return self.company(item["id"])
        keys = [("domain", bare(item["domain"]))] if item.get("domain") else []
        keys += [("name", folded(item["name"]))] if item.get("name") else []
        found = (self._companies_by.get(key) for key in keys)
        return next((self.companies[one] for one in found if one), None)

    def change(self, person: Document, **values: Any) -> Document:
        """Somebody with other values, found by the new ones from now on."""
        changed = {**copy.deepcopy(person), **values, "id": person["id"]}
        self.people[person["id"]] = changed
        self.__dict__.pop("_people_by", None)
        return changed

    @cached_property
    def _people_by(self) -> _Index:
        """The ids of people by all that finds them; made anew after somebody changed."""
        return _index((person, self._keys(person)) for person in self.people.values())

    def _keys(self, person: Document) -> Iterable[tuple[str, ...]]:
        company = self.companies.get(person["companyId"], {})
        name = (folded(person["firstName"]), folded(person["lastName"]))
        yield ("number", str(person["personId"]))
        yield from (("email", found["email"].lower()) for found in person["emails"] or ())
        if (person["socialLinks"] or {}).get("linkedin"):
            yield ("linkedin", _profile(person["socialLinks"]["linkedin"]))
        if company.get("name"):
            yield ("at", *name, folded(company["name"]))
        if company.get("domain"):
            yield ("domain", *name, bare(company["domain"]))


def _company_keys(company: Document) -> Iterable[tuple[str, ...]]:
    yield ("number", str(company["companyId"]))
    yield ("name", folded(company["name"]))
    if company["domain"]:
        yield ("domain", bare(company["domain"]))


def _index(found: Iterable[tuple[Document, Iterable[tuple[str, ...]]]]) -> _Index:
    """The id of the first record of each key."""
    index: _Index = {}
    for record, keys in found:
        for key in keys:
            index.setdefault(key, record["id"])
    return index


def shuffled(series: str, records: list[Any]) -> list[Any]:
    """The same records in an order that nobody promised."""
    drawn = list(records)
    random.Random(series).shuffle(drawn)  # noqa: S311 - an order, no secret
    return drawn
