"""Automation: changes of job of contacts that are Lusha's people come into the hub; rules answer them."""

from __future__ import annotations

from typing import Any

from flows.parameters import Connection, DryRun, MaxContacts, MaxCredits, OnlyWithTag, WebhookUrl
from flows.run_names import named
from tasks.edge.ending import automation
from tasks.edge.job_changes import follow

NAME = "sync_job_changes"


@automation(NAME, lambda asked: named("sync job changes", asked))
async def sync_job_changes(
    url: WebhookUrl = "",
    tag: OnlyWithTag = "",
    max_contacts: MaxContacts = 1000,
    max_credits: MaxCredits = 100,
    dry_run: DryRun = False,
    connection: Connection = "",
) -> dict[str, Any]:
    """Follow people: keep Lusha's subscriptions in step, and ask for what was missed, under a cap.

    Returns:
        Counts, what was done with subscriptions, and what was spent.
    """
    return await follow(
        NAME,
        url=url,
        tag=tag,
        max_contacts=max_contacts,
        max_credits=max_credits,
        dry_run=dry_run,
        connection=connection,
    )
