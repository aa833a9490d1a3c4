"""``lusha-connect status``: how a location stands, and what needs a person."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import typer

from cli import console
from cli.lazy import command
from cli.options import Json

app = command()


@app.command()
def status(json: Json = False) -> None:
    """Last syncs, what waits, quota, schedules, worker. Exit code: 1 where something needs a person."""
    from cli.automation import quiet_prefect

    quiet_prefect(verbose=False)
    from cli.findings_view import show_findings
    from tasks.core.findings import Status
    from tasks.core.settings import load_settings
    from tasks.edge.status import location_status

    settings = load_settings()
    found = asyncio.run(location_status(settings))
    if json:
        console.print_json({"location_id": settings.location_id, "checks": [asdict(one) for one in found]})
    else:
        show_findings(found)
    raise typer.Exit(int(any(one.status is not Status.OK for one in found)))
