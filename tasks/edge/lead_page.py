"""The bill of credits, as a person sees it before anything is spent."""

from __future__ import annotations

from tasks.plan.preview import cell
from tasks.run.leads import Cost, Lead, LeadRun
from tasks.vendors.leads import Datapoint

SHOWN = 50
"""Leads that a page shows."""

CALLED = {Datapoint.EMAILS: "e-mail addresses", Datapoint.PHONES: "phone numbers"}


def page_of(run: LeadRun, source: str, fetching: float, cost: Cost, about: str, *, values: bool) -> str:
    """What a run would spend, and on whom, as Markdown.

    Args:
        fetching: Credits for reading the source.
        about: What else is to be told.
        values: Whether names may be shown.
    """
    total = fetching + cost.total
    lines = [
        f"### {total:g} credits at most",
        "",
        f"Leads of {cell(source)}: {len(run.leads):,}. Whoever Lusha does not know costs less.",
        "",
        "| what | leads | credits |",
        "|---|---|---|",
        *([f"| reading the source | | {fetching:g} |"] if fetching else []),
        f"| looked for | {cost.searched[0]:,} | {cost.searched[1]:g} |",
        *(f"| {CALLED[one]} | {leads:,} | {price:g} |" for one, (leads, price) in cost.revealed.items()),
        f"| nothing to buy | {len(run.leads) - len(run.buying):,} | 0 |",
        "",
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
