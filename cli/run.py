"""``lusha-connect run``: one automation, here and now, in this process."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.lazy import command
from cli.options import DryRun, Json, Verbose

app = command()


@app.command()
def run(
    automation: Annotated[str, typer.Argument(help="e.g. sync_contacts or import_contacts")],
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="k=v", help="Parameter; a list as JSON. Repeat it."),
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Run an automation here and now. Exit code: 0 done, 1 failed, 2 refused."""
    from cli.automation import run as command

    raise typer.Exit(command(automation, param or [], dry_run=dry_run, as_json=json, verbose=verbose))
