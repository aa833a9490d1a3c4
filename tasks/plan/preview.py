"""A plan as a page for a person: what it comes to, what it takes, and the first changes field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import BY_KEY, Json, Tally
from tasks.core.change import Change, FieldChange, State, Verb
from tasks.core.words import counted, in_words
from tasks.hub import plans
from tasks.hub.plans import LEFT_OVER, WITHOUT_KEY, Plan
from tasks.hub.tables import changes
from tasks.plan.keys import title
from tasks.streams import Operation, operation_of, operations_of, target_of

SHOWN = 25
"""Changes of each operation that a preview shows field by field."""

_LONGEST = 60


def operations_in(plan: Plan) -> tuple[Operation, ...]:
    """What a plan may do, in the order in which it is carried out; then what it leaves."""
    return operations_of(plan.target)


def first_changes(connection: sa.Connection, plan: Plan, limit: int = SHOWN) -> list[Change]:
    """The first changes of each operation, in the order in which they are carried out.

    Of unchanged records those of which something was kept: the others have nothing to show.
    """
    found: list[Change] = []
    for operation in operations_in(plan):
        if operation.verb is Verb.UNCHANGED:
            found += _with_something_kept(connection, plan, limit)
        else:
            found += plans.some(connection, plan.id, operations=[operation], limit=limit)
    return found


def _with_something_kept(connection: sa.Connection, plan: Plan, limit: int) -> list[Change]:
    mine = (changes.c.plan_id == plan.id, changes.c.verb == Verb.UNCHANGED.value, changes.c.kept != [])
    query = sa.select(changes.c.n).where(*mine).order_by(changes.c.n).limit(limit)
    return [
        change
        for number in connection.execute(query).scalars().all()
        for change in plans.some(connection, plan.id, after=number - 1, limit=1)
    ]


def counts_of(plan: Plan) -> list[tuple[str, int, Operation | None]]:
    """What a plan comes to: in words, how many, and of which operation; without what there is none of."""
    told: list[tuple[str, int, Operation | None]] = [
        ("records read", plan.counts.get("read", 0), None),
        ("rejected", plan.counts.get("rejected", 0), None),
    ]
    addresses = " or ".join(map(title, target_of(plan.target).address))
    told.append((f"with another {addresses} that is left over", plan.counts.get(LEFT_OVER, 0), None))
    for operation in operations_in(plan):
        told.append((operation.title, plan.counts.get(operation.name, 0), operation))
        if operation.verb is Verb.CREATE and operation.stream == plan.target:
            told.append((_without_key(plan), plan.counts.get(WITHOUT_KEY, 0), None))
    return [one for one in told if one[1] or one[0] == "records read"]


def _without_key(plan: Plan) -> str:
    keys = " or ".join(title(key) for key in target_of(plan.target).match if key != "link")
    return f"of these without {keys}: whether HighLevel has them already cannot be known"


def as_json(change: Change) -> dict[str, Json]:
    """A change for programs.

    Its ``kind`` is the name under which its operation is counted; of what was made, ``result`` has the id.
    """
    names = ("stream", "verb", "part", "record_id", "target_id", "parent_id", "label", "why", "cause")
    shown = {"kind": operation_of(change).name} | {name: getattr(change, name) for name in names}
    lists = {"fields": list(map(asdict, change.fields)), "kept": list(map(asdict, change.kept))}
    made = {"id": change.target_id} if change.verb is Verb.CREATE and change.target_id else {}
    ended = {"state": change.state, "error": change.error, "result": made | change.result}
    return shown | lists | ended


def bill_in_words(bill: dict[str, Any]) -> str:
    """What a plan takes, in one sentence."""
    if not bill.get("requests"):
        return "It takes no request at all."
    told = f"It takes {counted(bill['requests'], 'request')}, {bill['writes']:,} of them writing"
    if bill.get("seconds") is not None:
        told += f": at least {_duration(bill['seconds'])} under the present quota"
    if bill.get("beyond_today"):
        told += f"; {bill['beyond_today']:,} more than are left today"
    if bill.get("credits"):
        told += f"; {bill['credits']:,} Lusha credits"
    return told + "."


def page(plan: Plan, shown: Sequence[Change], extra: str = "", *, values: bool = True) -> str:
    """The preview as Markdown.

    Args:
        shown: As ``first_changes`` gives them.
        extra: Markdown that comes after the counts, e.g. how a file's columns were taken.
        values: Off, records are named by their ids, and no value of any is shown.
    """
    lines = [
        f"## Plan `{plan.id}`: {cell(plan.about)}",
        "",
        f"**{bill_in_words(plan.bill)}**",
        "",
        "| what | how many |",
        "|---|---:|",
        *(f"| {title} | {number:,} |" for title, number, _ in counts_of(plan)),
        "",
    ]
    if extra:
        lines += [extra, ""]
    called = target_of(plan.target).called[0]
    for operation in operations_in(plan):
        some = [change for change in shown if change.key == operation.key]
        if some:
            number = plan.counts.get(operation.name, len(some))
            told = f"the first {len(some)} of {number:,}" if number > len(some) else f"{number:,}"
            lines += [
                f"### {operation.title}: {told}",
                "",
                *(_table if values else _fields)(some, called),
                "",
            ]
    return "\n".join(lines)


def left_out(tally: Tally, *, values: bool = True) -> str:
    """What of the source's values did not go in, and what was assumed about them, as Markdown.

    Args:
        values: Off, none of them is shown.
    """
    lines = [f"**{cell(line)}**" for line in tally.dropped.alarms()] + [cell(note) for note in tally.notes]
    if rows := tally.dropped.rows():
        table = [
            "### Values left out",
            "",
            "| field | the value | how many | for example |",
            "|---|---|---:|---|",
        ]
        table += [f"| {' | '.join(map(cell, row if values else (*row[:3], '')))} |" for row in rows]
        lines.append("\n".join(table))
    return "\n\n".join(lines)


def _table(some: Sequence[Change], called: str) -> list[str]:
    lines = [f"| {called} | field | now | then | why |", "|---|---|---|---|---|"]
    for change in some:
        name = cell(shown_value(change.label))
        rows = [(one, "") for one in change.fields] + [(one, "kept: ") for one in change.kept]
        if not rows or change.verb is Verb.MERGED:
            lines.append(f"| {name} | | | | {cell(change.why)} |")
            name = ""
        for one, prefix in rows:
            lines.append(f"| {name} | {cell(one.field)} | {_row(one, prefix)} |")
            name = ""
        if change.cause:
            lines.append(f"| | | | | {cell(change.cause)} |")
        if change.state not in (State.PLANNED, State.DONE):
            lines.append(f"| | | | **{change.state}** | {cell(change.error or '')} |")
    return lines


def _fields(some: Sequence[Change], called: str) -> list[str]:
    """The same without values: which fields of which record, and by which rule."""
    lines = [f"| {called} | field | why |", "|---|---|---|"]
    for change in some:
        own = change.record_id if not change.record_id.startswith(BY_KEY) else ""  # an address is no id
        name = cell(change.target_id or own)
        rows = [(one, "") for one in change.fields] + [(one, "kept: ") for one in change.kept]
        if not rows or change.verb is Verb.MERGED:
            lines.append(f"| {name} | | {change.state} |")
        else:
            lines += [f"| {name} | {cell(one.field)} | {prefix}{cell(one.why)} |" for one, prefix in rows]
    return lines


def _row(one: FieldChange, prefix: str) -> str:
    new = f"~~{cell(shown_value(one.new))}~~" if prefix else f"**{cell(shown_value(one.new))}**"
    return f"{cell(shown_value(one.old))} | {new} | {prefix}{cell(one.why)}"


def shown_value(value: Any, longest: int = _LONGEST) -> str:
    """A field's value for reading, cut where it is longer than so many characters."""
    text = in_words(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


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
