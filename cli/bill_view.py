"""Credits in a terminal: what a run of leads would spend at most, what it spent, what is left to buy."""

from __future__ import annotations

from typing import Any

from cli import console
from cli.console import safe, say
from cli.plan_view import light_table
from tasks.core.words import counted
from tasks.edge.lead_bill import Bill, became_of
from tasks.hub.caps import in_credits

SPENT_ON = {
    "contactSearch": "searching",
    "tableRead": "reading the table",
    "revealEmail": "e-mail addresses",
    "revealPhone": "phone numbers",
    "showSignals": "changes of job",
}
"""What each action of Lusha's price list is called."""


def show(summary: dict[str, Any], *, dry_run: bool) -> None:
    """Show a run's credits.

    Args:
        summary: As the run told it: ``credits``; of a run with leads also ``leads``.
    """
    told = summary["credits"]
    if "bill" in told:
        _show_bill(Bill.read(told["bill"]), summary["leads"], dry_run=dry_run)
    if dry_run:
        say("Dry run: nothing was spent. Whoever Lusha does not know costs less.")
    else:
        _show_spent(told)


def _show_bill(bill: Bill, leads: dict[str, int], *, dry_run: bool) -> None:
    say(f"\n{safe(became_of(leads))}", style="bold")
    if bill.total:
        _show_lines(bill)
    say(f"\nbill of credits: {in_credits(bill.total)} at most", style="bold")
    for limit in bill.limits() if dry_run else ():
        say(limit, style="yellow")


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
    by = told.get("by_action", {})
    parts = ", ".join(f"{SPENT_ON.get(name, name)} {cost:,g}" for name, cost in by.items())
    say(f"This run spent {in_credits(told['spent'])}{f': {parts}' if parts else ''}.")
    if told["stopped"]:
        why = safe(told["stopped"]).rstrip(".")  # a cap by its name, or what the vendor said
        say(f"It stopped spending: {why}.{_left(told)}", style="yellow")


def _left(told: dict[str, Any]) -> str:
    if not (left := told.get("left")):
        return ""
    cost = in_credits(left["credits"])
    return f" Left to buy, by a later run: {cost} at most, for {counted(left['leads'], 'lead')}."
