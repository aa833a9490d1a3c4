"""A plan as a page for a person: what it comes to, what it takes, and the first changes field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tasks.core.change import Change, FieldChange, Kind, State
from tasks.hub import plans
from tasks.hub.plans import Plan
from tasks.hub.tables import changes

SHOWN = 25
"""Changes of each kind that a preview shows field by field."""

TITLES = {
    Kind.CREATE: "new contacts",
    Kind.UPDATE: "contacts updated",
    Kind.TAG_ADD: "contacts given tags",
    Kind.TAG_REMOVE: "contacts that lose tags",
    Kind.LINK_BUSINESS: "contacts put into a business, or out of it",
    Kind.CREATE_NOTE: "notes",
    Kind.CREATE_TASK: "tasks",
    Kind.DELETE_NOTE: "notes deleted",
    Kind.DELETE_TASK: "tasks deleted",
    Kind.DELETE: "contacts deleted",
    Kind.CONFLICT: "left for review",
    Kind.UNCHANGED: "unchanged",
}
"""What each kind of change is called where it is counted."""

_WITHOUT_KEY = "of these without e-mail or phone: whether HighLevel has them already cannot be known"

_LONGEST = 60


def first_changes(connection: sa.Connection, plan: Plan, limit: int = SHOWN) -> list[Change]:
    """The first changes of each kind, in the order in which they are carried out.

    Of unchanged records those of which something was kept: the others have nothing to show.
    """
    found: list[Change] = []
    for kind in TITLES:
        if kind is Kind.UNCHANGED:
            found += _with_something_kept(connection, plan, limit)
        else:
            found += plans.some(connection, plan.id, kinds=[kind], limit=limit)
    return found


def _with_something_kept(connection: sa.Connection, plan: Plan, limit: int) -> list[Change]:
    mine = (changes.c.plan_id == plan.id, changes.c.kind == Kind.UNCHANGED.value, changes.c.kept != [])
    query = sa.select(changes.c.n).where(*mine).order_by(changes.c.n).limit(limit)
    return [
        change
        for number in connection.execute(query).scalars().all()
        for change in plans.some(connection, plan.id, after=number - 1, limit=1)
    ]


def counts_of(plan: Plan) -> list[tuple[str, int]]:
    """What a plan comes to, in words; without what there is none of."""
    told = [("records read", plan.counts.get("read", 0)), ("rejected", plan.counts.get("rejected", 0))]
    for kind, title in TITLES.items():
        told.append((title, plan.counts.get(kind, 0)))
        if kind is Kind.CREATE:
            told.append((_WITHOUT_KEY, plan.counts.get("create_without_key", 0)))
    return [(title, number) for title, number in told if number or title == "records read"]


def bill_in_words(bill: dict[str, Any]) -> str:
    """What a plan takes, in one sentence."""
    if not bill.get("requests"):
        return "It takes no request at all."
    told = f"It takes {bill['requests']:,} requests, {bill['writes']:,} of them writing"
    if bill.get("seconds") is not None:
        told += f": at least {_duration(bill['seconds'])} under the present quota"
    if bill.get("beyond_today"):
        told += f"; {bill['beyond_today']:,} more than are left today"
    if bill.get("credits"):
        told += f"; {bill['credits']:,} Lusha credits"
    return told + "."


def page(plan: Plan, shown: Sequence[Change], extra: str = "") -> str:
    """The preview as Markdown.

    Args:
        shown: As ``first_changes`` gives them.
        extra: Markdown that comes after the counts, e.g. how a file's columns were taken.
    """
    lines = [
        f"## Plan `{plan.id}`: {cell(plan.about)}",
        "",
        f"**{bill_in_words(plan.bill)}**",
        "",
        "| what | how many |",
        "|---|---:|",
        *(f"| {title} | {number:,} |" for title, number in counts_of(plan)),
        "",
    ]
    if extra:
        lines += [extra, ""]
    for kind, title in TITLES.items():
        some = [change for change in shown if change.kind is kind]
        if some:
            number = plan.counts.get(kind, len(some))
            told = f"the first {len(some)} of {number:,}" if number > len(some) else f"{number:,}"
            lines += [f"### {title}: {told}", "", *_table(some), ""]
    return "\n".join(lines)


def _table(some: Sequence[Change]) -> list[str]:
    lines = ["| contact | field | now | then | why |", "|---|---|---|---|---|"]
    for change in some:
        name = cell(shown_value(change.label))
        rows = [(one, "") for one in change.fields] + [(one, "kept: ") for one in change.kept]
        if not rows:
            lines.append(f"| {name} | | | | {cell(change.why)} |")
        for one, prefix in rows:
            lines.append(f"| {name} | {cell(one.field)} | {_row(one, prefix)} |")
            name = ""
        if change.state not in (State.PLANNED, State.DONE):
            lines.append(f"| | | | **{change.state}** | {cell(change.error or '')} |")
    return lines


def _row(one: FieldChange, prefix: str) -> str:
    new = f"~~{cell(shown_value(one.new))}~~" if prefix else f"**{cell(shown_value(one.new))}**"
    return f"{cell(shown_value(one.old))} | {new} | {prefix}{cell(one.why)}"


def shown_value(value: Any) -> str:
    """A field's value for reading, cut where it is long."""
    if value is None:
        return "-"
    if isinstance(value, list):
        text = ", ".join(map(str, value))
    elif isinstance(value, dict):
        text = ", ".join(f"{key}: {item}" for key, item in value.items())
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def cell(text: str) -> str:
    """A text that cannot break out of a table's cell."""
    for mark in "\\|*_`~<>[]&":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split()) or "-"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "a moment"
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {left:02} s" if minutes else f"{left} s"
