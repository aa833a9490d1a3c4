"""Which settings a run has: those of the connection that it names.

A name is one of three: ``environment`` (or nothing) for the environment and ``.env``; a connection that the
environment's hub keeps (``lusha-connect connections``); or a Prefect block. One name for both of the latter
is refused: nobody could tell which location is meant.
"""

from __future__ import annotations

import asyncio

from tasks.core.errors import BadConfigurationError, HubUnavailableError, RefusedError
from tasks.core.settings import Settings, load_settings
from tasks.edge import report
from tasks.edge.blocks import LushaConnectConnection, block_names, block_or_none
from tasks.hub import connections
from tasks.hub.connections import ITSELF, SavedConnection

BLOCK = ", or a block in the Prefect UI (after `lusha-connect deploy`)"


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
    report.told_here().block = connection if block is not None else ""
    try:
        settings, saved, known = await asyncio.to_thread(connections.look_up, connection)
    except (RefusedError, HubUnavailableError):
        if block is None:
            raise
        return block.settings()
    if block is not None and saved is not None:
        raise _clash(connection, saved, block)
    if block is not None:
        return block.settings()
    if saved is None:
        raise connections.unknown(connection, sorted({*known, *await block_names()}), more=BLOCK)
    return saved.settings(settings)


def _clash(name: str, saved: SavedConnection, block: LushaConnectConnection) -> BadConfigurationError:
    return BadConfigurationError(
        f"Two connections are named {name!r}: one of the hub (location {saved.location_id})"
        f" and a Prefect block (location {block.location_id}).",
        remedy=f"Remove one: lusha-connect connections remove {name}, or the block in the Prefect UI.",
    )
