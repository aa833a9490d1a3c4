"""What a run tells: progress while it works, artifacts in the Prefect UI when it is done.

Progress also goes to a listener, which the command line sets to draw its bar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
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
from tasks.core.settings import Settings

ProgressListener = Callable[[int, int | None], None]
"""Called with records done and, where known, records in all."""

tally_listener: ContextVar[Tally | None] = ContextVar("tally_listener", default=None)
"""A tally to which a run adds its own when it ends, for a caller in the same process."""

progress_listener: ContextVar[ProgressListener | None] = ContextVar("progress_listener", default=None)


SHOWN_CHARACTERS = 50_000
"""What an artifact shows of an answer; a search page with all its fields is some 200,000."""


LEFT_OUT = "(left out)"
"""What an artifact shows of a value where it is to show none."""

TOLD = ("applied", "removed", "to_remove", "rules", "delivered")
"""Counts that only some automations have, by the name under which their tally tells them."""


@dataclass(slots=True)
class Told:
    """What one run has told so far, for its end.

    Attributes:
        artifacts: Keys of the artifacts that it left, the most telling first.
        values: Whether these may show values of records, and not only ids, fields and counts.
        settings: The run's; None where it did not get so far.
        block: Name of the block that they are from; empty for none.
        tally: What was done; None where the run did not get so far.
    """

    location_id: str = ""
    artifacts: list[str] = field(default_factory=list)
    tally: Tally | None = None
    values: bool = True
    settings: Settings | None = None
    block: str = ""

    def summary(self) -> str:
        """What was done: ``read 1,831, rejected 8, created 12``; and the artifact where the rest stands."""
        words = self._done() if self.tally is not None else "done"
        return f"{words} (artifact {self.artifacts[0]})" if self.artifacts else words

    def _done(self) -> str:
        tally = self.tally or Tally()
        done = {name: number for name, number in tally.done().items() if name != "mapped"}
        done |= tally.more.get("applied", {})  # with what is only planned
        done |= {f"{what} to remove": number for what, number in tally.more.get("to_remove", {}).items()}
        return ", ".join(f"{name} {number:,}" for name, number in done.items() if number) or "nothing to do"


_told: ContextVar[Told | None] = ContextVar("told", default=None)


def told_here() -> Told:
    """What the run that is under way here has told; of none, what nobody reads."""
    return _told.get() or Told()


def begin(settings: Settings, location_id: str) -> None:
    """Note for whom the run that is under way here works, and whether its artifacts may show values."""
    told = told_here()
    told.location_id, told.settings = location_id, settings
    told.values = settings.artifact_values == "on"


@contextmanager
def telling() -> Iterator[Told]:
    """Collect what the run of the ``with`` body tells."""
    told = Told()
    token = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(token)


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
    told_here().tally = tally
    counts = [{"what": name, "count": number} for name, number in tally.counts().items()]
    steps = [{"what": f"seconds: {step}", "count": round(s, 2)} for step, s in tally.seconds.items()]
    told = [
        {"what": f"{name.replace('_', ' ')}: {what}", "count": number}
        for name in TOLD
        for what, number in tally.more.get(name, {}).items()
    ]
    about = f"**{automation}** · location `{location_id}` · {ended}"
    key = _key(automation, location_id, "summary")
    await acreate_table_artifact(counts + told + steps, key=key, description=about)
    reasons = [
        {"what": kind, "reason": reason, "rows": number}
        for kind, counter in (("rejected", tally.reasons), ("warning", tally.warnings))
        for reason, number in counter.most_common()
    ]
    reasons += [
        {"what": "left out", "reason": f"{name} {problem}" + _for_example(some), "rows": number}
        for name, problem, number, some in tally.dropped.rows()
    ]
    key = _key(automation, location_id, "rejects", tell=bool(reasons))
    await acreate_table_artifact(reasons, key=key, description=f"{about} · reject reasons")


def _for_example(some: str) -> str:
    return f", e.g. {some}" if some and told_here().values else ""


async def publish_answer(automation: str, location_id: str, title: str, answer: Any) -> None:
    """Leave one answer in the Prefect UI, as JSON for reading, cut where it is very long.

    Args:
        title: What was asked, in one line.
        answer: JSON; without secrets, which are the caller's to take out.
    """
    shown = answer if told_here().values else without_values(answer)
    text = orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()
    cut = f"\n\nCut: {len(text):,} characters in all." if len(text) > SHOWN_CHARACTERS else ""
    fence = "`" * 8  # an answer may hold fences of its own
    page = f"### {title}\n\n{fence}json\n{text[:SHOWN_CHARACTERS]}\n{fence}{cut}\n"
    await acreate_markdown_artifact(page, key=_key(automation, location_id), description=title)


async def publish_page(automation: str, location_id: str, what: str, page: str, description: str) -> None:
    """Leave a page of Markdown in the Prefect UI."""
    await acreate_markdown_artifact(page, key=_key(automation, location_id, what), description=description)


def without_values(answer: Any, name: str = "id") -> Any:
    """JSON with its shape and its ids alone: other texts and numbers are left out."""
    if isinstance(answer, dict):
        return {key: without_values(value, key) for key, value in answer.items()}
    if isinstance(answer, list):
        return [without_values(value, name) for value in answer]
    kept = answer is None or isinstance(answer, bool) or name == "id" or name.endswith(("Id", "Ids"))
    return answer if kept else LEFT_OUT


def _key(automation: str, location_id: str, what: str = "", *, tell: bool = True) -> str:
    """The key of an artifact, which the run's end tells where there is something to see."""
    key = artifact_key(automation, location_id, what)
    if tell and key not in told_here().artifacts:
        told_here().artifacts.append(key)
    return key


def artifact_key(automation: str, location_id: str, what: str = "") -> str:
    """Under which key Prefect keeps the versions of an artifact: each location has a history of its own.

    Prefect takes small letters, digits and dashes.
    """
    whole = "-".join(filter(None, (automation, what, location_id)))
    return re.sub("[^a-z0-9]+", "-", whole.lower()).strip("-")
