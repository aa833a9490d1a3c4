"""What every import does: records of a file, or of a query of the hub, planned, shown, then applied.

Nothing is written that the plan does not hold, and the plan stays: to look at, to go on with, to undo.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tasks.core.errors import BadConfigurationError
from tasks.core.settings import Settings
from tasks.core.words import nearest_of_all
from tasks.edge import approval, report
from tasks.edge.connections import settings_for
from tasks.edge.session import open_session
from tasks.extract.files import FileSource, open_file
from tasks.extract.query import QuerySource
from tasks.extract.reading import Reading
from tasks.extract.weighing import CALLING_CODE
from tasks.mapping.fitting import require_import
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.language import Mapping as MappingFile
from tasks.plan import preview
from tasks.run import applying, planning
from tasks.run.pipeline import Session
from tasks.run.planning import HandEdits, Recheck

AGE = "updated_at"
"""The field of a file that says when a record was changed last."""

UNDATED = (
    "The file does not say when its records were changed last: what somebody edited in HighLevel stays."
    " hand_edits=by age overwrites what is older than the file."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked to import, and how; the flows' parameters say more.

    Args:
        how: Of a file: ``columns``, ``sheet``, ``encoding`` and ``delimiter``.
        target: What it is to make; empty for what the automation makes always.
    """

    file: str
    query: str
    mapping: str
    how: Mapping[str, Any]
    system: str
    dry_run: bool
    approve: bool
    hand_edits: HandEdits
    recheck: Recheck
    approval_hours: int
    connection: str
    batch_size: int
    target: str = ""

    def plain(self) -> dict[str, Any]:
        """For the ledger."""
        return {name: getattr(self, name) for name in ("file", "query", "dry_run", "approve")}


async def import_records(automation: str, asked: Asked) -> dict[str, Any]:
    """Import, and report.

    Returns:
        Counts, the plan's id and its bill.

    Raises:
        BadConfigurationError: The file, the query or a setting cannot be used; nothing was written.
        StoppedError: The run began and could not go on.
    """
    if kept := await approval.asked_before(asked.connection):  # the file may be another by now, or gone
        return await approval.apply_kept(
            automation,
            kept,
            connection=asked.connection,
            recheck=asked.recheck,
            hours=asked.approval_hours,
        )
    if bool(asked.file) == bool(asked.query):
        raise BadConfigurationError(
            "Give either a file or a query.",
            remedy="Fill in one of the two parameters, e.g. file=contacts.csv.",
        )
    settings = await settings_for(asked.connection)
    location_id = settings.location()
    opened: FileSource | None = None
    reading: Reading | None = None
    mapping = load_mapping(find_mapping(asked.mapping, MAPPINGS))
    require_import(mapping, automation, asked.target)
    if asked.file:  # what is wrong with it is said before anything is asked or written
        _require_read(asked.how["columns"], mapping)
        opened = open_file(asked.file, stream=mapping.source, location_id=location_id, **asked.how)
        reading = opened.reading.read_by(mapping.names_read())
    opening = open_session(automation, connection=asked.connection, mapping=asked.mapping, **asked.plain())
    async with (
        opening as session,
        _source(session, opened, asked.query, settings) as source,
        applying.begin(session.lanes[0]) as work,
    ):
        if reading is not None:
            session.run.tally.more["file"] = reading.plain()
            if asked.hand_edits == "keep" and not reading.says(AGE):
                session.run.tally.notes.append(UNDATED)
        plan = await planning.make(
            work,
            source,
            system=asked.system or ("file" if asked.file else "hub"),
            as_of=session.connection.theirs(source.as_of),
            about=asked.file or "a query of the hub",
            size=asked.batch_size,
            recheck=asked.recheck,
            hand_edits=asked.hand_edits,
        )
        await approval.carry_out(
            work,
            plan,
            dry_run=asked.dry_run,
            approve=asked.approve,
            recheck=asked.recheck,
            hours=asked.approval_hours,
            about=_page(reading) if reading else "",
        )
    return session.run.tally.counts() | session.run.tally.more


def _require_read(columns: Mapping[str, str], mapping: MappingFile) -> None:
    """Refuse a column that is given as what the mapping does not read: nothing would become of it.

    Raises:
        BadConfigurationError: There is one.
    """
    paths = [one.from_ or "" for one in mapping.fields.values()]
    filling = sorted({path for path in paths if path.isidentifier()})
    for header, name in columns.items():
        if name and name != CALLING_CODE and name not in mapping.names_read():
            raise BadConfigurationError(
                f"`{name}`, given for the column `{header}`, is nothing that {mapping.name} reads.",
                remedy=nearest_of_all(name, filling),
            )


def _page(reading: Reading) -> str:
    """How the file was read, as Markdown; sentences and examples quote the file's values."""
    values = report.told_here().values
    return "\n".join(
        [
            "### How the file was read",
            "",
            preview.cell(reading.head()),
            "",
            *(f"* {preview.cell(sentence)}" for sentence in reading.sentences() if values),
            "",
            "| column | is taken for | why | for example |",
            "|---|---|---|---|",
            *(_line(row if values else (*row[:3], report.LEFT_OUT)) for row, _ in reading.table()),
        ]
    )


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(preview.cell, cells))} |"


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
