"""Credits in a terminal: what a run of leads would spend at most, what it spent, what is left to buy."""

from __future__ import annotations

from typing import Any

from cli import console
from cli.console import safe, say
from cli.plan_view import light_table
from tasks.edge.lead_bill import Bill, became_of
from tasks.hub.caps import in_credits

SPENT_ON = {
    "contactSearch": "searching",
    "tableRead": "reading the table",
    "revealEmail": "e-mail addresses",
    "revealPhone": "phone numbers",
}
"""What each action of Lusha's price list is called."""


def show(summary: dict[str, Any], *, dry_run: bool) -> None:
    """Show a run's credits.

    Args:
        summary: As the run told it: ``credits`` and ``leads``.
    """
    told = summary["credits"]
    bill = Bill.read(told["bill"])
    say(f"\n{safe(became_of(summary['leads']))}", style="bold")
    if bill.total:
        _show_lines(bill)
    say(f"\nbill of credits: {in_credits(bill.total)} at most", style="bold")
    for limit in bill.limits() if dry_run else ():
        say(limit, style="yellow")
    if dry_run:
        say("Dry run: nothing was spent. Whoever Lusha does not know costs less.")
    else:
        _show_spent(told)


def _show_lines(bill: Bill) -> None:
    table = light_table()
    table.add_column("what")
    table.add_column("leads", justify="right")
    table.add_column("credits, at most", justify="right")
    for line in bill.lines:
        table.add_row(line.what, f"{line.leads:,}", f"{line.credits:,g}")
    console.out.print()
    console.out.print(table)


def _show_spent(told: dict[str, Any]) -> None:
    parts = ", ".join(f"{SPENT_ON.get(name, name)} {cost:,g}" for name, cost in told["by_action"].items())
    say(f"This run spent {in_credits(told['spent'])}{f': {parts}' if parts else ''}.")
    if told["stopped"]:
        left = told["left"]
        say(
            f"It stopped spending at {safe(told['stopped'])}. Left to buy, by a later run:"
            f" {in_credits(left['credits'])} at most, for {left['leads']:,} leads.",
            style="yellow",
        )
