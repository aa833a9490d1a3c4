"""Lusha as a run sees it: one account, opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from tasks.core.errors import BadConfigurationError, InvalidRequestError, RecordNotFoundError
from tasks.core.settings import PREFIX, Settings
from tasks.core.words import nearest_of_all
from tasks.hub.engine import Hub
from tasks.vendors.leads import Again, Datapoint, LeadTable, Problem, Told, Usage, Wanted, Watch
from tasks.vendors.lusha.apart import each_apart
from tasks.vendors.lusha.api import contacts, subscriptions, tables, usage
from tasks.vendors.lusha.client import Lusha, connect
from tasks.vendors.network import Guard


class LushaConnection:
    """One account of Lusha's; see ``tasks.vendors.leads.Leads``.

    Args:
        table_owner: E-mail address of the user whose tables are read; "" where none is.
    """

    def __init__(self, client: Lusha, table_owner: str = "") -> None:
        self.client = client
        self._table_owner = table_owner

    @property
    def account(self) -> str:
        """Under which name the hub keeps its request budget and what it spent."""
        return self.client.account

    @property
    def guard(self) -> Guard | None:
        """Asked right before every request leaves."""
        return self.client.guard

    @guard.setter
    def guard(self, guard: Guard | None) -> None:
        self.client.guard = guard

    @property
    def requests(self) -> int:
        """Requests sent so far, retries included."""
        return self.client.requests

    async def usage(self) -> Usage:
        """The account's credits, prices and windows."""
        return await usage.get(self.client)

    async def search(self, wanted: Sequence[Wanted]) -> Told:
        """Look for people, by reference."""
        return await each_apart(
            wanted, lambda one: one.reference, lambda some: contacts.search(self.client, some)
        )

    async def reveal(
        self, ids: Sequence[str], datapoints: Collection[Datapoint], *, again: Again | None = None
    ) -> Told:
        """Reveal these datapoints, and no other, without other providers."""
        return await each_apart(
            ids, str, lambda some: contacts.enrich(self.client, some, datapoints, again=again)
        )

    async def prospect(self, filters: Mapping[str, Any], page: int, size: int) -> Told:
        """A page of the people whom filters let through."""
        return await contacts.prospect(self.client, filters, page, size)

    async def table(self, name: str) -> LeadTable:
        """A table by name or id."""
        owner = self._owner()
        found = await tables.named(self.client, owner, name)
        same = [table for table in found if table.name.casefold() == name.casefold()]
        exact = [table for table in same if table.name == name] or same
        if len(exact) > 1:
            ids = ", ".join(table.id for table in exact)
            raise BadConfigurationError(
                f"Lusha has {len(exact)} tables named {name!r}.",
                remedy=f"Give the id of the one that is meant: {ids}.",
            )
        try:
            return await tables.get(self.client, owner, exact[0].id if exact else name)
        except (RecordNotFoundError, InvalidRequestError):  # a name is no id, and Lusha may refuse it as one
            known = [table.name for table in found or await tables.named(self.client, owner, "")]
            raise BadConfigurationError(
                f"Lusha has no table {name!r} of the user in {PREFIX}LUSHA_TABLE_OWNER.",
                remedy=nearest_of_all(name, known) if known else "The user has none: make it in Lusha.",
            ) from None

    async def table_rows(self, table: str, page: int, size: int) -> Told:
        """Rows of a table."""
        return await tables.rows(self.client, self._owner(), table, page, size)

    async def remove_rows(self, table: str, ids: Sequence[str]) -> None:
        """Take people out of a table."""
        await tables.remove(self.client, self._owner(), table, ids)

    async def watches(self) -> list[Watch]:
        """All people whose changes of job are told."""
        found = await subscriptions.list_all(self.client)
        return [
            Watch(one.id, one.entity_id, one.url, one.is_active, one.blocked_at if one.block_reason else None)
            for one in found
            if one.entity_type == "contact" and subscriptions.is_about_one(one)
        ]

    async def watch(self, url: str, ids: Sequence[str]) -> dict[str, Watch | Problem]:
        """Have changes of job told; with the account's secret, which is made where there is none."""
        if await subscriptions.secret(self.client) is None:
            await subscriptions.new_secret(self.client)
        made = await subscriptions.create(self.client, url, ids, contacts.SIGNAL_TYPES)
        return {
            one.item: Problem(one.code, one.message) if one.code else Watch(one.id, one.item, url, True)
            for one in made
        }

    async def unwatch(self, ids: Sequence[str]) -> None:
        """End subscriptions."""
        await subscriptions.delete(self.client, ids)

    async def resume(self, id_: str, url: str) -> None:
        """Have told again, to this address, what Lusha gave up telling."""
        await subscriptions.update(self.client, id_, isActive=True, url=url)

    async def signals(self, ids: Sequence[str], since: datetime) -> Told:
        """Changes of job since then."""
        return await contacts.signals(self.client, ids, since)

    def _owner(self) -> str:
        if not self._table_owner:
            raise BadConfigurationError(
                "Lusha's tables belong to users, and none is named.",
                remedy=f"Set {PREFIX}LUSHA_TABLE_OWNER to the e-mail address of the user whose table it is.",
            )
        return self._table_owner


@asynccontextmanager
async def open_leads(settings: Settings, hub: Hub) -> AsyncIterator[LushaConnection]:
    """The settings' account, opened.

    Raises:
        BadConfigurationError: Key, credential or URL is missing or malformed.
        BadCredentialError: The stored credential cannot be decrypted.
    """
    async with connect(settings, hub) as client:
        yield LushaConnection(client, settings.lusha_table_owner)
