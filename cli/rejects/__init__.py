"""``lusha-connect rejects``: the rows that failed, for the person who corrects the mapping or the source."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import completion
from cli.lazy import group
from cli.options import DryRun, Json, Limit, Output, Raw, RejectId, Verbose

app = group("Rows that failed a check, with the reasons.")

Stream = Annotated[
    str,
    typer.Option(
        metavar="STREAM",
        help="Only of this source stream, e.g. file.contact.",
        autocompletion=completion.sources,
    ),
]
Reason = Annotated[
    str, typer.Option(metavar="WORDS", help='Only with these words in a reason, e.g. "phone number".')
]


@app.command("list")
def list_(stream: Stream = "", reason: Reason = "", limit: Limit = 50, json: Json = False) -> None:
    """The rejects, newest first."""
    from cli.rejects.commands import list_rejects

    raise typer.Exit(list_rejects(stream, reason, limit, as_json=json))


@app.command()
def export(
    stream: Stream = "",
    reason: Reason = "",
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="csv or jsonl.")] = "",
    output: Output = None,
    raw: Raw = False,
    json: Json = False,
) -> None:
    """Write the rejected records with their columns and the reason, to be mended and imported again."""
    from cli.rejects.commands import export as command

    raise typer.Exit(command(stream, reason, format_, output, raw=raw, as_json=json))


@app.command()
def show(record: RejectId, json: Json = False) -> None:
    """One reject whole: every reason and the raw record."""
    from cli.rejects.commands import show_reject

    raise typer.Exit(show_reject(record, as_json=json))


@app.command()
def replay(
    stream: Annotated[
        str,
        typer.Argument(
            metavar="STREAM",
            help="Where they came from, e.g. file.contact; every stream by default.",
            autocompletion=completion.sources,
        ),
    ] = "",
    mapping: Annotated[
        str,
        typer.Option(
            metavar="MAPPING",
            help="Mapping name or file; the one that rejected them by default.",
            autocompletion=completion.mappings,
        ),
    ] = "",
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Try the raw records again, after the mapping was corrected. Exit code: 0 done, 1 failed, 2 refused."""
    from cli.rejects.commands import replay as command

    raise typer.Exit(command(stream, mapping, dry_run=dry_run, as_json=json, verbose=verbose))
