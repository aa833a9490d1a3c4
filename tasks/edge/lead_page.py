"""The bill of credits, as a person sees it before anything is spent."""

from __future__ import annotations

from tasks.edge.lead_bill import CALLED, Bill
from tasks.hub.caps import in_credits
from tasks.plan.preview import cell
from tasks.run.leads import Lead, LeadRun

SHOWN = 50
"""Leads that a page shows."""


def page_of(run: LeadRun, source: str, bill: Bill, about: str, *, values: bool) -> str:
    """What a run would spend, and on whom, as Markdown.

    Args:
        about: What else is to be told.
        values: Whether names may be shown.
    """
    lines = [
        f"### {in_credits(bill.total)} at most",
        "",
        f"Leads of {cell(source)}: {len(run.leads):,}. Whoever Lusha does not know costs less.",
        "",
        "| what | leads | credits |",
        "|---|---|---|",
        *(f"| {line.what} | {line.leads:,} | {line.credits:g} |" for line in bill.lines),
        "",
        *(text for limit in bill.limits() for text in (limit, "")),
        *([about, ""] if about else []),
    ]
    if run.buying and values:
        lines += ["| lead | company | is | lacks |", "|---|---|---|---|"]
        lines += [_line(one, run) for one in run.buying[:SHOWN]]
        if len(run.buying) > SHOWN:
            lines.append(f"\n… and {len(run.buying) - SHOWN:,} more.")
    return "\n".join(lines)


def _line(lead: Lead, run: LeadRun) -> str:
    wanted = lead.wanted
    name = lead.record.get("fullName") or f"{wanted.first_name} {wanted.last_name}".strip() or wanted.email
    contact = f"contact {lead.contact['id']} ({lead.found_by})" if lead.contact else "new"
    lacks = ", ".join(CALLED[one] for one in run.lacks(lead))
    told = (name or lead.reference, wanted.company or wanted.domain, contact, lacks)
    return f"| {' | '.join(map(cell, told))} |"
