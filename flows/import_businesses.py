"""Import: businesses of a file, or of a query of the hub, into HighLevel: planned, shown, then applied.

Nothing is written that the plan does not hold, and the plan stays: to look at, to go on with, to undo.
"""

from __future__ import annotations

from typing import Any

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
    MappingName,
    Recheck,
    Sheet,
    System,
)
from flows.run_names import named_import
from tasks.edge.ending import automation
from tasks.edge.importing import Asked, import_records

NAME = "import_businesses"


@automation(NAME, named_import)
async def import_businesses(
    file: ImportFile = "",
    query: ImportQuery = "",
    dry_run: DryRun = False,
    approve: Approve = False,
    mapping: MappingName = "file_to_business",
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
    """Bring businesses into HighLevel: new ones are made, known ones get what the mapping's policies allow.

    Returns:
        Counts, the plan's id and its bill.
    """
    how = {"columns": columns, "sheet": sheet, "encoding": encoding, "delimiter": delimiter}
    asked = Asked(
        file=file,
        query=query,
        mapping=mapping,
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
    return await import_records(NAME, asked)
