"""Which company each contact is of, for rules that ask for it: all contacts are grouped once in a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.core.change import Scope
from tasks.extract.contexts import CONTACT, Context
from tasks.hub import links
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.mapping import companies
from tasks.mapping.companies import ContactFacts, Group
from tasks.mapping.rules.compile import Rules
from tasks.streams import HIGHLEVEL_BUSINESS, RULES

ROOT = "company"
BUSINESS = "hub.business"


class Companies:
    """Adds ``company`` to contexts: ``key``, ``name``, ``domain``, and ``business_id`` once there is one."""

    def __init__(self, hub: Hub, location_id: str, rules: Rules) -> None:
        self._hub = hub
        self._location_id = location_id
        self._wanted = ROOT in rules.roots
        self._groups: dict[str, Group] = {}
        self._businesses: dict[str, str] = {}

    async def load(self) -> None:
        """Group the hub's contacts."""
        if self._wanted:
            await asyncio.to_thread(self._load)
            await self.find_businesses()

    async def find_businesses(self) -> None:
        """Look up which groups have a business by now."""
        if self._wanted:
            await asyncio.to_thread(self._find)

    def enrich(self, context: Context) -> None:
        """Tell a context's company; None where the contact is of none, or it is in doubt."""
        if not self._wanted:
            return
        contact: Row | None = context["contact"]
        group = self._groups.get(contact["id"]) if contact is not None else None
        context[ROOT] = group and {
            "key": group.key,
            "name": group.name,
            "domain": group.domain or None,
            "business_id": self._businesses.get(group.key),
            "doubt": "; ".join(group.doubts) or None,
        }

    def _load(self) -> None:
        found = companies.group(self._facts())
        self._groups = {id_: group for group in found for id_ in group.ids}

    def _facts(self) -> Iterator[ContactFacts]:
        table = MIRRORS[CONTACT]
        names = ("id", "company_name", "email", "additional_emails", "website", "business_id")
        mine = (table.c.location_id == self._location_id, table.c.deleted_at.is_(None))
        query = sa.select(*(table.c[name] for name in names)).where(*mine)
        with self._hub.read() as connection:
            for id_, name, email, further, website, business in connection.execute(query):
                emails = [one for one in (email, *(further or ())) if one]
                yield ContactFacts(id_, name, emails, website, business)

    def _find(self) -> None:
        scope = Scope(self._location_id, RULES, HIGHLEVEL_BUSINESS.name)
        keys = sorted({group.key for group in self._groups.values()})
        with self._hub.read() as connection:
            linked = links.targets(connection, scope, keys)
            there = self._there(connection, sorted(set(linked.values()) - {links.SPLIT}))
        self._businesses = {key: id_ for key, id_ in linked.items() if id_ in there}

    def _there(self, connection: sa.Connection, ids: list[str]) -> set[str]:
        """Which businesses the hub still has: one that was deleted is nobody's."""
        table = MIRRORS[BUSINESS]
        mine = (table.c.location_id == self._location_id, table.c.deleted_at.is_(None))
        query = sa.select(table.c.id).where(*mine, among(connection, table.c.id, ids))
        return set(connection.execute(query).scalars()) if ids else set()
