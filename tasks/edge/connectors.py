"""Which vendors a run is connected to: the one place of the engine that knows any by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from tasks.core.findings import Finding
from tasks.core.settings import Settings
from tasks.hub.engine import Hub
from tasks.vendors.highlevel.connection import open_connection
from tasks.vendors.highlevel.examine import examine as examine_highlevel
from tasks.vendors.highlevel.limits import account
from tasks.vendors.leads import Leads
from tasks.vendors.lusha import key
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
