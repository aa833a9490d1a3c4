"""Following changes of job, as a flow asks for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tasks.core.errors import BadConfigurationError
from tasks.edge import credits as credit_page
from tasks.edge.connections import settings_for
from tasks.edge.connectors import leads_connected
from tasks.edge.leads import LEAD_MAPPING
from tasks.edge.session import open_session
from tasks.hub.credits import Caps
from tasks.run.job_changes import Following
from tasks.run.refresh import mirror_lane, refresh
from tasks.run.spending import Spender
from tasks.streams import HUB_CONTACT


async def follow(
    automation: str,
    *,
    url: str,
    tag: str,
    max_contacts: int,
    max_credits: float | None,
    dry_run: bool,
    connection: str,
) -> dict[str, Any]:
    """Bring subscriptions in step with the contacts to be followed, and ask for what was not told.

    Returns:
        Counts, what was done with subscriptions, and what was spent.

    Raises:
        BadConfigurationError: The address is none that Lusha takes, or a setting is wrong.
        StoppedError: The run began and could not go on; what was told is kept.
    """
    if url and (urlsplit(url).scheme != "https" or not urlsplit(url).hostname):
        raise BadConfigurationError(
            "Lusha tells changes to public https addresses alone.", remedy="Write url=https://… or leave it."
        )
    settings = await settings_for(connection)
    asked: dict[str, Any] = {"tag": tag, "max_contacts": max_contacts, "dry_run": dry_run}
    opening = open_session(
        automation, connection=connection, mapping=[LEAD_MAPPING], may_stop=False, exclusive="", **asked
    )
    async with opening as session, leads_connected(settings, session.hub) as leads:
        async with mirror_lane(
            session, HUB_CONTACT.name
        ) as contacts:  # who is followed is said by their tags
            await refresh(contacts)
        usage = await leads.usage()
        spender = Spender(session.lanes[0], leads, Caps.of(settings, max_credits), usage.prices)
        following = Following(session.lanes[0], spender, url, tag, max_contacts)
        try:
            await following.run(dry_run=dry_run)
        finally:
            spent = spender.spent
            session.run.tally.more |= {
                "job_changes": {"chosen": 0} | dict(+following.done),
                "credits": {"spent": spent.total, "stopped": spent.stopped},
            }
            await credit_page.publish(session.hub, session.run, usage)
    if spender.spent.error is not None:  # what was told before is kept
        raise spender.spent.error
    return session.run.tally.counts() | session.run.tally.more
