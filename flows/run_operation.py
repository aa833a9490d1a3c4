"""Run operation: one operation of HighLevel's API, chosen by a person, its answer as an artifact.

For what no automation does. It is a dry run until the form says otherwise, so that nobody changes a
CRM by accident.
"""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Annotated, Any

from pydantic import Field

from flows.parameters import Connection
from flows.run_names import named
from tasks.edge import report
from tasks.edge.connections import settings_for
from tasks.edge.ending import automation
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.vendors.highlevel.catalog import operations
from tasks.vendors.highlevel.catalog.catalog import load_catalog
from tasks.vendors.highlevel.catalog.redaction import redact
from tasks.vendors.highlevel.client import connect

NAME = "run_operation"
CALLABLE = sorted(name for name, action in load_catalog().actions.items() if not action.refused)


@automation(NAME, lambda asked: named(asked["operation"], asked))
async def run_operation(
    operation: Annotated[str, Field(json_schema_extra={"enum": CALLABLE})],
    parameters: dict[str, Any] = {},  # noqa: B006 - the form shows it; nobody changes it
    dry_run: bool = True,
    connection: Connection = "",
) -> dict[str, int]:
    """Call one operation of HighLevel's API and leave the answer as an artifact.

    Args:
        operation: What to do; docs/operations.md lists them all with their parameters.
        parameters: The operation's parameters by name, as JSON; the location's id is filled in. They stay
            readable in the run's record: no secrets here.
        dry_run: On, nothing is sent: the artifact shows the request. Off, the operation is carried out, and
            changes real data in HighLevel.

    Returns:
        How many requests were sent.
    """
    settings = await settings_for(connection)
    report.begin(settings, settings.location())
    with closing(Hub(settings.hub_url)) as hub:
        await asyncio.to_thread(schema.require_current, hub)
        async with connect(settings, hub) as highlevel:
            answer = await operations.call(highlevel, operation, parameters, dry_run=dry_run)
            sent, location_id = highlevel.requests, highlevel.location_id
    about = "dry run: nothing was sent, this is the request" if dry_run else "the answer"
    title = f"{operation} · location {location_id} · {about}"
    await report.publish_answer(NAME, location_id, title, redact(answer))
    return {"requests": sent}
