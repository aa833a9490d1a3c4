"""Import: contacts of a file, or of a query of the hub, into HighLevel: planned, shown, then applied.

Nothing is written that the plan does not hold, and the plan stays: to look at, to go on with, to undo.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from flows.parameters import ApprovalHours, Approve, BatchSize, Connection, DryRun, MappingName, Recheck
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import Settings
from tasks.edge import approval
from tasks.edge.connections import settings_for
from tasks.edge.session import open_session
from tasks.extract.files import FileSource, open_file
from tasks.extract.query import QuerySource
from tasks.plan import preview
from tasks.run import applying, planning
from tasks.run.pipeline import Session

NAME = "import_contacts"


def _run_name() -> str:
    asked = flow_run.parameters
    return f"import {asked.get('file') or 'a query'}, dry run {asked.get('dry_run')}"


@flow(name=NAME, flow_run_name=_run_name, persist_result=False)
async def import_contacts(
    file: str = "",
    query: str = "",
    dry_run: DryRun = False,
    approve: Approve = False,
    mapping: MappingName = "file_to_contact",
    columns: dict[str, str] = {},  # noqa: B006 - the form shows it; nobody changes it
    sheet: str = "",
    encoding: str = "",
    delimiter: str = "",
    system: str = "",
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Bring contacts into HighLevel: new ones are made, known ones get what the mapping's policies allow.

    Args:
        file: A CSV, Excel (xlsx, xls, ods) or JSON Lines file, where the worker can read it.
        query: Instead of a file: a SELECT over the hub's database.
        columns: Header of the file: what it is (first_name, email, ...), where the guess is wrong.
        sheet: Name of the Excel sheet; empty for the first.
        encoding: Of a CSV file; empty to find out.
        delimiter: Of a CSV file; empty to find out.
        system: Whose ids the records have, e.g. hubspot: links are kept under it. Empty for file or hub.

    Returns:
        Counts, the plan's id and its bill.
    """
    if bool(file) == bool(query):
        raise BadConfigurationError(
            "Give either a file or a query.",
            remedy="Fill in one of the two parameters, e.g. file=contacts.csv.",
        )
    settings = await settings_for(connection)
    location_id = settings.location()
    opened: FileSource | None = None
    if file:  # what is wrong with it is said before anything is asked or written
        opened = open_file(
            file,
            columns=columns,
            sheet=sheet,
            encoding=encoding,
            delimiter=delimiter,
            location_id=location_id,
        )
    asked: dict[str, Any] = {"file": file, "query": query, "dry_run": dry_run, "approve": approve}
    async with (
        open_session(NAME, connection=connection, mapping=mapping, **asked) as session,
        _source(session, opened, query, settings) as source,
        applying.begin(session.lanes[0]) as work,
    ):
        plan = await planning.make(
            work,
            source,
            system=system or ("file" if file else "hub"),
            as_of=session.connection.theirs(source.as_of),
            about=file or "a query of the hub",
            size=batch_size,
            recheck=recheck,
        )
        await approval.carry_out(
            work,
            plan,
            dry_run=dry_run,
            approve=approve,
            recheck=recheck,
            hours=approval_hours,
            about=_columns(opened),
        )
    return session.run.tally.counts() | session.run.tally.more


def _columns(source: FileSource | None) -> str:
    """How the file's columns were taken, as Markdown."""
    if source is None:
        return ""
    lines = ["| column | is taken for | why | for example |", "|---|---|---|---|"]
    for column in source.columns:
        cells = (column.header, column.name or "left out", column.why, ", ".join(column.examples[:2]))
        lines.append(f"| {' | '.join(map(preview.cell, cells))} |")
    return "\n".join(["### Columns of the file", "", *lines])


@asynccontextmanager
async def _source(
    session: Session, opened: FileSource | None, query: str, settings: Settings
) -> AsyncIterator[FileSource | QuerySource]:
    """The file, or else the query: looked at before anything is done, and closed whatever happens."""
    if opened is not None:
        yield opened
        return
    url = settings.query_url.get_secret_value() if settings.query_url else ""
    stream, location_id = session.lanes[0].mapping.source, session.run.location_id
    asked = QuerySource(session.hub, stream, location_id, query, seconds=settings.query_seconds, url=url)
    async with aclosing(asked):
        await asked.check()
        yield asked
