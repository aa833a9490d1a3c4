"""``lusha-connect rules``: rules files checked, and tried on real records without writing any."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.lazy import group
from cli.options import Json

app = group("Check and try rules.")


@app.command()
def validate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Rules files or their names; all of mappings/ by default."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask HighLevel whether it knows the names in them.")
    ] = False,
    json: Json = False,
) -> None:
    """Check rules: keys, paths, operators, dates, and the names that HighLevel must know."""
    from cli.rules.commands import validate as command

    raise typer.Exit(command(files or [], offline=offline, as_json=json))


@app.command()
def preview(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Rules file, or its name.")],
    sample: Annotated[int, typer.Option(min=1, max=500, help="Records of the hub to try.")] = 10,
    json: Json = False,
) -> None:
    """Show for real records which rule would do what, which would not, and why; nothing is written."""
    from cli.rules.commands import preview as command

    raise typer.Exit(command(file, sample, as_json=json))
