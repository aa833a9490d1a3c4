"""What rules did in a run, for people."""

from __future__ import annotations

from typing import Any

from cli import console
from cli.console import say

ABOUT = (
    ("done_before", "had it before"),
    ("waiting", "wait until something is there that a rule needs, e.g. a decision of `reviews`"),
    ("could_not_judge", "could not be judged: lusha-connect rejects list tells why"),
)
"""What a run tells of records for which a rule did nothing, and how that is said."""


def show(automation: str, summary: dict[str, Any], *, ended: str) -> None:
    """How often each rule acted, and for how many records it did not."""
    rows = [(rule, f"{number:,}") for rule, number in summary["rules"].items()]
    title = f"{automation}: {ended}, {summary['judged']:,} records judged"
    console.table(title, {"rule": "left", "acts for": "right"}, rows)
    for name, told in ABOUT:
        if number := summary.get(name):
            say(f"{number:,} {told}")
    if "notices" in summary:
        delivered = summary.get("delivered", {})
        told = ", ".join(f"{number:,} {how}" for how, number in delivered.items() if number)
        say(f"{summary['notices']:,} notices made" + (f"; {told}" if told else ""))
