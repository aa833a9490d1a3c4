"""Which contact a lead is, found in the hub before anything is paid.

By its link, by an address, or by its name at its company.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.core.change import Scope
from tasks.hub import links
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS
from tasks.mapping.company_domains import domain_of_email, domain_of_website
from tasks.mapping.company_names import normalised
from tasks.mapping.transform.normalise import normalise_email
from tasks.streams import HIGHLEVEL_CONTACT
from tasks.streams.lead import LUSHA

CONTACT = "hub.contact"
_EMAIL = "e-mail"

LINK = "known link"
"""By what a contact is found that a lead is linked with."""
_COLUMNS = (
    *("id", "first_name", "last_name", "name", "email", "additional_emails", "phone"),
    *("company_name", "website", "business_id", "city", "country", "date_added"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """By what a lead can be found among contacts.

    Args:
        ids: By which it may be linked, the one that it is planned by first.
        emails: Addresses of theirs.
        contact_id: The contact that the lead comes from; empty where it comes from elsewhere.
    """

    reference: str
    ids: Sequence[str] = ()
    emails: Sequence[str] = ()
    name: str = ""
    company: str = ""
    domain: str = ""
    contact_id: str = ""

    @property
    def keys(self) -> Iterator[tuple[str, str]]:
        """What contacts are looked up by, the best first: what it is, and its value as it is compared."""
        for email in self.emails:
            if address := normalise_email(email):
                yield _EMAIL, address
        if name := _name(self.name):
            if self.domain and (domain := domain_of_website(self.domain)):
                yield "name and domain", f"{name} @ {domain}"
            if company := normalised(self.company):
                yield "name and company", f"{name} @ {company}"


@dataclass(slots=True)
class Found:
    """Which contacts leads are.

    Args:
        contacts: By reference.
        found_by: By reference, by what.
        several: By reference, why nobody can say which contact it is.
    """

    contacts: dict[str, Row] = field(default_factory=dict)
    found_by: dict[str, str] = field(default_factory=dict)
    several: dict[str, str] = field(default_factory=dict)


def find(hub: Hub, location_id: str, people: Sequence[Person]) -> Found:
    """Find the contacts that leads are; a key that several contacts share finds none of them."""
    scope = Scope(location_id, LUSHA, HIGHLEVEL_CONTACT.name)
    keys = {one.reference: list(one.keys) for one in people}
    wanted = {key for some in keys.values() for key in some}
    with hub.read() as connection:
        ids = list({id_ for one in people for id_ in one.ids})
        linked = links.targets(connection, scope, ids) if ids else {}
        targets = {one.contact_id for one in people} | set(linked.values())
        by_id, by_key = _read(connection, location_id, targets, wanted)
    found = Found()
    for one in people:
        ties = [id_ for id_ in one.ids if id_ in linked]
        target = one.contact_id or (linked[ties[0]] if ties else "")
        if target in by_id:
            found.contacts[one.reference] = by_id[target]
            known = not one.contact_id and ties[0] == one.ids[0]
            found.found_by[one.reference] = (
                LINK if known else "its id" if one.contact_id else "a person's word"
            )
            continue
        if ties and target == links.SPLIT:
            continue
        for what, value in keys[one.reference]:
            some = by_key.get((what, value), ())
            if len(some) > 1:
                told = f"{len(some)} contacts have the {what} {value}"
                found.several.setdefault(one.reference, told)
            elif some:
                found.contacts[one.reference] = some[0]
                found.found_by[one.reference] = f"{what} {value}"
                found.several.pop(one.reference, None)
                break
    return found


def _read(
    connection: sa.Connection, location_id: str, ids: set[str], wanted: set[tuple[str, str]]
) -> tuple[dict[str, Row], dict[tuple[str, str], list[Row]]]:
    """The contacts of some ids and of some keys, in one pass: a name at a company is in no index."""
    by_id: dict[str, Row] = {}
    by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
    names = {value.partition(" @ ")[0] for what, value in wanted if what != _EMAIL}
    for row in contacts(connection, location_id):
        if row["id"] in ids:
            by_id[row["id"]] = row
        for key in set(_keys_of(row, names)) & wanted:
            by_key[key].append(row)
    return by_id, by_key


def contacts(connection: sa.Connection, location_id: str) -> Iterator[Row]:
    """The hub's contacts of a location that are not deleted, with what tells who they are."""
    table = MIRRORS[CONTACT]
    mine = (table.c.location_id == location_id, table.c.deleted_at.is_(None))
    for row in connection.execute(sa.select(*(table.c[name] for name in _COLUMNS)).where(*mine)).mappings():
        yield dict(row)


def _keys_of(row: Row, names: set[str]) -> Iterator[tuple[str, str]]:
    emails = [one for one in (row["email"], *(row["additional_emails"] or ())) if one]
    for email in emails:
        yield _EMAIL, email
    if (name := _name(name_of(row))) not in names:  # of most nothing more is to be known
        return
    for domain in domains_of(row, emails):
        yield "name and domain", f"{name} @ {domain}"
    if company := normalised(row["company_name"] or ""):
        yield "name and company", f"{name} @ {company}"


def name_of(row: Row) -> str:
    """A contact's whole name."""
    return row["name"] or " ".join(filter(None, (row["first_name"], row["last_name"])))


def domains_of(row: Row, emails: Iterable[str]) -> list[str]:
    """The domains of a contact's company: of the website, and of addresses that are no free mail's."""
    found = [domain_of_website(row["website"]) if row["website"] else "", *map(domain_of_email, emails)]
    return list(dict.fromkeys(filter(None, found)))


def _name(name: str) -> str:
    return " ".join(name.casefold().split())
