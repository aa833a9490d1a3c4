"""Housekeeping: removes from the hub what is over and older than the setting; asks HighLevel nothing.

Its rules are those of ``tasks/hub/retention.py``. What is removed can no longer be undone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from flows.parameters import Connection
from flows.run_names import named
from tasks.edge.connections import settings_for
from tasks.edge.ending import automation
from tasks.edge.session import hub_session
from tasks.hub.ledger import Run
from tasks.hub.retention import Retention

NAME = "housekeeping"
COUNTED = ("plans", "changes", "runs", "reviews", "notices", "journal")


@automation(NAME, lambda asked: named("housekeeping", asked), tells_status=True)
async def housekeeping(dry_run: bool = False, connection: Connection = "") -> dict[str, Any]:
    """Remove what is over: plans, with what undo needs of them, runs, decided reviews, notices, journal.

    Only what is older than LUSHA_CONNECT_KEEP_DAYS goes; contacts, links, provenance, rejects, open
    reviews and notices that wait never do.

    Args:
        dry_run: On, it is only counted what would be removed.

    Returns:
        How much was removed, or would be: plans, changes, runs, reviews, notices, entries of the journal.
    """
    settings = await settings_for(connection)
    days = settings.keep_days
    async with hub_session(NAME, settings, dry_run=dry_run, keep_days=days) as (hub, run):
        work = Retention(hub, run.location_id, days)
        if dry_run:
            _tell(run, "to_remove", await asyncio.to_thread(work.count))
        else:
            await _remove(work, run)
    return run.tally.more


async def _remove(work: Retention, run: Run) -> None:
    done: Counter[str] = Counter()
    _tell(run, "removed", done)
    while (more := await asyncio.to_thread(work.step)) is not None:
        done += more
        _tell(run, "removed", done)


def _tell(run: Run, what: str, found: Counter[str]) -> None:
    run.tally.more = {what: {name: found[name] for name in COUNTED}}
