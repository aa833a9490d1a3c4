"""How a run ended, for people and for programs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli import bill_view, console, file_view, plan_view, rules_view
from cli.console import safe, say
from cli.plan_view import Ended, show_next
from cli.stopping import Interrupted
from tasks.core.change import State
from tasks.core.words import counted
from tasks.hub import connections, plans
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.streams import Operation

if TYPE_CHECKING:
    from tasks.core.batch import Tally

COUNTED = ("removed", "to_remove", "job_changes")
"""Under which name some runs tell what they count instead of records."""


@dataclass(slots=True)
class Outcome:
    """How a run ended.

    Args:
        summary: ``read, mapped, rejected, merged, created, updated, unchanged, deleted, requests, seconds``;
            of a run that plans, also what the plan comes to: ``plan, bill, applied, follow_ups``; of one that
            reads a file, how that was read: ``file``.
        tally: The same with seconds by step and reasons, where the run got that far.
        error: What stopped it; None when it is done.
        parameters: What it was asked to do.
        interrupted: The signal by which somebody ended it.
    """

    summary: dict[str, Any]
    tally: Any = None
    error: BaseException | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    interrupted: Interrupted | None = None


def tell(automation: str, outcome: Outcome, *, as_json: bool, next_steps: bool = True) -> int:
    """What a run did, as one JSON object or as tables; its error on standard error. Returns the exit code.

    Called while Prefect's API is there: it may know which hub the run wrote.

    Args:
        next_steps: Whether to tell what can be done next.
    """
    if outcome.error is not None:
        console.print_error(outcome.error)
    if as_json:
        console.print_json(plain(outcome))
        return exit_code(outcome)
    if "file" in outcome.summary:
        file_view.show(outcome.summary["file"], whole=bool(outcome.parameters.get("dry_run")))
    if "skipped" in outcome.summary:
        say(f"{automation}: skipped. {outcome.summary['skipped']}")
    elif outcome.error is None or outcome.summary["read"] or "plan" in outcome.summary:
        show(automation, outcome, next_steps=next_steps)
    return exit_code(outcome)


def plain(outcome: Outcome) -> dict[str, Any]:
    """A run for programs: its summary, and its error with the remedy where there is one."""
    if outcome.error is None:
        return outcome.summary
    return outcome.summary | console.error_as_json(outcome.error, exit_code(outcome))


def exit_code(outcome: Outcome) -> int:
    """The exit code that a run ends with."""
    if outcome.interrupted is not None:
        return outcome.interrupted.exit_code
    return console.exit_code(outcome.error) if outcome.error is not None else 0


def show(automation: str, outcome: Outcome, *, next_steps: bool) -> None:
    """The summary as tables, and what can be done next."""
    steps: list[tuple[str, str]] = []
    if "rules" in outcome.summary:
        how = "stopped" if outcome.error is not None else "done"
        rules_view.show(automation, outcome.summary, ended=how)
    if "credits" in outcome.summary:
        bill_view.show(outcome.summary, dry_run=bool(outcome.parameters.get("dry_run")))
    if "plan" in outcome.summary:
        steps = _show_plan(automation, outcome)
    elif "rules" not in outcome.summary:
        _show_counts(automation, outcome)
        if outcome.summary.get("rejected"):
            steps = [("rejects list", "what failed a check, and why")]
    for title, counter in (
        ("rejected, by reason", outcome.tally.reasons),
        ("warnings", outcome.tally.warnings),
    ):
        if counter:
            rows = [(reason, f"{count:,}") for reason, count in counter.most_common()]
            console.table(title, {"reason": "left", "rows": "right"}, rows)
    _show_left_out(outcome.tally)
    if next_steps:
        show_next(steps, _kept_connection(outcome))


def _show_left_out(tally: Tally) -> None:
    """The values that records went in without, and what was assumed about the source."""
    if tally.dropped.counted:
        columns = {"field": "left", "the value": "left", "values": "right", "for example": "left"}
        rows = [(*row[:3], safe(row[3])) for row in tally.dropped.rows()]
        console.table("values left out", columns, list(rows))
    for line in tally.dropped.alarms():
        say(line, style="yellow")
    for note in tally.notes:
        say(safe(note))


def _show_counts(automation: str, outcome: Outcome) -> None:
    ended = "stopped" if outcome.error is not None else "done"
    told = next(((name, outcome.summary[name]) for name in COUNTED if name in outcome.summary), None)
    counted = {name: outcome.summary[name] for name in outcome.tally.COUNTS if name != "merged"}
    name, counts = told or ("records", counted)  # only what is planned is merged
    rows = [(what, f"{value:,}") for what, value in counts.items()]
    console.table(f"{automation}: {ended}", {name.replace("_", " "): "left", "count": "right"}, rows)
    steps = [(step, f"{seconds:.2f}") for step, seconds in outcome.tally.seconds.items()]
    steps.append(("in all", f"{outcome.summary['seconds']:.2f}"))
    console.table("time", {"step": "left", "seconds": "right"}, steps)


def _show_plan(automation: str, outcome: Outcome) -> list[tuple[str, str]]:
    """What a run planned and wrote, as tables; what can be done next."""
    dry_run = bool(outcome.parameters.get("dry_run"))
    how = "stopped" if outcome.error is not None else "dry run" if dry_run else "done"
    steps: dict[tuple[str, str], None] = {}
    with _hub_of(outcome) as hub:
        follow_ups = [plans.find(hub, plan_id) for plan_id in outcome.summary["follow_ups"]]
        for plan_id in outcome.summary.get("plans", [outcome.summary["plan"]]):
            plan = plans.find(hub, plan_id)
            ended = how_they_ended(hub, [plan, *plans.follow_ups(hub, plan_id)])
            with hub.read() as connection:
                shown = plan_view.first_records(connection, plan) if dry_run else None
            say(f"\n{automation}, {how}: plan {plan.id}, {safe(plan.about)}", style="bold")
            if shown is not None:
                plan_view.show_changes(shown)
            plan_view.show_counts(plan, ended)
            steps = (
                dict.fromkeys(plan_view.next_steps(plan, ended, follow_ups)) | steps
            )  # the last plan first
    for later in follow_ups:
        say(f"Planned again in plan {later.id} ({later.state}): {later.about}.")
    took = f"{counted(outcome.summary['requests'], 'request')} and {outcome.summary['seconds']:.1f} s"
    say("Dry run: nothing was written to HighLevel." if dry_run else f"This run took {took}.")
    if dry_run and "credits" in outcome.summary:  # nothing of it is kept: what is bought changes the plan
        return [(f"run {automation} …", "the same without --dry-run: spend at most that, and write")]
    return list(steps)


@contextmanager
def _hub_of(outcome: Outcome) -> Iterator[Hub]:
    """The hub that a run wrote: a connection block's, or the settings'."""
    from tasks.edge.connections import settings_for

    hub = Hub(asyncio.run(settings_for(outcome.parameters.get("connection", ""))).hub_url)
    try:
        yield hub
    finally:
        hub.close()


def _kept_connection(outcome: Outcome) -> str:
    """The connection that a run was given, where the hub keeps it: a block's is for runs alone."""
    name: str = outcome.parameters.get("connection", "")
    if name in connections.ITSELF:
        return ""
    return name if connections.look_up(name)[1] is not None else ""


def how_they_ended(hub: Hub, made: Sequence[Plan]) -> Ended:
    """How the changes of plans ended, counted."""
    found: Counter[tuple[Operation, State]] = Counter()
    with hub.read() as connection:
        for plan in made:
            found.update(plans.counted(connection, plan.id))
    return found
