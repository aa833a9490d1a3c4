"""``lusha-connect reviews``: records whose contact is not certain, and what a person decides on them."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.lazy import group
from cli.options import DecidedId, Json, Limit, ReviewId

app = group("Records whose contact is not certain.")


@app.command("list")
def list_(
    limit: Limit = 50,
    decided: Annotated[
        bool, typer.Option("--decided", help="Those that are decided, the latest first.")
    ] = False,
    json: Json = False,
) -> None:
    """The records that wait for a person, the oldest first."""
    from cli.review.commands import list_decided, list_reviews

    raise typer.Exit((list_decided if decided else list_reviews)(limit, as_json=json))


@app.command()
def accept(
    review: ReviewId,
    contact: Annotated[
        str,
        typer.Argument(metavar="CONTACT", help="Which of the candidates; not needed where there is one."),
    ] = "",
    json: Json = False,
) -> None:
    """Say that the record is one of the candidates."""
    from cli.review.commands import accept as command

    raise typer.Exit(command(review, contact, as_json=json))


@app.command()
def split(review: ReviewId, json: Json = False) -> None:
    """Say that the record is none of the candidates, but a contact of its own."""
    from cli.review.commands import split as command

    raise typer.Exit(command(review, as_json=json))


@app.command()
def reopen(review: DecidedId, json: Json = False) -> None:
    """Take a decision back, as long as no import has followed it; the record waits again."""
    from cli.review.commands import reopen as command

    raise typer.Exit(command(review, as_json=json))
