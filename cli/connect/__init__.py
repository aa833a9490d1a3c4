"""``lusha-connect connect``: a person allows the app in the browser, the tokens go to the hub."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.lazy import group
from cli.options import Json

app = group("Connect an account through the browser.")


@app.command()
def highlevel(
    name: Annotated[str, typer.Option(help="What settings will call the credential.")] = "highlevel",
    scope: Annotated[
        list[str] | None, typer.Option(help="A scope to ask for; repeat it. contacts.readonly by default.")
    ] = None,
    agency: Annotated[
        bool, typer.Option("--agency", help="Install on the agency, for its locations.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Of the address the browser returns to.")
    ] = 8765,
    redirect_url: Annotated[
        str, typer.Option(help="The app's redirect URL, where another leads to that address.")
    ] = "",
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for the browser.")] = 300,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the page's address.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Even if the credential is another location's now.")
    ] = False,
    json: Json = False,
) -> None:
    """Allow your OAuth app in the browser, and store its tokens encrypted."""
    from cli.connect.highlevel import LEAST_SCOPES, Wish, connect_highlevel

    wish = Wish(
        name=name,
        scopes=scope or LEAST_SCOPES[agency],
        agency=agency,
        port=port,
        redirect_url=redirect_url,
        timeout=timeout,
        browser=not no_browser,
        replace=replace,
    )
    raise typer.Exit(connect_highlevel(wish, as_json=json))
