"""The notices of a run: shown, approved where a person is asked, kept, and delivered."""

from __future__ import annotations

import asyncio

from prefect.exceptions import FlowPauseTimeout

from tasks.core.batch import canonical_json, fingerprint
from tasks.core.errors import StoppedError
from tasks.edge import approval, report
from tasks.edge.notices import Delivered, deliver
from tasks.hub.notices import Notice
from tasks.mapping.rules.moments import At
from tasks.plan.preview import cell
from tasks.run.automating import Automating

SHOWN = 200
"""Notices that a page shows."""


async def show(working: Automating) -> str:
    """Leave what is to be told in the Prefect UI; the page."""
    run, found = working.session.run, working.notices
    page = _page(found, values=report.told_here().values)
    await report.publish_page(run.automation, run.location_id, "notices", page, f"{len(found)} notices")
    return page


async def ask(working: Automating, page: str, hours: int) -> None:
    """Wait until a person says go: for exactly these notices.

    Raises:
        Pause: The run is suspended.
        StoppedError: They said no, and these are dropped; or nobody came, and the next run finds them again.
    """
    told = canonical_json([[one.key, one.channel, one.subject, one.text] for one in working.notices])
    key = fingerprint(told)
    try:
        answer = await approval.ask(working.session.run, page, key=key, hours=hours)
    except FlowPauseTimeout:
        raise StoppedError(
            f"Nobody approved the notices within {hours} hours; none was sent, and the next run finds them."
        ) from None
    if not answer.approve:
        working.notices = []
        await asyncio.to_thread(working.remember_alone)
        raise StoppedError("The notices were declined; none is sent.")


async def send(working: Automating, at: At) -> Delivered:
    """Deliver what is due, of this run and of earlier ones; the run's tally tells the end."""
    session = working.session
    done = await deliver(
        session.hub,
        session.run.location_id,
        working.rules.channels,
        zone=at.zone,
        now=session.connection.now(),
    )
    session.run.tally.more["delivered"] = done.counts()
    session.run.tally.notes += done.notes
    return done


def _page(found: list[Notice], *, values: bool) -> str:
    lines = ["| channel | rule | notice |", "|---|---|---|"]
    for one in found[:SHOWN]:
        text = f"{one.subject}: {one.text}" if one.subject else one.text
        lines.append(
            f"| {cell(one.channel)} | {cell(one.rule)} | {cell(text if values else report.LEFT_OUT)} |"
        )
    if len(found) > SHOWN:
        lines.append(f"\n… and {len(found) - SHOWN} more.")
    return "\n".join(lines)
