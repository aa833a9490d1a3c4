"""Whatever goes wrong in a run of rules: no task, tag, enrolment or notice comes twice, and none is lost."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flows.automations import check_parameters, load
from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub
from tasks.hub.tables import changes, cursors, firings, notices, plans, rejects, turns
from tests import chance
from tests.flows.conftest import Flow
from tests.flows.rules.deaths import Death, mortal
from tests.flows.rules.test_create_first_tasks import call, new
from tests.flows.rules.test_route_contacts import JOIN, contact, joined, names, route

Go = Callable[..., dict[str, Any]]
DEATHS = chance.many("RANDOM_DEATHS", 1)
"""Schedules, each of several deaths."""
EACH = 3
TOLD = """
  - key: told
    on: {stream: hub.contact, when: [created]}
    then: [{notice: {channel: team, text: "{contact.first_name} is new."}}]
"""
CREATE_TASK = "POST /contacts/{contactId}/tasks"
ADD_TAGS = "POST /contacts/{contactId}/tags"


def everything(vendor: RunningSandbox) -> str:
    """Rules that make tasks, add and remove a tag, set an owner, enrol, and tell somebody."""
    rules = call(vendor) + route(vendor).partition("rules:\n")[2] + TOLD
    return f"channels:\n  team: {{block: lusha-connect-channel/nobody}}{rules}"


def per_contact(vendor: RunningSandbox) -> Counter[str]:
    return Counter(one["contactId"] for one in vendor.records("tasks"))


def notices_of(hub: Hub) -> list[str]:
    with hub.read() as connection:
        return sorted(connection.execute(sa.select(notices.c.contact_id)).scalars())


def left_open(hub: Hub) -> list[str]:
    """States of the plans that an automation's cursor says are to be gone on with."""
    with hub.read() as connection:
        positions = connection.execute(
            sa.select(cursors.c.position).where(cursors.c.automation == "create_first_tasks")
        ).scalars()
        ids = [id_ for position in positions for id_ in position.get("plans", ())]
        return list(connection.execute(sa.select(plans.c.state).where(plans.c.id.in_(ids))).scalars())


def unknown(hub: Hub) -> set[str]:
    """Contacts of which nobody can tell whether they entered a workflow, and are told so."""
    query = sa.select(changes.c.parent_id).where(
        changes.c.state == "unknown", changes.c.stream == "highlevel.enrolment"
    )
    with hub.read() as connection:
        return set(connection.execute(query).scalars())


def assert_each_once(vendor: RunningSandbox, hub: Hub, ids: list[str]) -> None:
    added, removed, _, owner = names(vendor)
    assert per_contact(vendor) == Counter(ids)
    times = joined(vendor)
    assert set(times) | unknown(hub) == set(ids)
    assert set(times.values()) <= {1}
    for id_ in ids:
        now = contact(vendor, id_)
        assert (now["tags"].count(added), removed in now["tags"], now["assignedTo"]) == (1, False, owner)
    assert notices_of(hub) == sorted(ids)


@pytest.mark.parametrize("number", range(DEATHS))
def test_a_run_that_dies_anywhere_is_gone_on_with(
    number: int,
    go: Go,
    loaded: RunningSandbox,
    rules_file: Callable[[str], str],
    forks: Any,
    environment: dict[str, str],
    prefect_api: str,
    opened: Hub,
) -> None:
    dice = chance.dice("deaths of rules", number)
    rules, removed = rules_file(everything(loaded)), names(loaded)[1]
    ids = new(loaded, 3, city="Vienna", tags=[removed])
    words = ("run", "create_first_tasks", "--param", f"rules={rules}", "--json")
    told = []
    for _ in range(EACH):
        of = dice.choice(("write", "request"))
        death = Death(of, dice.randint(1, 45 if of == "write" else 8), dice.random() < 0.5)
        dying = forks.start(mortal, environment | {"PREFECT_API_URL": prefect_api}, words, death)
        dying.join()
        told.append(f"{death}: {dying.exitcode == -signal.SIGKILL}")
    print(f"{chance.SEED}={chance.settle_seed()}", *told, sep="\n")
    go("create_first_tasks", rules=rules)
    assert_each_once(loaded, opened, ids)
    again = go("create_first_tasks", rules=rules)
    assert set(again["rules"].values()) == {0}
    assert_each_once(loaded, opened, ids)
    assert set(left_open(opened)) <= {"applied"}


GUARDED = """
on: {stream: hub.contact, when: [created, updated]}
rules:
  - key: welcome
    if: {not: {contact.tags: {has: %s}}}
    then:
      - highlevel.contact: {tags: [%s]}
      - highlevel.crm_task: {title: "Call {contact.first_name}", dueDate: {in: 2 working days}}
"""


@pytest.mark.parametrize("after", [False, True])
def test_what_ends_a_rules_condition_ends_none_of_its_other_parts(
    after: bool,
    go: Go,
    loaded: RunningSandbox,
    rules_file: Callable[[str], str],
    forks: Any,
    environment: dict[str, str],
    prefect_api: str,
) -> None:
    tag = names(loaded)[0]
    rules, [ada] = rules_file(GUARDED % (tag, tag)), new(loaded, 1)
    words = ("run", "create_first_tasks", "--param", f"rules={rules}", "--json")
    death = Death("request", 1, after)
    dying = forks.start(mortal, environment | {"PREFECT_API_URL": prefect_api}, words, death)
    dying.join()
    assert (dying.exitcode, per_contact(loaded)) == (-signal.SIGKILL, {})
    for _ in range(3):
        go("create_first_tasks", rules=rules)
        assert (contact(loaded, ada)["tags"], per_contact(loaded)) == ([tag], {ada: 1})


def test_a_plan_is_gone_on_with_though_its_rules_are_other_ones_by_now(
    go: Go,
    loaded: RunningSandbox,
    rules_file: Callable[[str], str],
    forks: Any,
    environment: dict[str, str],
    prefect_api: str,
) -> None:
    rules, ids = rules_file(call(loaded)), new(loaded, 3)
    words = ("run", "create_first_tasks", "--param", f"rules={rules}", "--json")
    dying = forks.start(
        mortal, environment | {"PREFECT_API_URL": prefect_api}, words, Death("request", 1, after=False)
    )
    dying.join()
    assert (dying.exitcode, per_contact(loaded)) == (-signal.SIGKILL, {})
    rules_file(route(loaded))
    go("create_first_tasks", rules=rules)
    assert per_contact(loaded) == Counter(ids)


def test_of_two_runs_at_once_one_is_skipped_and_another_automation_is_not(
    run: Flow, go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    tasks, routing = rules_file(call(loaded)), rules_file(route(loaded), "routing")
    ids = new(loaded, 3, city="Vienna")

    async def at_once() -> list[str]:
        asked = [("create_first_tasks", tasks), ("create_first_tasks", tasks), ("route_contacts", routing)]
        flows = [(load(name), {"rules": rules}) for name, rules in asked]
        running = [flow(**check_parameters(flow, given), return_state=True) for flow, given in flows]
        return [state.name for state in await asyncio.gather(*running)]

    first, second, other = asyncio.run(at_once())
    assert "Completed" in (first, second)
    assert {first, second} <= {"Completed", "Skipped"}  # or the second began when the first had ended
    assert other == "Completed"
    assert per_contact(loaded) == Counter(ids)
    assert joined(loaded) == dict.fromkeys(ids, 1)
    go("create_first_tasks", rules=tasks)
    go("route_contacts", rules=routing)
    assert per_contact(loaded) == Counter(ids)
    assert joined(loaded) == dict.fromkeys(ids, 1)


FAULTS = ("500", "reset_before", "reset_after", "timeout_after")


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_fails_or_is_lost_doubles_and_loses_nothing(
    fault: str,
    run: Flow,
    go: Go,
    loaded: RunningSandbox,
    rules_file: Callable[[str], str],
    opened: Hub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HTTP_TIMEOUT", "0.5")
    rules, removed = rules_file(everything(loaded)), names(loaded)[1]
    ids = new(loaded, 3, city="Vienna", tags=[removed])
    loaded.set_faults(
        [{"operation": name, "fault": fault, "times": 2} for name in (CREATE_TASK, ADD_TAGS, JOIN)]
    )
    run("create_first_tasks", rules=rules)
    loaded.set_faults([])
    for _ in range(2):
        go("create_first_tasks", rules=rules)
        assert_each_once(loaded, opened, ids)


LEFT = (cursors, firings, turns, notices, rejects)


def traces(hub: Hub) -> dict[str, list[Any]]:
    """What the automation remembers."""
    with hub.read() as connection:
        found = {table.name: list(map(tuple, connection.execute(sa.select(table)))) for table in LEFT}
    found["cursors"] = [row for row in found["cursors"] if "create_first_tasks" in row]
    return {name: sorted(map(repr, rows)) for name, rows in found.items()}


def test_a_dry_run_leaves_nothing_behind(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str], opened: Hub
) -> None:
    draft = route(loaded).partition("rules:\n")[2].replace("Welcome", "Survey").replace("vip", "draft")
    bad = """
  - key: unreadable
    then:
      - highlevel.crm_task: {title: "Call {contact.phone}", dueDate: {in: 1 day}}
"""
    rules = rules_file(everything(loaded) + draft + bad)
    new(loaded, 1, city="Vienna")
    go("create_first_tasks", rules=rules)
    loaded.edit(
        kind="contacts",
        create={"firstName": "Eve", "email": "eve@new.example", "type": "lead", "city": "Vienna"},
    )
    before = traces(opened)
    assert any("is a draft" in row for row in before["rejects"])
    told = go("create_first_tasks", rules=rules, dry_run=True)
    assert (told["rules"]["call"], traces(opened)) == (1, before)
