"""``lusha-connect credentials``: the hub's encrypted tokens; no command shows one."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import completion
from cli.lazy import group
from cli.options import Json

app = group("Tokens, kept encrypted in the hub.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="CREDENTIAL", help="What settings will call it.")],
    location: Annotated[
        str, typer.Option(help="The location it was made in; the settings' by default.")
    ] = "",
    scope: Annotated[list[str] | None, typer.Option(help="A scope it has, for the list; repeat it.")] = None,
    vendor: Annotated[
        str, typer.Option(metavar="VENDOR", help="Whose it is: highlevel, or lusha for an API key.")
    ] = "highlevel",
    replace: Annotated[bool, typer.Option("--replace", help="In place of one of the same name.")] = False,
    json: Json = False,
) -> None:
    """Store a private integration token or Lusha's API key; it is read from a prompt or standard input."""
    from cli.credentials.commands import add as command

    raise typer.Exit(command(name, location, scope or [], vendor=vendor, replace=replace, as_json=json))


@app.command("list")
def list_(json: Json = False) -> None:
    """Name, kind, location, scopes and end of each; never a token."""
    from cli.credentials.commands import list_credentials

    raise typer.Exit(list_credentials(as_json=json))


@app.command("test")
def try_(
    name: Annotated[
        str,
        typer.Argument(
            metavar="CREDENTIAL", help="The settings' by default.", autocompletion=completion.credentials
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Make one harmless request: does it read the location's contacts, or Lusha's account?"""
    from cli.credentials.commands import test as command

    raise typer.Exit(command(name, as_json=json))


@app.command()
def remove(
    name: Annotated[
        str,
        typer.Argument(metavar="CREDENTIAL", help="Which one.", autocompletion=completion.credentials),
    ],
    json: Json = False,
) -> None:
    """Delete a credential from the hub, and what was made from it."""
    from cli.credentials.commands import remove as command

    raise typer.Exit(command(name, as_json=json))


@app.command("rotate-key")
def rotate_key(json: Json = False) -> None:
    """Encrypt every credential under the first of LUSHA_CONNECT_ENCRYPTION_KEYS."""
    from cli.credentials.commands import rotate_key as command

    raise typer.Exit(command(as_json=json))
