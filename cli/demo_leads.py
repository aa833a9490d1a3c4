"""The demo's fourth part: leads of a file are priced, bought once, written, not bought again, and undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cli import bill_view
from cli.demo_steps import Steps, listed
from sandbox.lusha.export import write_csv
from tasks.hub.caps import in_credits
from tasks.plan.preview import bill_in_words

LEADS = 200
KNOWN = 60
"""Of the leads, those who are contacts in HighLevel already."""

_DONE = ("create done", "update done", "tag_add done", "link_business done")
"""Changes that push_leads makes."""


@dataclass(slots=True)
class Leads:
    """A file as Lusha exports it, before anything was revealed: previewed, pushed, pushed again, undone."""

    steps: Steps

    def play(self) -> dict[str, Any]:
        """Run every step.

        Returns:
            As JSON: what the preview would cost, what was spent and written, what a second run cost.

        Raises:
            FailedError: A step failed.
        """
        file = self._file()
        preview = self._preview(file)
        done = self._push(file, "")
        again = self._push(file, ", a second time")
        undone = [self.steps.undo(plan) for plan in reversed(done["plans"])]
        told = {
            "rows": preview["file"]["rows"],
            **preview["leads"],
            "would_cost": preview["credits"]["would_cost"],
            "requests": preview["bill"]["requests"],
            "spent": done["credits"]["spent"],
            "written": _written(done),
            "spent_again": again["credits"]["spent"],
            "written_again": _written(again),
        }
        return {"leads": told, "leads_undone": undone}

    def _push(self, file: str, when: str) -> dict[str, Any]:
        told = self.steps.run("push_leads", file=file)
        spent = in_credits(told["credits"]["spent"])
        self.steps.say(f"push_leads, {file}{when}: {spent} spent; {listed(_written(told))}")
        return told

    def _preview(self, file: str) -> dict[str, Any]:
        told = self.steps.run("push_leads", file=file, dry_run=True)
        self.steps.say(f"\npush_leads, {file}, {told['file']['rows']} rows, as a preview:")
        if self.steps.loud:
            bill_view.show(told, dry_run=True)
        self.steps.say(f"bill of requests: {bill_in_words(told['bill'])}\n")
        return told

    def _file(self) -> str:
        """Some whom HighLevel has already, and others; the file's path."""
        people = self.steps.vendor.lusha.records("people")
        known = [one for one in people if one.get("contactId")][:KNOWN]
        new = [one for one in people if not one.get("contactId")][: LEADS - len(known)]
        self.steps.folder.mkdir(parents=True, exist_ok=True)
        file = self.steps.folder / "leads.csv"
        write_csv(file, known + new)
        return str(file)


def _written(told: dict[str, Any]) -> dict[str, int]:
    """How often each thing was done in HighLevel."""
    return {name: number for name, number in told["applied"].items() if name in _DONE}
