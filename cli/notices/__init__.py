"""``lusha-connect notices``: what people are to be told, what could not be delivered, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.lazy import group
from cli.options import Json, Limit

app = group("What rules tell people, and what could not be delivered.")

Reference = Annotated[str, typer.Argument(metavar="NOTICE", help="Its reference, or the beginning of it.")]


@app.command("list")
def list_(
    channel: Annotated[str, typer.Option(metavar="CHANNEL", help="Only of this channel.")] = "",
    all_: Annotated[bool, typer.Option("--all", help="Also those that were sent or dropped.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """The notices that wait, the newest last, and why they could not be delivered."""
    from cli.notices.commands import list_notices

    raise typer.Exit(list_notices(channel, limit, everything=all_, as_json=json))


@app.command()
def show(notice: Reference, json: Json = False) -> None:
    """One notice whole: its text, how often it was tried, and the rule and journal entry that made it."""
    from cli.notices.commands import show as command

    raise typer.Exit(command(notice, as_json=json))


@app.command()
def drop(notice: Reference, json: Json = False) -> None:
    """Let a notice that waits never be sent."""
    from cli.notices.commands import drop as command

    raise typer.Exit(command(notice, as_json=json))
