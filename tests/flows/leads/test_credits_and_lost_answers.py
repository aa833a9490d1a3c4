"""The hub's sum of credits is Lusha's, and nothing is bought twice, though answers to charges are lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub
from tests.flows.conftest import Flow
from tests.flows.leads.conftest import bought
from tests.tasks.hub.buying import bill, left_open

Go = Callable[..., dict[str, Any]]
LeadsFile = Callable[..., str]


def lose(vendor: RunningSandbox, route: str, times: int) -> None:
    """Break the connection after Lusha has done what was asked, so many times."""
    vendor.lusha.set_faults(
        [{"operation": f"POST /v3/contacts/{route}", "fault": "reset_after", "times": times}]
    )


@pytest.fixture
def file(strangers: list[Any], leads_file: LeadsFile) -> str:
    return leads_file(strangers[:4])


def test_an_answer_that_comes_at_the_second_try_costs_once(
    go: Go, vendor: RunningSandbox, hub: Hub, file: str
) -> None:
    lose(vendor, "enrich", 1)
    done = go("push_leads", file=file, businesses=False)
    assert done["applied"]["create done"] == 4
    assert bill(hub) == done["credits"]["spent"] == vendor.lusha.bill()["credits"] == 1 + 4 * 6
    assert max(bought(vendor).values()) == 1


def test_what_was_bought_without_an_answer_is_had_by_the_next_run_for_nothing(
    go: Go, run: Flow, vendor: RunningSandbox, hub: Hub, file: str
) -> None:
    lose(vendor, "enrich", 99)
    assert run("push_leads", file=file, businesses=False).error is not None
    paid = vendor.lusha.bill()["credits"]
    assert (bill(hub), len(left_open(hub)), paid) == (1, 8, 1 + 4 * 6)
    vendor.lusha.set_faults([])
    assert go("push_leads", file=file, businesses=False)["applied"]["create done"] == 4
    assert vendor.lusha.bill()["credits"] == bill(hub) == paid
    assert left_open(hub) == []


def test_a_search_without_an_answer_counts_as_charged(
    go: Go, run: Flow, vendor: RunningSandbox, hub: Hub, file: str
) -> None:
    lose(vendor, "search", 1)
    assert run("push_leads", file=file, businesses=False).error is not None
    assert bill(hub) == vendor.lusha.bill()["credits"] == 1
    go("push_leads", file=file, businesses=False)
    assert bill(hub) == vendor.lusha.bill()["credits"] == 2 + 4 * 6
