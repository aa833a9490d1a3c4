"""A look at all values of a source before they are mapped, where one alone does not say what it means."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tasks.mapping.transform.compile import compile_mapping
from tasks.mapping.transform.orders import Columns
from tasks.run.pipeline import Lane
from tasks.vendors.protocols import Source


async def as_its_columns_are(lane: Lane, source: Source, size: int) -> Lane:
    """The lane with its mapping as the source's columns turn out to be; what was concluded is told.

    A query is not asked twice: its dates are read as the mapping says.
    """
    columns = Columns(lane.mapping)
    if not columns or source.total is None:
        return lane
    position, done = None, False
    while not done:
        batch = await source.read(position, size)
        await asyncio.to_thread(columns.look, batch.records)
        position, done = batch.position, batch.last
    lane.session.run.tally.notes += columns.notes()
    options = columns.options()
    return replace(lane, mapper=compile_mapping(lane.mapping, options)) if options else lane
