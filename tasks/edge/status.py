"""How a location stands, for the person in charge: last syncs, what waits, quota, schedules, worker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import PrefectClient, get_client
from prefect.settings import PREFECT_API_URL

from tasks.core.errors import LushaConnectError
from tasks.core.findings import Finding, Status, failed, ok, warning
from tasks.core.remedies import by_deployment
from tasks.core.settings import Settings
from tasks.core.words import counted
from tasks.edge.connectors import account_of
from tasks.edge.examination import prefect_server
from tasks.hub import schema
from tasks.hub.budget import Quota, announced
from tasks.hub.engine import Hub
from tasks.hub.status import LastRun, LocationStatus, status_of
from tasks.plan.preview import cell
from tasks.streams import STREAMS

OLD = timedelta(days=1)
"""From what age on a sync is worth a look; the shipped schedules run it every hour at least."""

FEW = 5_000
"""Requests that are little for the rest of a day; HighLevel grants 200,000 a day."""

UNSEEN = timedelta(minutes=2)
"""After how long without a word a worker counts as away; it speaks every 30 seconds."""

_ORDER = (Status.FAILED, Status.WARNING, Status.OK)
_MARKS = {Status.FAILED: "✗", Status.WARNING: "!", Status.OK: "✓"}

SYNCS = sorted(
    {one.mirror.synced_by for one in STREAMS.values() if one.mirror is not None and one.mirror.synced_by}
)


async def location_status(settings: Settings) -> list[Finding]:
    """Look at the hub and at Prefect's server; HighLevel is asked nothing.

    Raises:
        BadConfigurationError: The hub's URL is none, or no location is set.
    """
    now = datetime.now(UTC)
    return await asyncio.to_thread(_hub, settings, now) + await _prefect(now)


def _hub(settings: Settings, now: datetime) -> list[Finding]:
    location_id = settings.location()
    with closing(Hub(settings.hub_url)) as hub:
        try:
            schema.require_current(hub, make=False)
        except LushaConnectError as error:
            return [failed("hub", error)]
        quota = announced(hub, account_of(settings))
        found = status_of(hub, location_id)
    return [
        ok("hub", f"{hub.place}, location {location_id}"),
        *_of_runs(found, now),
        *_of_work(found),
        _of_quota(quota),
    ]


def _of_runs(found: LocationStatus, now: datetime) -> Iterator[Finding]:
    """How each automation went last; a sync that never ran or is old is told, too."""
    ran = {run.automation: run for run in found.runs}
    for name in sorted({*ran, *SYNCS}):
        yield _of_run(ran[name], now) if name in ran else ok(name, "It has not run yet.")


def _of_run(run: LastRun, now: datetime) -> Finding:
    again = by_deployment(run.automation, f"run {run.automation}")
    done = f"completed {age(run.completed_at, now)} ago" if run.completed_at else "never completed"
    if run.state in {"failed", "interrupted"}:
        why = f": {run.error.splitlines()[0]}" if run.error else ""
        return Finding(
            run.automation, Status.FAILED, f"The last run {_ended(run.state)}{why}; {done}.", again
        )
    if run.automation in SYNCS and run.state != "running" and now - (run.completed_at or run.began_at) > OLD:
        return warning(run.automation, f"The last run was {done}.", f"Is a worker there? {again}")
    return ok(run.automation, "It is running." if run.state == "running" else f"{done}.".capitalize())


def _ended(state: str) -> str:
    return "failed" if state == "failed" else "was interrupted"


def _of_work(found: LocationStatus) -> Iterator[Finding]:
    """What waits for a person, and what is kept out."""
    if found.waiting:
        told = f"{len(found.waiting):,} wait for approval: {_named(found.waiting)}."
        yield warning("plans to approve", told, "Resume their runs in the Prefect UI.")
    if found.stopped:
        told = f"{len(found.stopped):,} were begun and not finished: {_named(found.stopped)}."
        last = found.stopped[0]
        yield warning("unfinished plans", told, by_deployment("apply_plan", f"plans apply {last}", plan=last))
    if not found.waiting and not found.stopped:
        yield ok("plans", "None waits, none is unfinished.")
    if found.reviews:
        yield warning("reviews", f"{found.reviews:,} open.", "Decide them: lusha-connect reviews list")
    else:
        yield ok("reviews", "None is open.")
    if found.undelivered:
        told = f"{counted(found.undelivered, 'notice')} did not arrive; every run tries again."
        yield warning("notices", told, "See why: lusha-connect notices list")
    kept_out = ", ".join(f"{count:,} of {stream}" for stream, count in sorted(found.rejects.items()))
    yield ok("rejects", f"{kept_out}: lusha-connect rejects list" if kept_out else "None.")


def _of_quota(quota: Quota | None) -> Finding:
    if quota is None or quota.daily_remaining is None:
        return ok("quota", "None has been announced yet.")
    told = f"{counted(quota.daily_remaining, 'request')} left today."
    if quota.daily_remaining < FEW:
        return warning("quota", told, "What does not fit waits until it is reset.")
    return ok("quota", told)


async def _prefect(now: datetime) -> list[Finding]:
    if not PREFECT_API_URL.value():
        return [ok("prefect server", "None is configured: no schedules, no worker.")]
    there = await prefect_server()
    if there.status is Status.FAILED:
        return [there]
    async with get_client() as client:
        return [there, *await _scheduled(client, now)]


async def _scheduled(client: PrefectClient, now: datetime) -> list[Finding]:
    """Which deployments are on a schedule, and whether a worker is there for them."""
    ours = [one for one in await client.read_deployments() if "lusha-connect" in one.tags]
    on = sorted(one.name for one in ours if not one.paused and any(each.active for each in one.schedules))
    told = f"On a schedule: {', '.join(on)}." if on else "No deployment is on a schedule."
    found = [ok("schedules", told)]
    for pool in sorted({one.work_pool_name for one in ours if one.work_pool_name}):
        seen = [one.last_heartbeat_time for one in await client.read_workers_for_work_pool(pool)]
        last = max((at for at in seen if at is not None), default=None)
        start = f"Start one: prefect worker start --pool {pool}"
        if last is None:
            found.append(warning("worker", f"None has been seen in the pool {pool}.", start))
        elif now - last > UNSEEN:
            found.append(
                warning("worker", f"The last was seen {age(last, now)} ago in the pool {pool}.", start)
            )
        else:
            found.append(ok("worker", f"Seen {age(last, now)} ago in the pool {pool}."))
    return found


def page(found: Sequence[Finding]) -> str:
    """The status as a page of Markdown, what needs a person first."""
    worst_first = sorted(found, key=lambda one: _ORDER.index(one.status))
    lines = [
        f"| {_MARKS[one.status]} | {one.name} | {cell(one.found)} | {cell(one.remedy)} |"
        for one in worst_first
    ]
    need = sum(one.status is not Status.OK for one in found)
    head = "All is well." if not need else f"**{need} of {counted(len(found), 'check')} need a person.**"
    return "\n".join([head, "", "| | what | how it stands | what to do |", "|---|---|---|---|", *lines])


def _named(plan_ids: list[str]) -> str:
    shown = ", ".join(plan_ids[:3])
    return f"{shown} and {len(plan_ids) - 3:,} more" if len(plan_ids) > 3 else shown  # noqa: PLR2004 - a line's


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits: ``3 minutes``."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return counted(seconds // length, unit)
    return counted(seconds, "second")
