"""A run's page of credits in Prefect's UI: what ``lusha-connect credits`` shows at a terminal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from tasks.core.settings import Settings
from tasks.edge import report
from tasks.edge.balance import COLUMNS, Balance, rows, sentences
from tasks.hub.caps import Caps, in_credits
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.spent import credit_status
from tasks.plan.preview import cell
from tasks.vendors.leads import Usage

DAYS = 30
"""Of so many days the page tells what was spent."""


async def publish(hub: Hub, run: Run, usage: Usage) -> None:
    """Leave the page, under a key of the run's location; none where the run neither spent nor would spend.

    Args:
        run: Whose tally tells what was spent (``credits``: ``spent``, ``would_cost``).
        usage: What the vendor said when the run began.
    """
    own = run.tally.more.get("credits", {})
    if not any(own.get(name) for name in ("spent", "would_cost")):
        return
    caps = Caps.of(report.told_here().settings or Settings())
    status = await asyncio.to_thread(credit_status, hub, caps, datetime.now(UTC) - timedelta(days=DAYS))
    this_run = f"This run of {run.automation}: {in_credits(own.get('spent', 0))} spent"
    lines = [this_run, *sentences(Balance(usage), status)]
    lines[1] += ", when it began"
    table = [tuple(COLUMNS), ("---",) * len(COLUMNS), *(tuple(map(cell, row)) for row in rows(status.spent))]
    page = [*(f"* {cell(line)}" for line in lines), "", *(f"| {' | '.join(row)} |" for row in table)]
    text = "\n".join(["### Credits", "", *page])
    await report.publish_page("lusha-connect", run.location_id, "credits", text, this_run)
