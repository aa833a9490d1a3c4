"""How a plan looks in a terminal: what it comes to, and its changes field by field, a record at a time.

What a policy leaves alone is shown struck through and marked ✗, so that a preview never seems to promise it.
All of it comes from files and from HighLevel: it is shown as text, never taken for markup or control codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from rich import box
from rich.table import Table
from rich.text import Text

from cli import chosen, console
from cli.console import safe, say
from tasks.core.batch import Json
from tasks.core.change import RESTING, Change, FieldChange, State, Verb
from tasks.core.words import counted, in_words
from tasks.hub import plans
from tasks.hub.plans import Plan
from tasks.plan import preview
from tasks.streams import STREAMS, Operation, operation_of, target_of

if TYPE_CHECKING:
    import sqlalchemy as sa

PROGRAM = "lusha-connect"

FIRST = 5
"""Records of each operation that a dry run shows."""

NAME_WIDTH = 24
"""Characters of a record's name on one line, where the terminal has no room for more."""

NARROW = 8
"""Characters that a column keeps, however narrow the terminal."""

GAP = 2
"""Characters between two columns."""

NEAR = 8
"""Changes on either side of one among which are all those of its record: they are planned together."""

STATES = {
    State.DONE: "done",
    State.PLANNED: "open",
    State.SENDING: "interrupted",
    State.UNKNOWN: "outcome unknown",
    State.STALE: "changed since",
    State.LEFT: "left alone",
    State.FAILED: "failed",
}
"""What each state is called where changes are counted."""

Ended = Mapping[tuple[Operation, State], int]
"""How many changes there are, by operation and state."""


Line: TypeAlias = tuple[Text, Text, Text, Text]
"""One field of a record: its name, what is there, what is to be there, why."""

COLUMNS = ("field", "now", "then", "why")


@dataclass(frozen=True, slots=True)
class Block:
    """One record of a table of changes.

    Args:
        record: Its name, and below it how it was found.
    """

    record: Text
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Shown:
    """Changes that are shown, of how many.

    Args:
        total: Changes that could be shown.
    """

    changes: list[Change]
    total: int


def first_records(connection: sa.Connection, plan: Plan, limit: int = FIRST) -> Shown:
    """For each operation the first records that it happens to, each with all that happens to it."""
    found: dict[str, list[Change]] = {}
    merged: list[Change] = []
    for change in preview.first_changes(connection, plan, limit):
        if change.verb is Verb.MERGED:  # it may have the id of the record that goes on
            merged.append(change)
        elif change.record_id not in found:
            near = plans.some(connection, plan.id, after=change.n - NEAR - 1, limit=2 * NEAR + 1)
            found[change.record_id] = [
                one
                for one in near
                if one.record_id == change.record_id
                and one.verb is not Verb.MERGED
                and (one.kept or _moves(one))
            ]
    ended = plans.counted(connection, plan.id)
    total = sum(number for (operation, _), number in ended.items() if _is_moving(operation))
    return Shown([change for some in (*found.values(), merged) for change in some], total)


def _is_moving(operation: Operation) -> bool:
    """Whether somebody wants to see it; that a record stays as it is only where a policy kept a field."""
    return operation.verb is not Verb.UNCHANGED


def _moves(change: Change) -> bool:
    return _is_moving(operation_of(change))


def some_changes(
    connection: sa.Connection,
    plan: Plan,
    limit: int,
    operations: Sequence[Operation],
    states: Sequence[State],
) -> Shown:
    """The first changes of a plan; of the given operations and states, or all that somebody wants to see."""
    known = preview.operations_in(plan)
    wanted = operations or [one for one in known if _is_moving(one)]
    changes = plans.some(connection, plan.id, operations=wanted, states=states, limit=limit)
    if not operations:
        resting = [one for one in known if not _is_moving(one)]
        unchanged = plans.some(connection, plan.id, operations=resting, states=states, limit=limit)
        changes += [change for change in unchanged if change.kept][: limit - len(changes)]
    ended = plans.counted(connection, plan.id)
    total = sum(
        number
        for (operation, state), number in ended.items()
        if operation in wanted and (not states or state in states)
    )
    return Shown(changes, total)


def show_counts(plan: Plan, ended: Ended) -> None:
    """What a plan comes to, how its changes ended, and its bill."""
    states = [state for state in STATES if _writing(ended, state)]
    if states == [State.PLANNED]:
        states = []
    table = light_table()
    table.add_column("what")
    table.add_column("planned" if states else "how many", justify="right")
    for state in states:
        table.add_column(STATES[state], justify="right", style="red" if state is State.FAILED else "")
    for title, number, operation in preview.counts_of(plan):
        writes = operation is not None and operation.writes
        counts = [ended.get((operation, state), 0) if operation and writes else 0 for state in states]
        table.add_row(title, f"{number:,}", *(f"{count:,}" if count else "" for count in counts))
    console.out.print()
    console.out.print(table)
    say(f"\n{preview.bill_in_words(plan.bill)}", style="bold")


def _writing(ended: Ended, *states: State) -> int:
    """How many changes that write are in one of the states."""
    return sum(number for (one, state), number in ended.items() if one.writes and state in states)


def _is_to_write(plan: Plan) -> bool:
    return any(plan.counts.get(one.name) for one in preview.operations_in(plan) if one.writes)


def show_changes(shown: Shown) -> None:
    """Changes as a table: a block for each record, a line for each field; then what was merged or waits."""
    if not shown.changes:
        return
    moving = sum(map(_moves, shown.changes))
    of = f"{moving:,} of " if moving < shown.total else ""
    say(
        f"\n{of}{counted(shown.total, 'change')}\n" if shown.total else "\nfields that are kept\n",
        style="bold",
    )
    certain = [
        change for change in shown.changes if change.verb not in RESTING or change.verb is Verb.UNCHANGED
    ]
    blocks = [_block(list(some)) for _, some in groupby(certain, key=lambda change: change.record_id)]
    if blocks:
        _show_blocks(blocks, _called(certain))
    for verb, title in ((Verb.MERGED, "merged with another"), (Verb.CONFLICT, "left for review")):
        _show_resting(title, [change for change in shown.changes if change.verb is verb])


def _called(changes: Sequence[Change]) -> str:
    """What the records are that changes are about."""
    targets = (STREAMS[change.stream].target for change in changes)
    return next((target.called[0] for target in targets if target is not None and target.mirror), "contact")


def _show_blocks(blocks: Sequence[Block], called: str) -> None:
    lines = [line for block in blocks for line in block.lines]
    longest = max(line.cell_len for block in blocks for line in block.record.split())
    room = console.out.width - GAP * len(COLUMNS)
    name = longest if longest + sum(_natural(lines)) <= room else min(NAME_WIDTH, longest)
    widths = _widths(lines, room - name)
    table = light_table()
    table.add_column(called, overflow="fold", width=name)
    for column, width in zip(COLUMNS, widths, strict=True):
        table.add_column(column, no_wrap=True, width=width)
    for block in blocks:
        table.add_row(block.record, *_stacked(block.lines, widths))
        table.add_section()
    needed = name + sum(widths) + GAP * len(COLUMNS)
    console.out.print(table, width=max(console.out.width, needed), crop=False)


def _show_resting(title: str, changes: Sequence[Change]) -> None:
    if not changes:
        return
    table = light_table()
    limit = NAME_WIDTH if console.out.is_terminal else None
    table.add_column(title, overflow="fold", max_width=limit)
    table.add_column("why", overflow="fold")
    for change in changes:
        told = [change.why]
        told += [f"{one.field}: {_shown(one.old)} stays, {_shown(one.new)} gives way" for one in change.kept]
        table.add_row(Text(safe(change.label), style="bold"), Text(safe("; ".join(told)), style="yellow"))
    console.out.print()
    console.out.print(table)


def show_next(steps: Sequence[tuple[str, str]], connection: str = "") -> None:
    """Commands that come next, each with what it does.

    Args:
        connection: Which the hub keeps, and which they are for; the whole command's by default.
    """
    if not steps:
        return
    grid = Table.grid(padding=(0, 0, 0, 2), pad_edge=True)
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(style="dim")
    for words, about in steps:
        grid.add_row(Text(f"{PROGRAM} {chosen.words(connection)}{words}"), about)
    say("\nwhat next", style="bold")
    console.out.print(grid)


def next_steps(plan: Plan, ended: Ended, follow_ups: Sequence[Plan] = ()) -> list[tuple[str, str]]:
    """What can be done with a plan now."""
    steps = [("plans show " + plan.id, "its changes, field by field")] if plan.state == "ready" else []
    if plan.state in ("applying", "stopped"):
        steps.append((f"plans apply {plan.id}", "go on where it stopped; nothing is written twice"))
    elif plan.state == "ready" and _is_to_write(plan):
        steps.append((f"plans apply {plan.id}", "write exactly these changes to HighLevel"))
    steps += [
        (f"plans show {plan.id} --state {state}", f"what was {STATES[state]}, and why")
        for state in (State.FAILED, State.UNKNOWN, State.LEFT)
        if _writing(ended, state)
    ]
    steps += [
        (f"plans apply {later.id}", f"{later.about}: apply what was planned again")
        for later in follow_ups
        if later.state == "ready" and _is_to_write(later)
    ]
    if plan.state in ("applied", "stopped") and _writing(ended, State.FAILED):
        steps.append((f"plans apply {plan.id} --retry-failed", "try again what failed"))
    if plan.is_a_sources and _writing(ended, State.DONE):
        steps.append((f"plans undo {plan.id}", "take it back, from the old values"))
    if plan.counts.get(Verb.CONFLICT):
        steps.append(("reviews list", "say which record is meant"))
    if plan.counts.get("rejected"):
        stream = f" --stream {records}" if (records := plan.spec.get("records")) else ""
        steps.append((f"rejects list{stream}", "what failed a check, and why"))
    return steps


def light_table() -> Table:
    """A table with a line below its head and between its blocks, and no other."""
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))


def counts_in_short(plan: Plan) -> str:
    """What a plan comes to, for a cell: ``new 2, updated 1``."""
    told = [(plan.counts.get(one.name, 0), one.short) for one in preview.operations_in(plan)]
    told.append((plan.counts.get("rejected", 0), "rejected"))
    return ", ".join(f"{word} {number:,}" for number, word in told if number) or "nothing"


def minute(moment: datetime) -> str:
    """A moment for reading, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M}"


def _widths(lines: Sequence[Line], room: int) -> list[int]:
    """How wide each column is: as its widest cell; the widest give way where there is no room for that."""
    widths = _natural(lines)
    while sum(widths) > max(room, NARROW * len(widths)):
        widths[widths.index(max(widths))] -= 1
    return widths


def _natural(lines: Sequence[Line]) -> list[int]:
    """How wide each column is with its values whole."""
    heads = tuple(map(Text, COLUMNS))
    return [max(cell.cell_len for cell in column) for column in zip(heads, *lines, strict=True)]


def _stacked(lines: Sequence[Line], widths: Sequence[int]) -> list[Text]:
    """Lines one below the other, as one cell of each column; what is folded keeps its neighbours level."""
    cells: list[list[Text]] = [[] for _ in widths]
    for line in lines:
        folded = [
            list(cell.wrap(console.out, width, overflow="fold")) or [Text()]
            for cell, width in zip(line, widths, strict=True)
        ]
        height = max(map(len, folded))
        for column, parts in zip(cells, folded, strict=True):
            column += [*parts, *(Text() for _ in range(height - len(parts)))]
    return [Text("\n").join(column) for column in cells]


def _block(changes: Sequence[Change]) -> Block:
    """One record: its name and how it was found, beside what happens to its fields."""
    new = next((one for one in changes if one.verb is Verb.CREATE and one.wanted is not None), None)
    found = _found(changes) if new is None else f"new {target_of(new.stream).called[0]}"
    record = Text.assemble((safe(changes[0].label), "bold"), "\n", (safe(found), "dim"))
    lines = [line for change in changes for line in _lines(change, is_new=new is not None)]
    causes = dict.fromkeys(change.cause for change in changes if change.cause)
    return Block(
        record, [*lines, *((Text(), Text(), Text(), Text(safe(one), style="dim")) for one in causes)]
    )


def _found(changes: Sequence[Change]) -> str:
    """What a record that is there is to the plan."""
    if any(change.verb is Verb.DELETE and not change.parent_id for change in changes):
        return "is deleted"
    first = changes[0]
    return first.parent_id if first.verb is Verb.CREATE else first.why


def _lines(change: Change, *, is_new: bool) -> list[Line]:
    lines = [_line(one, is_new=is_new) for one in change.fields] + [_kept(one) for one in change.kept]
    if change.state in (State.STALE, State.LEFT, State.FAILED, State.UNKNOWN):
        style = "red" if change.state is State.FAILED else "yellow"
        told = Text(safe(change.error or ""), style=style)
        lines.append((Text(), Text(), Text(STATES[change.state], style=style), told))
    return lines


def _line(one: FieldChange, *, is_new: bool) -> Line:
    now, then = _values(one)
    why = "" if is_new else safe(one.why)  # all of a new record is new
    return Text(safe(one.field)), Text(now), Text(then, style="bold green"), Text(why, style="dim")


def _kept(one: FieldChange) -> Line:
    now, then = _values(one)
    struck = Text.assemble(("✗ ", "dim"), (then, "dim strike"))
    return Text(safe(one.field), style="dim"), Text(now), struck, Text(f"kept, {safe(one.why)}", style="dim")


def _values(one: FieldChange) -> tuple[str, str]:
    old, new = (safe(_shown(value)) or "-" for value in (one.old, one.new))
    return old, new


def _shown(value: Json) -> str:
    """A field's value: cut where it is long in a terminal, whole elsewhere."""
    return preview.shown_value(value) if console.out.is_terminal else in_words(value)
