"""Run operation: one operation of HighLevel's or Lusha's API, chosen by a person, its answer as an artifact.

For what no automation does. It is a dry run until the form says otherwise, and costs nothing until the form
allows it, so that nobody changes a CRM or spends credits by accident.
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
from tasks.edge.connectors import call_operation
from tasks.edge.ending import automation
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.vendors import catalogs
from tasks.vendors.catalog.redaction import redact

NAME = "run_operation"
CALLABLE = sorted(name for name, action in catalogs.actions().items() if not action.refused)


@automation(NAME, lambda asked: named(asked["operation"], asked))
async def run_operation(
    operation: Annotated[str, Field(json_schema_extra={"enum": CALLABLE})],
    parameters: dict[str, Any] = {},  # noqa: B006 - the form shows it; nobody changes it
    dry_run: bool = True,
    max_credits: Annotated[float, Field(ge=0)] = 0,
    connection: Connection = "",
) -> dict[str, int]:
    """Call one operation of HighLevel's or Lusha's API and leave the answer as an artifact.

    Args:
        operation: What to do; docs/operations.md lists them all with their parameters.
        parameters: The operation's parameters by name, as JSON; the location's id is filled in. They stay
            readable in the run's record: no secrets here.
        dry_run: On, nothing is sent: the artifact shows the request, and what it may cost (Lusha is asked for
            its price list, which is free). Off, the operation is carried out, and
            changes real data in HighLevel or Lusha.
        max_credits: What an operation of Lusha's may cost at most; one that may cost more is refused.

    Returns:
        How many requests were sent.
    """
    settings = await settings_for(connection)
    report.begin(settings, settings.location())
    with closing(Hub(settings.hub_url)) as hub:
        await asyncio.to_thread(schema.require_current, hub)
        called = await call_operation(
            settings, hub, operation, parameters, dry_run=dry_run, max_credits=max_credits
        )
    about = "dry run: nothing was sent, this is the request" if dry_run else "the answer"
    title = f"{operation} · {called.place} · {about}"
    await report.publish_answer(NAME, settings.location(), title, redact(called.answer))
    return {"requests": called.requests}
