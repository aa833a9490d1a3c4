"""What a run tells: progress while it works, artifacts in the Prefect UI when it is done.

Progress also goes to a listener, which the command line sets to draw its bar.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import orjson
from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.core.batch import Tally
from tasks.core.errors import AlreadyRunningError

ProgressListener = Callable[[int, int | None], None]
"""Called with records done and, where known, records in all."""

tally_listener: ContextVar[Tally | None] = ContextVar("tally_listener", default=None)
"""A tally to which a run adds its own when it ends, for a caller in the same process."""

progress_listener: ContextVar[ProgressListener | None] = ContextVar("progress_listener", default=None)


SHOWN_CHARACTERS = 50_000
"""What an artifact shows of an answer; a search page with all its fields is some 200,000."""


TOLD = ("applied", "removed", "to_remove")
"""Counts that only some automations have, by the name under which their tally tells them."""


class ProgressReport:
    """A run's progress, as an artifact that is updated in place and to the listener if there is one."""

    def __init__(self, automation: str, location_id: str) -> None:
        self._key = artifact_key(automation, location_id, "progress")
        self._artifact: UUID | None = None

    async def show(self, done: int, total: int | None) -> None:
        """Say how far the run is."""
        if listener := progress_listener.get():
            listener(done, total)
        percent = min(100.0, 100.0 * done / total) if total else 0.0
        if self._artifact is None:
            self._artifact = await acreate_progress_artifact(
                percent, key=self._key, description=f"{total or 'unknown'} records to read"
            )
        else:
            await aupdate_progress_artifact(self._artifact, percent)

    async def finish(self, done: int) -> None:
        """Say that all is done."""
        await self.show(done, done or 1)


def skipped(error: AlreadyRunningError) -> State[Any]:
    """The end of a run that another one makes needless: completed, and by its name and message not done."""
    if (listener := tally_listener.get()) is not None:
        listener.add(Tally(more={"skipped": error.what}))
    return Completed(name="Skipped", message=error.what)


async def publish(automation: str, location_id: str, tally: Tally, ended: str) -> None:
    """Leave the run's summary in the Prefect UI: a table of counts and one of reject reasons.

    Args:
        ended: How the run ended, in words; shown above the counts.
    """
    if (listener := tally_listener.get()) is not None:
        listener.add(tally)
    counts = [{"what": name, "count": number} for name, number in tally.counts().items()]
    steps = [{"what": f"seconds: {step}", "count": round(s, 2)} for step, s in tally.seconds.items()]
    told = [
        {"what": f"{name.replace('_', ' ')}: {what}", "count": number}
        for name in TOLD
        for what, number in tally.more.get(name, {}).items()
    ]
    about = f"**{automation}** · location `{location_id}` · {ended}"
    await acreate_table_artifact(
        counts + told + steps, key=artifact_key(automation, location_id, "summary"), description=about
    )
    reasons = [
        {"what": kind, "reason": reason, "rows": number}
        for kind, counter in (("rejected", tally.reasons), ("warning", tally.warnings))
        for reason, number in counter.most_common()
    ]
    reasons += [
        {"what": "left out", "reason": f"{name} {problem}, e.g. {some}", "rows": number}
        for name, problem, number, some in tally.dropped.rows()
    ]
    key = artifact_key(automation, location_id, "rejects")
    await acreate_table_artifact(reasons, key=key, description=f"{about} · reject reasons")


async def publish_answer(automation: str, location_id: str, title: str, answer: Any) -> None:
    """Leave one answer in the Prefect UI, as JSON for reading, cut where it is very long.

    Args:
        title: What was asked, in one line.
        answer: JSON; without secrets, which are the caller's to take out.
    """
    text = orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode()
    cut = f"\n\nCut: {len(text):,} characters in all." if len(text) > SHOWN_CHARACTERS else ""
    fence = "`" * 8  # an answer may hold fences of its own
    page = f"### {title}\n\n{fence}json\n{text[:SHOWN_CHARACTERS]}\n{fence}{cut}\n"
    await acreate_markdown_artifact(page, key=artifact_key(automation, location_id), description=title)


async def publish_page(automation: str, location_id: str, what: str, page: str, description: str) -> None:
    """Leave a page of Markdown in the Prefect UI."""
    await acreate_markdown_artifact(
        page, key=artifact_key(automation, location_id, what), description=description
    )


def artifact_key(automation: str, location_id: str, what: str = "") -> str:
    """Under which key Prefect keeps the versions of an artifact: each location has a history of its own.

    Prefect takes small letters, digits and dashes.
    """
    whole = "-".join(filter(None, (automation, what, location_id)))
    return re.sub("[^a-z0-9]+", "-", whole.lower()).strip("-")
