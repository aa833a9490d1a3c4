"""Firings: what a rule did for a record is kept, what is unfinished is found, plans lead back to rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tasks.hub import firings, plans
from tasks.hub.engine import Hub
from tasks.hub.firings import Firing, FiringState
from tasks.hub.plans import Plan

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CALL = Firing("mine", "call", "ada", "hub.contact", "ada", 1, 4, 7, ("mine.route",), "run", NOON)


def keep(hub: Hub, *made: Firing, location: str = "loc") -> None:
    with hub.write() as connection:
        firings.keep(connection, location, made)


def known(hub: Hub, *subjects: str, rules: str = "mine", location: str = "loc") -> Iterable[Firing]:
    with hub.read() as connection:
        return firings.of_subjects(connection, location, rules, subjects).values()


def test_all_of_a_firing_is_kept_and_the_last_one_counts(hub: Hub) -> None:
    keep(hub, CALL, replace(CALL, subject="bob", about="bob", seq=None, chain=()))
    assert list(known(hub, "ada", "nobody")) == [CALL]
    again = replace(CALL, n=2, seq=9, chain=("a.b", "c.d"), run_id="later", state=FiringState.ENDED)
    keep(hub, again)
    keep(hub)
    assert list(known(hub, "ada")) == [again]
    assert len(known(hub, "ada", "bob")) == 2  # type: ignore[arg-type]


def test_files_and_locations_do_not_know_each_others(hub: Hub) -> None:
    keep(hub, CALL)
    keep(hub, replace(CALL, n=5), location="elsewhere")
    keep(hub, replace(CALL, rules="other", n=8))
    assert [one.n for one in known(hub, "ada")] == [1]
    assert [one.n for one in known(hub, "ada", location="elsewhere")] == [5]
    assert [one.n for one in known(hub, "ada", rules="other")] == [8]


def test_what_waits_and_what_is_begun_is_unfinished(hub: Hub) -> None:
    keep(
        hub,
        *(replace(CALL, subject=state.value, state=state) for state in FiringState),
        replace(CALL, rule="route", subject="eve", state=FiringState.BEGUN),
        replace(CALL, stream="hub.crm_task", subject="task", state=FiringState.WAITS),
    )
    with hub.read() as connection:
        found = firings.unfinished(connection, "loc", "mine", "hub.contact")
    assert found == {"call": ["begun", "waits"], "route": ["eve"]}


def test_a_plan_tells_which_rules_made_it_of_whom(hub: Hub) -> None:
    made = [Plan(run, "an automation", "loc", "import", "", {}) for run in ("run", "other")]
    with hub.write() as connection:
        for plan in made:
            plans.insert(connection, plan)
    route = replace(CALL, rule="route")
    keep(hub, CALL, route, replace(CALL, subject="bob", about="bob"))
    with hub.read() as connection:
        found = firings.behind(connection, "loc", [one.id for one in made])
        assert firings.behind(connection, "loc", []) == {}
        assert firings.behind(connection, "elsewhere", [one.id for one in made]) == {}
    assert {key: sorted(one.name for one in some) for key, some in found.items()} == {
        (made[0].id, "ada"): ["mine.call", "mine.route"],
        (made[0].id, "bob"): ["mine.call"],
    }


def test_turns_are_counted_for_each_list_of_a_file(hub: Hub) -> None:
    def take(rules: str = "mine", **counts: int) -> None:
        with hub.write() as connection:
            firings.take(connection, "loc", rules, counts)

    def taken(rules: str = "mine") -> dict[str, Any]:
        with hub.read() as connection:
            return firings.taken(connection, "loc", rules)

    take()
    assert taken() == {}
    take(sales=2, support=1)
    take(sales=3)
    take("other", sales=9)
    assert (taken(), taken("other")) == ({"sales": 3, "support": 1}, {"sales": 9})
