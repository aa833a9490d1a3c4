"""The demo's second part: tasks, notes and appointments are loaded, imported, changed, told and undone."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cli.demo_steps import Steps, listed
from cli.journal.commands import show
from tasks.core.words import counted
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS

PEOPLE = 5
DUE = "2027-03-01"


@dataclass(slots=True)
class Story:
    """The steps in their order, each told in a line."""

    steps: Steps
    plans: list[str] = field(default_factory=list)

    def play(self) -> dict[str, Any]:
        """Run every step.

        Returns:
            As JSON: counts of what was loaded, and how the changes of each plan ended.

        Raises:
            FailedError: A step failed.
        """
        loaded = self.steps.run("backfill_activity")
        streams: dict[str, int] = loaded["streams"]
        self.steps.say(f"backfill_activity: {listed(streams)}; {counted(loaded['requests'], 'request')}")
        imported = [self._import(stream, rows, title) for stream, rows, title in self._files()]
        self._tell_journal()
        undone = [self.steps.undo(plan) for plan in reversed(self.plans)]
        return {"loaded": streams, "imported": imported, "undone": undone}

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
        contacts = MIRRORS["hub.contact"]
        email = contacts.c.email
        there = sa.select(email).where(email.is_not(None), contacts.c.deleted_at.is_(None))
        alone = there.group_by(email).having(sa.func.count() == 1)
        with closing(Hub(self.steps.hub_url)) as hub, hub.read() as connection:
            return list(connection.execute(alone.order_by(email).limit(PEOPLE)).scalars())

    def _import(self, stream: str, rows: Sequence[dict[str, str]], what: str) -> dict[str, int]:
        self.steps.folder.mkdir(parents=True, exist_ok=True)
        file = self.steps.folder / f"{stream}s.csv"
        with file.open("w", newline="", encoding="utf-8") as open_file:
            writer = csv.DictWriter(open_file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        told = self.steps.run("import_records", stream=stream, file=str(file))
        self.plans.append(told["plan"])
        self.steps.say(f"import_records, {file}, {what}: {listed(told['applied'])}")
        return dict(told["applied"])

    def _tell_journal(self) -> None:
        email = self._people()[0]
        self.steps.say(f"\nlusha-connect journal show {email}")
        if self.steps.loud:
            show(email, as_json=False)
            self.steps.say("")
