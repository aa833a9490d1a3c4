"""Backfill: tasks, appointments and notes of a HighLevel location into the hub, with its users and calendars.

Killed at any point and started again, it continues from the last committed batch of contacts.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from flows.parameters import ActivityMappings, Connection, ContactsAtOnce, MaxDeletedShare
from flows.run_names import placed
from tasks.core.clocks import days
from tasks.core.errors import BadConfigurationError
from tasks.edge.ending import automation
from tasks.edge.session import open_session
from tasks.run import activity

NAME = "backfill_activity"


@automation(NAME, lambda asked: placed("backfill activity", asked))
async def backfill_activity(
    added_from: date | None = None,
    added_until: date | None = None,
    dry_run: Annotated[
        bool,
        Field(json_schema_extra={"description": "On, it is only told how many requests the notes take."}),
    ] = False,
    restart: bool = False,
    max_deleted_share: MaxDeletedShare = 0.2,
    mappings: ActivityMappings = activity.MAPPINGS,
    connection: Connection = "",
    contacts_at_once: ContactsAtOnce = 200,
) -> dict[str, Any]:
    """Read all tasks and appointments, and the notes of a location's contacts, into the hub.

    Notes cost a request for each contact; the bill is told before they are read. Skipped while another run
    does so for the same location.

    Args:
        added_from: Notes only of contacts that were added from this day (UTC) on; empty for all.
        added_until: Notes only of contacts that were added until this day; empty for today.
        restart: Read the notes of every contact again, even if an earlier run was interrupted.

    Returns:
        Counts, those of each kind of record, the bill, and the share of the contacts whose notes are known.
    """
    if added_from and added_until and added_from > added_until:
        raise BadConfigurationError(
            f"added_from, {added_from}, is after added_until, {added_until}: no contact was added then.",
            remedy="Give the first day as added_from and the last as added_until.",
        )
    window = days(added_from, added_until)
    asked: dict[str, Any] = {
        "added_from": str(added_from),
        "added_until": str(added_until),
        "restart": restart,
    }
    async with open_session(NAME, connection=connection, mapping=mappings, exclusive="", **asked) as session:
        tally, [notes] = session.run.tally, filter(activity.is_by_parent, session.lanes)
        await activity.freshen_contacts(session)
        tally.more["bill"] = (await activity.bill(notes, window, restart=restart)).plain()
        if not dry_run:
            await activity.read_lists(session, max_deleted_share=max_deleted_share)
            await activity.read_all(notes, window, restart=restart, size=contacts_at_once)
        tally.more["covered"] = await activity.coverage(notes)
        await session.progress.finish(tally.read)
    return session.run.tally.counts() | session.run.tally.more
