"""What rules want waits for a person: exactly that is written, another run neither does it nor asks again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.hub import plans
from tasks.hub.engine import Hub
from tests.flows import test_deployments
from tests.flows.rules.test_create_first_tasks import call, new
from tests.flows.rules.test_link_businesses import make
from tests.flows.test_deployments import deployments, reached, working
from tests.prefect_server import ask

Go = Callable[..., dict[str, Any]]
deployed = test_deployments.deployed


class Worker:
    """Runs deployments, each until it rests; a worker is there only as long as that takes."""

    def __init__(self, api: str, variables: dict[str, str], log: Path) -> None:
        self._api, self._variables, self._log = api, variables, log

    def starts(self, automation: str, **parameters: Any) -> tuple[str, str]:
        """A run of a deployment: its id, and how it rests."""
        deployment = deployments(self._api)[automation]["id"]
        made = ask(self._api, f"/deployments/{deployment}/create_flow_run", {"parameters": parameters})
        return made["id"], self._rests(made["id"])

    def answers(self, flow_run: str, *, approve: bool) -> str:
        """A person answers; how the run rests then."""
        given = {"run_input": {"approve": approve, "approved_by": "Ada"}}
        assert ask(self._api, f"/flow_runs/{flow_run}/resume", given)["status"] == "ACCEPT"
        return self._rests(flow_run)

    def _rests(self, flow_run: str) -> str:
        with working(self._variables, self._log):
            return reached(self._api, flow_run)


@pytest.fixture
def worker(
    deployed: dict[str, str], environment: dict[str, str], hub: Hub, prefect_api: str, tmp_path: Path
) -> Worker:
    return Worker(prefect_api, deployed | environment, tmp_path / "worker.log")


def tasks_of(vendor: RunningSandbox) -> Counter[str]:
    return Counter(one["contactId"] for one in vendor.records("tasks"))


def newest(hub: Hub) -> dict[str, str]:
    return {plan.id: plan.state for plan in plans.newest(hub, 9)}


def test_exactly_the_approved_tasks_are_made_and_the_declined_are_not_asked_about_again(
    worker: Worker, go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str], hub: Hub
) -> None:
    rules, ids = rules_file(call(loaded)), new(loaded, 2)
    waiting, state = worker.starts("create_first_tasks", rules=rules)
    assert (state, tasks_of(loaded)) == ("Suspended", {})
    [plan] = newest(hub)

    [eve] = new(loaded, 1, email="eve@new.example")
    go("create_first_tasks", rules=rules)
    assert (tasks_of(loaded), newest(hub)[plan]) == ({eve: 1}, "ready")

    assert worker.answers(waiting, approve=True) == "Completed"
    assert tasks_of(loaded) == Counter([*ids, eve])
    assert newest(hub)[plan] == "applied"

    new(loaded, 1, email="kim@new.example")
    declined, state = worker.starts("create_first_tasks", rules=rules)
    assert (state, worker.answers(declined, approve=False)) == ("Suspended", "Failed")
    assert worker.starts("create_first_tasks", rules=rules)[1] == "Completed"
    assert tasks_of(loaded) == Counter([*ids, eve])


def test_what_comes_in_two_steps_is_asked_twice_and_each_once(
    worker: Worker, go: Go, loaded: RunningSandbox, hub: Hub
) -> None:
    go("link_businesses")
    before = len(loaded.records("businesses"))
    ada = make(loaded, "Ada", "ada@brand-new.example", "Brand New")
    waiting, state = worker.starts("link_businesses")
    assert state == "Suspended"
    known = newest(hub)
    go("link_businesses")
    assert (newest(hub), len(loaded.records("businesses"))) == (known, before)
    assert worker.answers(waiting, approve=True) == "Suspended"
    made = [one for one in loaded.records("businesses") if one["name"] == "Brand New"]
    assert len(made) == 1
    assert worker.answers(waiting, approve=True) == "Completed"
    [contact] = [one for one in loaded.records("contacts") if one["id"] == ada]
    assert contact["businessId"] == made[0]["id"]
