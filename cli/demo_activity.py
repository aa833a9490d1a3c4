"""The demo's second half: tasks, notes and appointments are loaded, imported, changed, told and undone."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from cli import console
from cli.automation import execute, prepare
from cli.journal.commands import show
from tasks.core.words import counted
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS

if TYPE_CHECKING:
    from cli.outcome import Outcome
    from sandbox.process import RunningSandbox

KINDS = ("tasks", "notes", "appointments")
PEOPLE = 5
DUE = "2027-03-01"


class FailedError(Exception):
    """A step of the demo failed.

    Args:
        automation: What was run.
        outcome: How it ended.
    """

    def __init__(self, automation: str, outcome: Outcome) -> None:
        super().__init__(automation)
        self.automation, self.outcome = automation, outcome


@dataclass(slots=True)
class Story:
    """The steps in their order, each told in a line.

    Args:
        vendor: The sandbox.
        hub_url: The demo's hub, which holds the contacts already.
        folder: Where the files to import are written.
        loud: Whether the steps are told.
    """

    vendor: RunningSandbox
    hub_url: str
    folder: Path
    loud: bool
    plans: list[str] = field(default_factory=list)

    def play(self) -> dict[str, Any]:
        """Run every step.

        Returns:
            As JSON: counts of what was loaded, how the changes of each plan ended, and the records that are
            left in HighLevel beside those that were there before.

        Raises:
            FailedError: A step failed.
        """
        before = self._there()
        loaded = self._run("backfill_activity")
        streams: dict[str, int] = loaded["streams"]
        self._say(f"backfill_activity: {_listed(streams)}; {counted(loaded['requests'], 'request')}")
        imported = [self._import(stream, rows, title) for stream, rows, title in self._files()]
        self._tell_journal()
        undone = [self._undo(plan) for plan in reversed(self.plans)]
        left = {kind: len(ids - before[kind]) for kind, ids in self._there().items()}
        self._say(f"\nLeft of ours in HighLevel: {_listed(left) if any(left.values()) else 'nothing'}.")
        return {"loaded": streams, "imported": imported, "undone": undone, "left": left}

    def _files(self) -> Iterator[tuple[str, list[dict[str, str]], str]]:
        """Stream, rows, and what they are for."""
        people = self._people()
        notes = [
            {"id": f"n{n}", "email": people[n % len(people)], "note": f"From the demo's file, row {n + 1}."}
            for n in range(2 * len(people))
        ]
        tasks = [
            {"id": f"t{n}", "email": email, "title": f"Call back, {n + 1}", "due": DUE, "done": "no"}
            for n, email in enumerate(people)
        ]
        yield "note", notes, f"{len(notes)} rows"
        yield "crm_task", tasks, f"{len(tasks)} rows"
        yield "crm_task", [{**tasks[0], "done": "yes"}, *tasks[1:]], "one task with done: yes"

    def _people(self) -> list[str]:
        """E-mail addresses that one contact of the hub has."""
        email = MIRRORS["hub.contact"].c.email
        alone = sa.select(email).where(email.is_not(None)).group_by(email).having(sa.func.count() == 1)
        with closing(Hub(self.hub_url)) as hub, hub.read() as connection:
            return list(connection.execute(alone.order_by(email).limit(PEOPLE)).scalars())

    def _import(self, stream: str, rows: Sequence[dict[str, str]], what: str) -> dict[str, int]:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{stream}s.csv"
        with file.open("w", newline="", encoding="utf-8") as open_file:
            writer = csv.DictWriter(open_file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        told = self._run("import_records", stream=stream, file=str(file))
        self.plans.append(told["plan"])
        self._say(f"import_records, {file}, {what}: {_listed(told['applied'])}")
        return dict(told["applied"])

    def _tell_journal(self) -> None:
        email = self._people()[0]
        self._say(f"\nlusha-connect journal show {email}")
        if self.loud:
            show(email, as_json=False)
            self._say("")

    def _undo(self, plan: str) -> dict[str, int]:
        told = self._run("undo_plan", plan=plan, delete_created=True)
        self._say(f"undo_plan {plan[:8]}: {_listed(told['applied'])}")
        return dict(told["applied"])

    def _run(self, automation: str, **asked: Any) -> dict[str, Any]:
        outcome = execute(*prepare(automation, asked))
        if outcome.error is not None or outcome.interrupted is not None:
            raise FailedError(automation, outcome)
        return outcome.summary

    def _there(self) -> dict[str, set[str]]:
        """The ids of what is in HighLevel, by kind."""
        return {kind: {one["id"] for one in self.vendor.records(kind)} for kind in KINDS}

    def _say(self, text: str) -> None:
        if self.loud:
            console.say(text)


def _listed(counts: dict[str, int]) -> str:
    """``10 create_note done, …``."""
    return ", ".join(f"{number:,} {what}" for what, number in counts.items()) or "nothing to do"
