"""Which vendors a run is connected to: the one place of the engine that knows any by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tasks.core.findings import Finding
from tasks.core.settings import Settings
from tasks.hub.caps import Caps
from tasks.hub.credits import Who
from tasks.hub.engine import Hub
from tasks.vendors import catalogs
from tasks.vendors.catalog.requests import PreparedRequest
from tasks.vendors.highlevel.catalog import operations as highlevel_operations
from tasks.vendors.highlevel.catalog.catalog import Action as HighLevelAction
from tasks.vendors.highlevel.client import connect as connect_highlevel
from tasks.vendors.highlevel.connection import open_connection
from tasks.vendors.highlevel.examine import examine as examine_highlevel
from tasks.vendors.highlevel.limits import account
from tasks.vendors.leads import Leads
from tasks.vendors.lusha import key
from tasks.vendors.lusha import operations as lusha_operations
from tasks.vendors.lusha.catalog import Action as LushaAction
from tasks.vendors.lusha.client import connect as connect_lusha
from tasks.vendors.lusha.connection import open_leads
from tasks.vendors.lusha.examine import examine as examine_lusha
from tasks.vendors.protocols import Connection


def account_of(settings: Settings) -> str:
    """Whose request quota the settings' location uses, as the hub keeps it."""
    return account(settings.location())


@asynccontextmanager
async def connected(settings: Settings, hub: Hub) -> AsyncIterator[Connection]:
    """A connection to the settings' location.

    Raises:
        BadConfigurationError: A setting is missing or malformed.
        BadCredentialError: The stored credential cannot be decrypted.
    """
    async with open_connection(settings, hub) as opened:
        yield opened


def leads_account_of(settings: Settings) -> str:
    """Under which name the hub keeps what the settings' account of leads spent.

    Raises:
        BadConfigurationError: None is set.
    """
    return key.account(settings)


@asynccontextmanager
async def leads_connected(settings: Settings, hub: Hub) -> AsyncIterator[Leads]:
    """The settings' account of leads.

    Raises:
        BadConfigurationError: A setting is missing or malformed.
        BadCredentialError: The stored credential cannot be decrypted.
    """
    async with open_leads(settings, hub) as opened:
        yield opened


async def examine_vendor(
    settings: Settings, hub: Hub, scopes: Mapping[str, Sequence[str]], custom: Iterable[str]
) -> list[Finding]:
    """What a look at the settings' location finds, and at their account of leads where they have one.

    Args:
        scopes: What each automation needs, by its name.
        custom: Keys of the custom fields that mappings name.
    """
    found = await examine_highlevel(settings, hub, scopes, custom)
    return found + (await examine_lusha(settings, hub) if key.is_set(settings) else [])


@dataclass(frozen=True, slots=True)
class Called:
    """What came of an operation.

    Args:
        place: Of whom it was asked, for people.
        requests: How many were sent.
    """

    answer: Any
    place: str
    requests: int


def prepared(settings: Settings, name: str, parameters: Mapping[str, Any]) -> PreparedRequest:
    """An operation's request, without asking anybody.

    Raises:
        BadConfigurationError: Operation or parameters are wrong.
    """
    action = catalogs.action(name)
    if isinstance(action, LushaAction):
        return lusha_operations.prepare(action, parameters, settings.lusha_table_owner)
    assert isinstance(action, HighLevelAction)  # noqa: S101 - there is no third vendor
    version, location_id = settings.highlevel_version, settings.location()
    return highlevel_operations.prepare(action, parameters, location_id=location_id, version=version)


async def call_operation(
    settings: Settings,
    hub: Hub,
    name: str,
    parameters: Mapping[str, Any],
    *,
    dry_run: bool = False,
    max_credits: float = 0,
) -> Called:
    """Call an operation of any vendor's.

    Args:
        dry_run: The answer is the request as it would be sent, with what it may cost.
        max_credits: What it may cost.

    Raises:
        BadConfigurationError: Operation or parameters are wrong, or it may cost more; nothing was sent.
        LushaConnectError: As the vendor's client says.
    """
    if isinstance(catalogs.action(name), LushaAction):
        return await _call_lusha(settings, hub, name, parameters, None if dry_run else max_credits)
    async with connect_highlevel(settings, hub) as client:
        answer = await highlevel_operations.call(client, name, parameters, dry_run=dry_run)
        return Called(answer, f"location {client.location_id}", client.requests)


async def _call_lusha(
    settings: Settings, hub: Hub, name: str, parameters: Mapping[str, Any], most: float | None
) -> Called:
    owner = settings.lusha_table_owner
    async with connect_lusha(settings, hub) as client:
        if most is None:
            answer = await lusha_operations.try_out(client, name, parameters, owner)
        else:
            who = Who(client.account, settings.location_id, uuid4().hex, "run_operation")
            purse = lusha_operations.Purse(hub, who, Caps.of(settings, most), most)
            answer = await lusha_operations.call(client, name, parameters, purse, owner)
        return Called(answer, "Lusha", client.requests)
