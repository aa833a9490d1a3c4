"""``lusha-connect hub``: the hub database made, upgraded, read out, backed up and restored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.lazy import group
from cli.options import Json, Output, Raw

app = group("The hub database.")


@app.command()
def upgrade(json: Json = False) -> None:
    """Make the hub, or bring it to this program's schema."""
    from cli.hub.commands import upgrade as command

    raise typer.Exit(command(as_json=json))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; its owner alone can read it.")],
    json: Json = False,
) -> None:
    """Copy the hub to a file, also while runs write to it."""
    from cli.hub.commands import backup as command

    raise typer.Exit(command(file, as_json=json))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `hub backup` made.")],
    replace: Annotated[bool, typer.Option("--replace", help="Lose what the hub holds now.")] = False,
    json: Json = False,
) -> None:
    """Put a back-up in the hub's place; stop the workers and every run first."""
    from cli.hub.commands import restore as command

    raise typer.Exit(command(file, replace=replace, as_json=json))


@app.command()
def export(
    stream: Annotated[
        str, typer.Argument(metavar="STREAM", help="e.g. contacts", autocompletion=completion.tables)
    ],
    format_: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    output: Output = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Records deleted in HighLevel, too.")] = False,
    raw: Raw = False,
    json: Json = False,
) -> None:
    """Write a stream's rows as JSON Lines or CSV."""
    from cli.hub.commands import export as command

    raise typer.Exit(command(stream, format_, output, deleted=deleted, raw=raw, as_json=json))
