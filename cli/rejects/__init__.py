"""``lusha-connect rejects``: the rows that failed, for the person who corrects the mapping or the source."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.lazy import group
from cli.options import DryRun, Json, Limit, Verbose

app = group("Rows that failed a check, with the reasons.")


@app.command("list")
def list_(limit: Limit = 50, json: Json = False) -> None:
    """The rejects, newest first."""
    from cli.rejects.commands import list_rejects

    raise typer.Exit(list_rejects(limit, as_json=json))


@app.command()
def show(record: Annotated[str, typer.Argument(help="The record's id.")], json: Json = False) -> None:
    """One reject whole: every reason and the raw record."""
    from cli.rejects.commands import show_reject

    raise typer.Exit(show_reject(record, as_json=json))


@app.command()
def replay(
    stream: Annotated[
        str, typer.Argument(help="Where they came from, e.g. file.contact; every stream by default.")
    ] = "",
    mapping: Annotated[
        str, typer.Option(help="Mapping name or file; the one that rejected them by default.")
    ] = "",
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Try the raw records again, after the mapping was corrected. Exit code: 0 done, 1 failed, 2 refused."""
    from cli.rejects.commands import replay as command

    raise typer.Exit(command(stream, mapping, dry_run=dry_run, as_json=json, verbose=verbose))
