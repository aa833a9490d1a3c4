"""``lusha-connect journal``: what changed in HighLevel's records, when, and whose doing that was."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.lazy import group
from cli.options import Json, Limit

app = group("What changed in HighLevel, when, and whose doing that was.")

Since = Annotated[
    str,
    typer.Option(metavar="WHEN", help="Only since then: 2026-11-01, 2026-11-01T09:30, or 2h, 3d, 4w ago."),
]


@app.command("list")
def list_(
    since: Since = "",
    stream: Annotated[str, typer.Option(metavar="STREAM", help="Only of e.g. contacts or notes.")] = "",
    record: Annotated[str, typer.Option(metavar="RECORD", help="Only of the record with this id.")] = "",
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="Only loaded, created, updated or deleted ones.")
    ] = "",
    whose: Annotated[
        str, typer.Option(metavar="WHOSE", help="Only changes made in highlevel, or ours.")
    ] = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """The changes, the newest last."""
    from cli.journal.commands import list_entries

    raise typer.Exit(list_entries(since, stream, record, kind, whose, limit, as_json=json))


@app.command()
def show(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Its id in HighLevel, or its e-mail.")],
    json: Json = False,
) -> None:
    """What became of one record, and of what hangs on it, from the first entry to the last."""
    from cli.journal.commands import show as command

    raise typer.Exit(command(record, as_json=json))
