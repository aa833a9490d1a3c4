"""Plans looked at, carried out, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Any, TypeVar

from rich.text import Text

from cli import console, plan_view
from cli.automation import quiet_prefect, start
from cli.console import safe, say
from cli.open_hub import open_hub
from cli.outcome import Outcome, how_they_ended, tell
from cli.plan_view import Ended
from tasks.core.batch import Tally
from tasks.core.change import State
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import load_settings
from tasks.core.words import nearest_of_all
from tasks.hub import chains, plans
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.plan import preview
from tasks.streams import Operation

SHOWN = 50
"""Changes that ``plans show`` shows in a terminal, unless it is told otherwise."""

PREFIX = 8
"""Characters of a plan's id that tell it from the others."""

_Word = TypeVar("_Word", bound=StrEnum)


def list_plans(limit: int, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub:
        found = plans.newest(hub, limit, load_settings().location_id)
    if as_json:
        console.print_json([_plain(plan) for plan in found])
        return 0
    if not found:
        say("No plans.")
        return 0
    table = plan_view.light_table()
    for name in ("plan", "made (UTC)", "kind", "about", "state", "comes to", "of plan"):
        table.add_column(name, no_wrap=name not in ("about", "comes to"), overflow="fold")
    for plan in found:
        cells = [plan.id, plan_view.minute(plan.made_at), plan.kind, plan.about, plan.state]
        cells += [plan_view.counts_in_short(plan), (plan.parent_id or "")[:PREFIX]]
        table.add_row(*(Text(safe(cell)) for cell in cells))
    say("\nplans, the newest first\n", style="bold")
    console.print_table(table)
    say("\nOne of them whole: lusha-connect plans show PLAN")
    return 0


def show_plan(
    word: str, limit: int | None, kinds: Sequence[str], states: Sequence[str], *, as_json: bool
) -> int:
    """The command. Returns the exit code.

    Args:
        word: The plan's id or its beginning, the id of the run that made it, or ``last``.
        limit: Changes that are shown; None for all as JSON, and for some in a terminal.
        kinds: Only changes of these kinds.
        states: Only changes in these states.
    """
    some_states = [_word(State, "state of a change", state) for state in states]
    with open_hub() as hub:
        plan = _find(hub, word)
        operations = [_operation(plan, kind) for kind in kinds]
        follow_ups = plans.follow_ups(hub, plan.id)
        with hub.read() as connection:
            ended = plans.counted(connection, plan.id)
            if as_json:
                found = plans.some(
                    connection, plan.id, operations=operations, states=some_states, limit=limit
                )
                changes = list(map(preview.as_json, found))
                told = {f"{one.name} {state}": number for (one, state), number in ended.items()}
                console.print_json(_plain(plan) | {"applied": told, "changes": changes})
                return 0
            shown = plan_view.some_changes(connection, plan, limit or SHOWN, operations, some_states)
    _head(plan, follow_ups)
    plan_view.show_changes(shown)
    plan_view.show_counts(plan, ended)
    steps = plan_view.next_steps(plan, ended, follow_ups)
    plan_view.show_next([step for step in steps if step[0] != f"plans show {plan.id}"])
    return 0


def apply_plan(
    word: str, recheck: str, *, retry_failed: bool, dry_run: bool, as_json: bool, verbose: bool
) -> int:
    """The command. Returns the exit code."""
    quiet_prefect(verbose=verbose)
    with open_hub() as hub:
        plan = _find(hub, word)
        with hub.read() as connection:
            ended = plans.counted(connection, plan.id)
        open_states = [State.PLANNED, State.SENDING] + ([State.FAILED] if retry_failed else [])
        is_open = _writing(ended, *open_states) or plans.to_plan_anew(hub, plan.id)
    if plan.state == "applied" and not is_open:
        when = f" on {plan_view.minute(plan.applied_at)} UTC" if plan.applied_at else ""
        return _nothing_to_do(plan, ended, f"Plan {plan.id} was applied{when}; nothing is open.", as_json)
    asked = {"plan": plan.id, "recheck": recheck, "dry_run": dry_run, "retry_failed": retry_failed}
    return start("apply_plan", asked, as_json=as_json)


def undo_plan(word: str, *, delete_created: bool, dry_run: bool, as_json: bool, verbose: bool) -> int:
    """The command. Returns the exit code."""
    quiet_prefect(verbose=verbose)
    with open_hub() as hub:
        plan = _find(hub, word)
        chain = chains.chain(hub, plan)
        ended = how_they_ended(hub, chain)
        with hub.read() as connection:
            wrote = chains.wrote(connection, chain)
    if not wrote:
        hint = f"; apply it: lusha-connect plans apply {plan.id}" if plan.kind == "undo" else ""
        return _nothing_to_do(
            plan, ended, f"Plan {plan.id} has written nothing that could be taken back{hint}.", as_json
        )
    asked = {"plan": plan.id, "delete_created": delete_created, "dry_run": dry_run}
    return start("undo_plan", asked, as_json=as_json)


def _head(plan: Plan, follow_ups: Sequence[Plan]) -> None:
    say(f"\nplan {plan.id}, {safe(plan.about)}: {plan.state}", style="bold")
    facts = [f"made by {plan.automation} on {plan_view.minute(plan.made_at)} UTC, run {plan.run_id}"]
    if plan.parent_id:
        facts.append(f"{'undoes' if plan.kind == 'undo' else 'follows'} plan {plan.parent_id}")
    facts += [f"followed by plan {later.id} ({later.state})" for later in follow_ups]
    if plan.approved_by:
        facts.append(f"approved by {safe(plan.approved_by)}")
    if plan.applied_at:
        facts.append(f"{plan.state} on {plan_view.minute(plan.applied_at)} UTC")
    say("; ".join(facts), style="dim")


def _nothing_to_do(plan: Plan, ended: Ended, why: str, as_json: bool) -> int:
    """End as a run does that had nothing to do."""
    if not as_json:
        say(why)
        return 0
    told = {f"{one.name} {state}": number for (one, state), number in ended.items()}
    more = {"plan": plan.id, "bill": plan.bill, "applied": told, "follow_ups": []}
    return tell("", Outcome({**Tally().counts(), **more, "seconds": 0.0}), as_json=True)


def _find(hub: Hub, word: str) -> Plan:
    return plans.find(hub, word, load_settings().location_id)


def _writing(ended: Ended, *states: State) -> int:
    """How many changes that write are in one of the states."""
    return sum(number for (one, state), number in ended.items() if one.writes and state in states)


def _plain(plan: Plan) -> dict[str, Any]:
    """A plan for programs."""
    return {name: value for name, value in asdict(plan).items() if name != "spec"}


def _operation(plan: Plan, name: str) -> Operation:
    """The operation of that name among those that a plan may do.

    Raises:
        BadConfigurationError: There is none.
    """
    known = {one.name: one for one in preview.operations_in(plan)}
    if name not in known:
        raise BadConfigurationError(
            f"There is no kind of change {name!r}.", remedy=nearest_of_all(name, known)
        )
    return known[name]


def _word(words: type[_Word], what: str, given: str) -> _Word:
    try:
        return words(given)
    except ValueError:
        raise BadConfigurationError(
            f"There is no {what} {given!r}.", remedy=nearest_of_all(given, words)
        ) from None
