"""``lusha-connect operations``: what the vendors can do and tell, looked up and called by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.lazy import group
from cli.options import DryRun, Json

app = group("HighLevel's and Lusha's operations and events: look them up, call them.")


@app.command("list")
def list_(
    vendor: Annotated[
        str | None, typer.Option(metavar="VENDOR", help="Of one vendor: highlevel or lusha.")
    ] = None,
    product: Annotated[
        str | None, typer.Option(metavar="PRODUCT", help="Of one product, e.g. contacts.")
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="action or trigger.")] = None,
    json: Json = False,
) -> None:
    """Every action that can be called and every event that is sent."""
    from cli.operations.commands import list_operations

    raise typer.Exit(list_operations(vendor, product, kind, as_json=json))


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="OPERATION",
            help="e.g. contacts.get-contact or ContactCreate",
            autocompletion=completion.operations,
        ),
    ],
    json: Json = False,
) -> None:
    """One operation whole: request, scope, parameters, what to know about it."""
    from cli.operations.commands import show_operation

    raise typer.Exit(show_operation(name, as_json=json))


@app.command()
def call(
    name: Annotated[
        str,
        typer.Argument(
            metavar="OPERATION", help="e.g. contacts.get-contact", autocompletion=completion.actions
        ),
    ],
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="Parameter; a list as a,b. Repeat it."),
    ] = None,
    body: Annotated[
        str | None, typer.Option(metavar="JSON", help="More parameters, as a JSON object or @file.")
    ] = None,
    max_credits: Annotated[
        float, typer.Option(min=0, metavar="NUMBER", help="Credits that it may cost at most.")
    ] = 0,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Call an action; it changes real data. Exit code: 0 done, 1 failed, 2 refused.

    One that may cost more credits than --max-credits is refused; --dry-run shows what it may cost.
    """
    from cli.operations.commands import call_operation

    raise typer.Exit(
        call_operation(name, param or [], body, dry_run=dry_run, max_credits=max_credits, as_json=json)
    )


@app.command(hidden=True)
def page(
    output: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="File; standard output by default.")
    ] = None,
) -> None:
    """Write docs/operations.md from the catalog."""
    from cli.operations.page import write

    raise typer.Exit(write(output))
