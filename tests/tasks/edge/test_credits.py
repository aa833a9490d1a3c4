"""What a run leaves in Prefect's UI of the credits that it spent or would spend."""

from __future__ import annotations

import asyncio

import pytest
from prefect import flow

from tasks.core.batch import Tally
from tasks.edge import credits as page
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.vendors.leads import Usage
from tests import prefect_server
from tests.tasks.hub.buying import buy, phones, running

USAGE = Usage(2000, 500, 1500, "premium", {})
KEY = "lusha-connect-credits-loc-of-credits"


@pytest.fixture
def hub_url(tmp_path: object) -> str:
    return f"sqlite:///{tmp_path}/hub.db"


def publish(hub: Hub, run: Run) -> None:
    @flow
    async def running_here() -> None:
        await page.publish(hub, run, USAGE)

    asyncio.run(running_here())


def pages(api: str) -> list[str]:
    found = prefect_server.ask(api, "/artifacts/filter", {"artifacts": {"key": {"any_": [KEY]}}})
    return [one["data"] for one in found]


def test_a_run_that_spent_or_would_spend_leaves_a_page(hub: Hub, prefect_api: str) -> None:
    run = Run("push_leads", "loc of credits", "mapping", "digest", {})
    publish(hub, run)
    run.tally.add(Tally(more={"credits": {"spent": 0, "would_cost": 0}}))
    publish(hub, run)
    assert pages(prefect_api) == []
    buy(hub, running(hub, "two|columns"), phones("1"))
    run.tally.add(Tally(more={"credits": {"spent": 5, "would_cost": 7}}))
    publish(hub, run)
    [text] = pages(prefect_api)
    assert "This run of push\\_leads: 5 credits spent" in text
    assert "Balance: 1,500 credits of 2,000 left (plan premium), when it began" in text
    assert "| revealPhone | 5 | 1 |" in text
    assert "two\\|columns" in text
