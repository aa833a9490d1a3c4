"""Import: tasks, notes, appointments or businesses of a file or a query: planned, shown, then applied.

Nothing is written that the plan does not hold, and the plan stays: to look at, to go on with, to undo.
"""

from __future__ import annotations

from typing import Any, Literal

from flows.parameters import (
    ApprovalHours,
    Approve,
    BatchSize,
    Columns,
    Connection,
    Delimiter,
    DryRun,
    Encoding,
    HandEdits,
    ImportFile,
    ImportQuery,
    Recheck,
    Sheet,
    System,
)
from flows.run_names import named_import
from tasks.edge import importing
from tasks.edge.ending import automation
from tasks.edge.importing import Asked

NAME = "import_records"

Stream = Literal["crm_task", "note", "appointment", "business"]


@automation(NAME, named_import)
async def import_records(
    stream: Stream,
    file: ImportFile = "",
    query: ImportQuery = "",
    dry_run: DryRun = False,
    approve: Approve = False,
    mapping: str = "",
    columns: Columns = {},  # noqa: B006 - the form shows it; nobody changes it
    sheet: Sheet = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    system: System = "",
    hand_edits: HandEdits = "keep",
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Bring records into HighLevel: new ones are made, known ones get what the mapping's policies allow.

    What hangs on a contact names it by its id, HighLevel's or the file's, by e-mail or by phone.

    Args:
        stream: What the records are.
        mapping: Name of the mapping in `mappings/`, or a file; empty for `file_to_` and the stream's name.

    Returns:
        Counts, the plan's id and its bill.
    """
    how = {"columns": columns, "sheet": sheet, "encoding": encoding, "delimiter": delimiter}
    asked = Asked(
        target=f"highlevel.{stream}",
        file=file,
        query=query,
        mapping=mapping or f"file_to_{stream}",
        how=how,
        system=system,
        dry_run=dry_run,
        approve=approve,
        hand_edits=hand_edits,
        recheck=recheck,
        approval_hours=approval_hours,
        connection=connection,
        batch_size=batch_size,
    )
    return await importing.import_records(NAME, asked)
