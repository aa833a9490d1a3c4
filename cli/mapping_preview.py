"""What a mapping makes of a few real records: of HighLevel, a file, a query, or the hub's leads.

Nothing is written, and nothing bought.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field

from cli.open_hub import open_hub
from tasks.core.batch import Batch, MappedBatch
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import load_settings
from tasks.extract.files import open_file
from tasks.extract.lead_rows import as_read, lead_rows
from tasks.extract.query import QuerySource
from tasks.extract.reading import Reading
from tasks.load import leads
from tasks.mapping.checks.checks import compile_checks
from tasks.mapping.language import MAPPINGS, Mapping, find_mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.mapping.transform.orders import Columns
from tasks.run.columns import look
from tasks.streams import SOURCES
from tasks.streams.lead import LUSHA, LUSHA_CONTACT

AT_ONCE = 2_500
"""Rows of a file that are looked at together."""


@dataclass(slots=True)
class Preview:
    """What came of a sample.

    Args:
        reading: How a file was read; None for records of elsewhere.
        notes: What was concluded from all of the file's values.
    """

    mapping: Mapping
    checked: MappedBatch
    reading: Reading | None = None
    notes: list[str] = field(default_factory=list)


async def preview(name: str, size: int, *, file: str, query: str) -> Preview:
    """Map a sample.

    Args:
        name: The mapping's name or file.
        size: How many records at most.
        file: A file whose first rows are taken; empty for none.
        query: A SELECT whose first rows are taken; empty for none.

    Raises:
        RefusedError: Mapping, file, query or settings.
    """
    mapping = load_mapping(find_mapping(name, MAPPINGS))
    mapper, checker = compile_mapping(mapping), compile_checks(mapping)
    if SOURCES[mapping.source].system == LUSHA:
        people, reading = await _of_leads(mapping, size, file, query)
        return Preview(mapping, checker.verdicts(mapper.apply(people)), reading)
    _require_origin(mapping, file, query)
    if not file:
        records = await (_of_query(mapping, size, query) if query else _of_highlevel(mapping, size))
        return Preview(mapping, checker.verdicts(mapper.apply(records)))
    source = open_file(file, stream=mapping.source)
    columns = Columns(mapping)
    if columns:  # what one date leaves open, the others of its column may tell
        await look(columns, source, AT_ONCE)
        mapper = compile_mapping(mapping, columns.options())
    checked = checker.verdicts(mapper.apply(await source.read(None, size)))
    return Preview(mapping, checked, source.reading.read_by(mapping.names_read()), columns.notes())


def _require_origin(mapping: Mapping, file: str, query: str) -> None:
    """A mapping of files reads a file or a query, one of HighLevel's records neither."""
    own = SOURCES[mapping.source].system in ("file", "hub")
    if own and bool(file) == bool(query):
        raise BadConfigurationError(
            f"{mapping.name} reads {mapping.source}: give either a file or a query.",
            remedy="Add --file people.csv, or --query 'SELECT …'.",
        )
    if not own and (file or query):
        fitting = ", ".join(
            dict.fromkeys(one.mapping for one in SOURCES.values() if one.system in ("file", "hub"))
        )
        raise BadConfigurationError(
            f"{mapping.name} reads {mapping.source}, and neither files nor queries.",
            remedy=f"Mappings of files: {fitting}. Of this one HighLevel's own records are shown, without"
            f" {'--file' if file else '--query'}.",
        )


async def _of_leads(mapping: Mapping, size: int, file: str, query: str) -> tuple[Batch, Reading | None]:
    """People of a file of leads, or those whom the hub knows; Lusha is asked for nothing."""
    if mapping.source != LUSHA_CONTACT or query:
        raise BadConfigurationError(
            f"{mapping.name} reads {mapping.source}, and no {'query' if query else 'single records'}.",
            remedy="Look at a dry run: lusha-connect run push_leads --param file=leads.csv --dry-run",
        )
    if file:
        source = open_file(file, stream=mapping.source)
        found = await lead_rows(source)
        some = [{"id": f"row {one.number}", **one.record} for one in found.people[:size]]
        people = Batch(mapping.source, "", some, position={}, last=True, rejects=found.rejects)
        return people, as_read(source.reading)
    location_id = load_settings().location()
    with open_hub(make=True) as hub, hub.read() as connection:
        known = leads.newest(connection, location_id, size)
    if not known:
        raise BadConfigurationError("The hub knows nobody of Lusha's yet.", remedy="Add --file leads.csv.")
    return Batch(mapping.source, location_id, known, position={}, last=True), None


async def _of_query(mapping: Mapping, size: int, query: str) -> Batch:
    settings = load_settings()
    url = settings.query_url.get_secret_value() if settings.query_url else ""
    with open_hub() as hub:
        asked = QuerySource(hub, mapping.source, "", query, seconds=settings.query_seconds, url=url)
        async with aclosing(asked):
            return await asked.read(None, size)


async def _of_highlevel(mapping: Mapping, size: int) -> Batch:
    """The newest contacts of the settings' location; of others the first."""
    from tasks.edge.connectors import connected
    from tasks.vendors.highlevel.api.contacts import search
    from tasks.vendors.highlevel.client import connect
    from tasks.vendors.highlevel.readers.contacts import STREAM

    settings = load_settings()
    with open_hub(make=True) as hub:
        if mapping.source != STREAM:
            async with connected(settings, hub) as opened:
                return await opened.reader(mapping.source).added().read(None, size)
        async with connect(settings, hub) as highlevel:
            page = await search(highlevel, limit=size, sort="dateAdded", direction="desc")
            return Batch(STREAM, highlevel.location_id, page.contacts, position={}, last=True)
