"""A look at all values of a source before they are mapped, where one alone does not say what it means."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from tasks.mapping.transform.compile import compile_mapping
from tasks.mapping.transform.orders import Columns
from tasks.mapping.transform.zones import zoned_fields
from tasks.run.pipeline import Lane
from tasks.streams.custom_field import CustomField
from tasks.vendors.protocols import Source


async def as_its_columns_are(
    lane: Lane, source: Source, size: int, custom: Mapping[str, CustomField]
) -> Lane:
    """The lane with its mapping as the source's columns turn out to be; what was concluded is told.

    A query is not asked twice: its dates are read as the mapping says.

    Args:
        custom: The location's custom fields by key, those that the mapping uses or all.

    Raises:
        BadMappingError: A value that the mapping itself gives does not fit its custom field.
    """
    columns = Columns(lane.mapping)
    zoned = zoned_fields(lane.mapping)
    if columns and source.total is not None:
        await look(columns, source, size)
        lane.session.run.tally.notes += columns.notes()
    options = columns.options()
    if zoned:
        zone = str(await lane.session.connection.zone())
        options = {name: {**options.get(name, {}), "zone": zone} for name in options.keys() | zoned}
    if not options and not custom:
        return lane
    return replace(lane, mapper=compile_mapping(lane.mapping, options, custom))


async def look(columns: Columns, source: Source, size: int) -> None:
    """Take all of a source's values into account, so many records at a time."""
    position, done = None, False
    while not done:
        batch = await source.read(position, size)
        await asyncio.to_thread(columns.look, batch.records)
        position, done = batch.position, batch.last
