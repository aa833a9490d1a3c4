"""``lusha-connect opt-outs``: somebody wants values removed; what was removed, and what is left to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.lazy import group
from cli.options import DryRun, Json, Limit

app = group("Values whose owners opted out: removed, and kept away.")

OptOut = Annotated[str, typer.Argument(metavar="OPT_OUT", help="Its id, a part of it, or `last`.")]


@app.command("list")
def list_(limit: Limit = 50, json: Json = False) -> None:
    """The receipts, the newest first: how much was removed, and whether HighLevel still has any of it."""
    from cli.opt_outs.commands import list_opt_outs

    raise typer.Exit(list_opt_outs(limit, as_json=json))


@app.command()
def show(opt_out: OptOut, json: Json = False) -> None:
    """One receipt: what was removed where and when, by which plans, and where at HighLevel it still is."""
    from cli.opt_outs.commands import show as command

    raise typer.Exit(command(opt_out, as_json=json))


@app.command()
def add(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="JSON, as Lusha delivers an opt-out.", exists=True, dir_okay=False
        ),
    ] = None,
    email: Annotated[list[str] | None, typer.Option(metavar="ADDRESS", help="An e-mail address.")] = None,
    phone: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="A phone number with its country code.")
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Remove values from the hub for good, and keep them away; HighLevel's part is `remove_opted_out`."""
    from cli.opt_outs.commands import add as command

    raise typer.Exit(command(file, email or [], phone or [], dry_run=dry_run, as_json=json))
