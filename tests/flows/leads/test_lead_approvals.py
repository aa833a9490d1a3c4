"""A person before the bill, and before the plan: exactly that is bought and written, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.core.errors import StoppedError
from tasks.hub.engine import Hub
from tests.flows import test_deployments
from tests.flows.conftest import Flow
from tests.flows.leads.conftest import bought, spent_on
from tests.flows.leads.test_push_leads import LeadsFile
from tests.flows.rules.test_approvals import Worker
from tests.flows.test_import_contacts import answered

deployed = test_deployments.deployed
GERMANS = "pages: 1\nsize: 25\nfilters: {contacts: {include: {countries: [DE]}}}\n"


def count(vendor: RunningSandbox) -> int:
    return len(vendor.records("contacts"))


def test_a_declined_bill_spends_and_writes_nothing(
    run: Flow, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile, prefect_api: str
) -> None:
    before = count(vendor)
    person = answered(prefect_api, {"approve": False})
    ended = run("push_leads", file=leads_file(strangers[:2]), businesses=False, approve_spending=True)
    person.join()
    assert isinstance(ended.error, StoppedError)
    assert "declined; nothing was spent" in str(ended.error)
    assert (vendor.lusha.bill()["credits"], count(vendor)) == (0, before)


@pytest.fixture
def worker(
    deployed: dict[str, str], environment: dict[str, str], hub: Hub, prefect_api: str, tmp_path: Path
) -> Worker:
    return Worker(prefect_api, deployed | environment, tmp_path / "worker.log")


def test_another_worker_goes_on_after_each_answer_and_nothing_is_read_or_bought_twice(
    worker: Worker, vendor: RunningSandbox, tmp_path: Path
) -> None:
    search, before = tmp_path / "germans.yaml", count(vendor)
    search.write_text(GERMANS, encoding="utf-8")
    asked = {"source": "search", "search": str(search), "reveal": ["emails"], "businesses": False}
    waiting, state = worker.starts("push_leads", **asked, approve_spending=True, approve=True)
    assert (state, vendor.lusha.bill()["credits"], count(vendor)) == ("Suspended", 0, before)

    assert worker.answers(waiting, approve=True) == "Suspended"
    assert (spent_on(vendor, "contactSearch"), count(vendor)) == (1, before)
    assert set(bought(vendor).values()) == {1}
    paid = vendor.lusha.bill()

    assert worker.answers(waiting, approve=True) == "Completed"
    assert vendor.lusha.bill() == paid
    assert count(vendor) > before
