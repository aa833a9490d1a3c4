"""Which settings a run has: those of the connection that it names.

A name is one of three: ``environment`` (or nothing) for the environment and ``.env``; a connection that the
environment's hub keeps (``lusha-connect connections``); or a Prefect block. One name for both of the latter
is refused: nobody could tell which location is meant.
"""

from __future__ import annotations

import asyncio
from contextlib import closing

from tasks.core.errors import BadConfigurationError, HubUnavailableError, RefusedError
from tasks.core.settings import ENV_FILE, Settings, load_settings
from tasks.edge.blocks import LushaConnectConnection, block_names, block_or_none
from tasks.hub import connections, schema
from tasks.hub.connections import ENVIRONMENT, SavedConnection
from tasks.hub.engine import Hub

ITSELF = ("", ENVIRONMENT, ENV_FILE)
"""How the environment's own connection may be named."""

BLOCK = ", or a block in the Prefect UI (after `prefect block register -m tasks.edge.blocks`)"


async def settings_for(connection: str) -> Settings:
    """The settings of a run.

    Args:
        connection: Name of a connection; "" for the environment's own.

    Raises:
        BadConfigurationError: There is no such connection, two have the name, or a setting is wrong.
        HubSchemaError: The environment's hub, which may know the name, is another version's.
        HubUnavailableError: It cannot be read.
    """
    if connection in ITSELF:
        return load_settings()
    block = await block_or_none(connection)
    try:
        settings, saved = await asyncio.to_thread(_of_the_hub, connection)
    except (RefusedError, HubUnavailableError):
        if block is None:
            raise
        return block.settings()
    if block is not None and saved is not None:
        raise _clash(connection, saved, block)
    if block is not None:
        return block.settings()
    if saved is None:
        known = await asyncio.to_thread(_names, settings)
        raise connections.unknown(connection, sorted({*known, *await block_names()}), more=BLOCK)
    return settings_of(settings, saved)


def settings_of_hub(connection: str) -> Settings:
    """The same where no Prefect server can be asked for a block.

    Raises:
        BadConfigurationError: The hub has no such connection, or a setting is wrong.
    """
    if connection in ITSELF:
        return load_settings()
    settings, saved = _of_the_hub(connection)
    if saved is None:
        raise connections.unknown(connection, _names(settings))
    return settings_of(settings, saved)


def settings_of(settings: Settings, saved: SavedConnection) -> Settings:
    """The environment's settings, with the location, credential and API of a connection."""
    own = {"highlevel_url": saved.url, "highlevel_version": saved.version}
    return settings.model_copy(
        update={
            "location_id": saved.location_id,
            "highlevel_credential": saved.credential,
            "highlevel_token": None,
            **{name: value for name, value in own.items() if value},
        }
    )


def _of_the_hub(name: str) -> tuple[Settings, SavedConnection | None]:
    settings = load_settings()
    with closing(Hub(settings.hub_url)) as hub:
        if not hub.is_there or schema.revision(hub) is None:
            return settings, None  # looking for a name makes no hub
        schema.require_current(hub)
        return settings, connections.find(hub, name)


def _names(settings: Settings) -> list[str]:
    with closing(Hub(settings.hub_url)) as hub:
        if not hub.is_there or schema.revision(hub) is None:
            return []
        return [saved.name for saved in connections.listed(hub)]


def _clash(name: str, saved: SavedConnection, block: LushaConnectConnection) -> BadConfigurationError:
    return BadConfigurationError(
        f"Two connections are named {name!r}: one of the hub (location {saved.location_id})"
        f" and a Prefect block (location {block.location_id}).",
        remedy=f"Remove one: lusha-connect connections remove {name}, or the block in the Prefect UI.",
    )
