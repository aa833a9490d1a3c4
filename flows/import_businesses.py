"""Import: businesses of a file, or of a query of the hub, into HighLevel: planned, shown, then applied.

Nothing is written that the plan does not hold, and the plan stays: to look at, to go on with, to undo.
"""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from flows.parameters import ApprovalHours, Approve, BatchSize, Connection, DryRun, MappingName, Recheck
from tasks.edge.importing import Asked, import_records

NAME = "import_businesses"


def _run_name() -> str:
    asked = flow_run.parameters
    return f"import {asked.get('file') or 'a query'}, dry run {asked.get('dry_run')}"


@flow(name=NAME, flow_run_name=_run_name, persist_result=False)
async def import_businesses(
    file: str = "",
    query: str = "",
    dry_run: DryRun = False,
    approve: Approve = False,
    mapping: MappingName = "file_to_business",
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
    """Bring businesses into HighLevel: new ones are made, known ones get what the mapping's policies allow.

    Args:
        file: A CSV, Excel (xlsx, xls, ods) or JSON Lines file, where the worker can read it.
        query: Instead of a file: a SELECT over the hub's database.
        columns: Header of the file: what it is (company, website, ...), where the guess is wrong.
        sheet: Name of the Excel sheet; empty for the first.
        encoding: Of a CSV file; empty to find out.
        delimiter: Of a CSV file; empty to find out.
        system: Whose ids the records have, e.g. hubspot: links are kept under it. Empty for file or hub.

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
        recheck=recheck,
        approval_hours=approval_hours,
        connection=connection,
        batch_size=batch_size,
    )
    return await import_records(NAME, asked)
