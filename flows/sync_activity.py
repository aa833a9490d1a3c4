"""Sync: tasks, appointments and notes of a location kept in step with the hub, both ways.

What other programs put into the hub's outboxes goes to HighLevel; what changed there comes into the hub.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from flows.parameters import ActivityMappings, Connection, ContactsAtOnce, MaxDeletedShare
from flows.run_names import placed
from tasks.edge.ending import automation
from tasks.edge.session import open_session
from tasks.run import activity
from tasks.run import outbox as sending

NAME = "sync_activity"


@automation(NAME, lambda asked: placed("sync activity", asked), tells_status=True)
async def sync_activity(
    outbox: bool = True,
    full_pass: Literal["when due", "now"] = "when due",  # noqa: S107 - no password
    contacts_in_turn: Annotated[int, Field(ge=0, le=200_000)] = 100,
    contacts_a_day: Annotated[int, Field(ge=0, le=200_000)] = 20_000,
    max_deleted_share: MaxDeletedShare = 0.2,
    mappings: ActivityMappings = activity.MAPPINGS,
    mapping: str = "",
    connection: Connection = "",
    contacts_at_once: ContactsAtOnce = 200,
) -> dict[str, Any]:
    """Bring the hub's tasks, appointments and notes up to HighLevel's.

    Tasks and appointments are listed whole: HighLevel tells neither what was edited nor what was deleted.
    Skipped while another run does so for the same location.

    Args:
        outbox: On, what waits in the hub's outbox tables is brought into HighLevel first.
        full_pass: Now, the notes of every contact are read again, and another mapping may take over the hub's
            records.
        contacts_in_turn: Notes are read of contacts that somebody changed, a request for each; and of so many
            others, those that were read longest ago: an edited note may leave no trace at its contact.
        contacts_a_day: Notes are read of so many contacts in 24 hours at most; the rest waits.
        mapping: One more mapping, in place of the one above that fills the same records.

    Returns:
        Counts, those of each kind of record, and the share of the contacts whose notes are known.
    """
    asked: dict[str, Any] = {
        "full_pass": full_pass,
        "contacts_in_turn": contacts_in_turn,
        "contacts_a_day": contacts_a_day,
    }
    wanted = activity.with_another(mappings, mapping) + (sending.MAPPINGS if outbox else ())
    whole = full_pass == "now"  # noqa: S105 - no password
    opening = open_session(
        NAME, connection=connection, mapping=wanted, switching=whole, exclusive="", **asked
    )
    async with opening as session:
        tally, [notes] = session.run.tally, filter(activity.is_by_parent, session.lanes)
        await activity.freshen_contacts(session)
        await sending.send(session, size=activity.LISTED_AT_ONCE)
        await activity.read_lists(session, max_deleted_share=max_deleted_share)
        if whole:
            await activity.read_all(notes, activity.ALWAYS, restart=True, size=contacts_at_once)
        await activity.read_moved(
            notes, a_day=contacts_a_day, in_turn=contacts_in_turn, size=contacts_at_once
        )
        tally.more["covered"] = await activity.coverage(notes)
        await session.progress.finish(tally.read)
    return session.run.tally.counts() | session.run.tally.more
