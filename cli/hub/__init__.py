"""``lusha-connect hub``: the hub database made, upgraded and read out."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.lazy import group
from cli.options import Json, Output

app = group("The hub database.")


@app.command()
def upgrade(json: Json = False) -> None:
    """Make the hub, or bring it to this program's schema."""
    from cli.hub.commands import upgrade as command

    raise typer.Exit(command(as_json=json))


@app.command()
def export(
    stream: Annotated[str, typer.Argument(help="e.g. contacts")],
    format_: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    output: Output = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Records deleted in HighLevel, too.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="CSV: also what a spreadsheet would run as a formula, as it is.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a stream's rows as JSON Lines or CSV."""
    from cli.hub.commands import export as command

    raise typer.Exit(command(stream, format_, output, deleted=deleted, raw=raw, as_json=json))
