"""``lusha-connect connections``: the locations that runs may name, and whether they work."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from cli import completion, console
from cli.console import say
from cli.findings_view import show_findings
from cli.lazy import group
from cli.options import Json

app = group("The locations that runs may name as their connection.")

NewName = Annotated[str, typer.Argument(metavar="CONNECTION", help="What runs call it.")]
Name = Annotated[
    str,
    typer.Argument(metavar="CONNECTION", help="What runs call it.", autocompletion=completion.connections),
]


@app.command("list")
def list_connections(json: Json = False) -> None:
    """The environment's own, and those that the hub keeps."""
    from cli.open_hub import open_hub
    from tasks.core.settings import load_settings
    from tasks.hub import connections

    settings = load_settings()
    with open_hub() as hub:
        saved = connections.listed(hub)
    own = {
        "name": connections.ENVIRONMENT,
        "vendor": "highlevel",
        "location_id": settings.location_id,
        "credential": settings.highlevel_credential,
        "account": "",
        "url": settings.highlevel_url,
        "version": settings.highlevel_version,
        "added_at": None,
    }
    found = [own, *map(asdict, saved)]
    if json:
        console.print_json(found)
        return
    columns = dict.fromkeys(("name", "vendor", "location", "credential", "account"), "left")
    token = "(token)" if settings.highlevel_token else "(none)"
    rows = [
        (
            one["name"],
            one["vendor"],
            one["location_id"] or "(none)",
            one["credential"] or token,
            one["account"],
        )
        for one in found
    ]
    console.table("connections", columns, rows)


@app.command()
def add(
    name: NewName,
    credential: Annotated[
        str,
        typer.Option(
            metavar="CREDENTIAL",
            help="A stored credential (lusha-connect credentials list).",
            autocompletion=completion.credentials,
        ),
    ],
    location: Annotated[str, typer.Option(help="The location's id; the credential's by default.")] = "",
    vendor: Annotated[str, typer.Option(help="Whose location it is.")] = "highlevel",
    account: Annotated[str, typer.Option(help="The vendor's account; the credential's by default.")] = "",
    url: Annotated[str, typer.Option(help="Base URL of the API; the settings' by default.")] = "",
    version: Annotated[str, typer.Option(help="API version; the settings' by default.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="In place of one of the same name.")] = False,
    json: Json = False,
) -> None:
    """Keep a location under a name that runs can be given."""
    from cli.open_hub import open_hub
    from tasks.hub import connections
    from tasks.hub.new_connections import checked

    with open_hub(make=True) as hub:
        wish = checked(
            hub,
            name=name,
            vendor=vendor,
            credential=credential,
            location_id=location,
            account=account,
            url=url,
            version=version,
        )
        new = connections.add(hub, wish, replace=replace)
    if json:
        console.print_json(asdict(wish) | {"added": new})
        return
    if not new:
        say(f"{name!r} was there already, the same.")
        return
    say(f"{name!r} is location {wish.location_id} of {vendor}, with credential {credential!r}.")
    say(f"Try it: lusha-connect connections test {name}")
    say(f"Use it: lusha-connect --connection {name} run sync_contacts")


@app.command()
def remove(name: Name, json: Json = False) -> None:
    """Forget a connection; its credential and what was read from its location stay."""
    from cli.open_hub import open_hub
    from tasks.core.errors import BadConfigurationError
    from tasks.hub import connections

    if name == connections.ENVIRONMENT:
        raise BadConfigurationError(
            "The environment's own connection is in no table.",
            remedy="Remove LUSHA_CONNECT_LOCATION_ID from the environment or .env.",
        )
    with open_hub() as hub:
        if not connections.remove(hub, name):
            raise connections.unknown(name, [saved.name for saved in connections.listed(hub)])
    if json:
        console.print_json({"removed": name})
        return
    say(f"Removed {name!r}. Runs and schedules that name it are refused from now on.")


@app.command("test")
def examine_connection(
    name: Annotated[
        str,
        typer.Argument(
            metavar="CONNECTION",
            help="What runs call it; the environment's by default.",
            autocompletion=completion.connections,
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Look at hub, Prefect server, credential, scopes, location, quota, clock, custom fields, and Lusha.

    A few requests that change nothing. Exit code: 0 it works, 1 something failed, 2 refused.
    """
    from cli.automation import quiet_prefect

    quiet_prefect(verbose=False)
    from cli.prefect_server import answers, configured_api
    from flows.scopes import needed
    from tasks.core.findings import Status
    from tasks.edge.connections import settings_for
    from tasks.edge.examination import examine
    from tasks.hub import connections

    api = configured_api()
    settings = asyncio.run(settings_for(name)) if api and answers(api) else connections.settings_for(name)
    found = asyncio.run(examine(settings, needed))
    if json:
        about = {"connection": name or "environment", "location_id": settings.location_id}
        console.print_json(about | {"checks": [asdict(one) for one in found]})
    else:
        show_findings(found)
    raise typer.Exit(int(any(one.status is Status.FAILED for one in found)))
