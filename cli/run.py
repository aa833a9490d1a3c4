"""``lusha-connect run``: one automation, here and now, in this process."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cli.lazy import command
from cli.options import DryRun, Json, Verbose
from flows.automations import AUTOMATIONS

app = command()


class _Run(TyperCommand):
    """Its help lists the automations; after the name of one, that one's parameters."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Keep the words, for the help: it is shown before they are understood."""
        ctx.meta["automation"] = next((word for word in args if word in AUTOMATIONS), "")
        return super().parse_args(ctx, args)

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """The options, and what they are about."""
        super().format_help(ctx, formatter)
        from cli.parameter_help import show_automations, show_parameters

        if automation := ctx.meta["automation"]:
            show_parameters(automation)
        else:
            show_automations()


@app.command(cls=_Run)
def run(
    automation: Annotated[
        str,
        typer.Argument(
            metavar="AUTOMATION",
            help="Its name; `run AUTOMATION --help` tells its parameters.",
            autocompletion=lambda: list(AUTOMATIONS.items()),
        ),
    ],
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="Parameter; a list as JSON. Repeat it."),
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Run an automation here and now. Exit code: 0 done, 1 failed, 2 refused."""
    from cli.automation import run as command

    raise typer.Exit(command(automation, param or [], dry_run=dry_run, as_json=json, verbose=verbose))
