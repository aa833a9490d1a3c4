"""What every part of the demo does its steps with: run, tell, undo, and look at what is in HighLevel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import console
from cli.automation import execute, prepare

if TYPE_CHECKING:
    from cli.outcome import Outcome
    from sandbox.process import RunningSandbox

KINDS = ("contacts", "businesses", "tasks", "notes", "appointments")


class FailedError(Exception):
    """A step of the demo failed.

    Args:
        automation: What was run.
        outcome: How it ended.
    """

    def __init__(self, automation: str, outcome: Outcome) -> None:
        super().__init__(automation)
        self.automation, self.outcome = automation, outcome


@dataclass(frozen=True, slots=True)
class Steps:
    """How the demo does its steps, and tells them.

    Args:
        vendor: The sandbox.
        hub_url: The demo's hub, which holds the contacts already.
        folder: Where the files are written.
        loud: Whether the steps are told.
    """

    vendor: RunningSandbox
    hub_url: str
    folder: Path
    loud: bool

    def run(self, automation: str, **asked: Any) -> dict[str, Any]:
        """Run an automation; what it told.

        Raises:
            FailedError: It failed.
        """
        outcome = execute(*prepare(automation, asked))
        if outcome.error is not None or outcome.interrupted is not None:
            raise FailedError(automation, outcome)
        return outcome.summary

    def undo(self, plan: str) -> dict[str, int]:
        """Take a plan back; how its changes ended."""
        told = self.run("undo_plan", plan=plan, delete_created=True)
        self.say(f"undo_plan {plan[:8]}: {listed(told['applied'])}")
        return dict(told["applied"])

    def there(self) -> dict[str, set[str]]:
        """The ids of what is in HighLevel, by kind."""
        return {kind: {one["id"] for one in self.vendor.records(kind)} for kind in KINDS}

    def say(self, text: str) -> None:
        """Tell a step, unless one JSON object is wanted."""
        if self.loud:
            console.say(text)


def listed(counts: dict[str, int]) -> str:
    """``10 create_note done, …``."""
    return ", ".join(f"{number:,} {what}" for what, number in counts.items()) or "nothing to do"
