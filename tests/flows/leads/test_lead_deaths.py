"""Runs of leads that die anywhere, at a vendor that fails too: nothing is bought twice, nobody is lost."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.hub.caps import Caps
from tasks.hub.engine import Hub
from tasks.hub.spent import credit_status
from tasks.hub.tables import spending
from tests import chance
from tests.flows.leads.conftest import bought, rows, spent_on
from tests.flows.leads.test_push_leads import Go, LeadsFile, email_of
from tests.flows.rules.deaths import Death, mortal

SCHEDULES = chance.many("RANDOM_DEATHS", 1)
"""Each of several deaths."""
EACH = 2
FAULTS = ("500", "500_after", "499", "reset_before", "reset_after", "timeout_after", "truncated_json")
CHARGED = (
    "POST /v3/contacts/search",
    "POST /v3/contacts/enrich",
    "GET /v3/contacts/tables/{tableId}/entities",
)
LAST_CHARGED, LAST_WRITE, LAST_REQUEST = 3, 39, 16
"""Of a run that nobody disturbs; its first requests are those that are paid for."""


def faults(dice: random.Random) -> list[dict[str, Any]]:
    """Ways in which Lusha goes wrong now and then, at whatever it charges for."""
    hits = {"share": 0.3, "seed": dice.randrange(999), "seconds": 2}
    return [{"operation": name, "fault": dice.choice(FAULTS), **hits} for name in CHARGED]


def death(dice: random.Random) -> Death:
    of, last = dice.choice(
        (
            ("request", LAST_CHARGED),
            ("request", LAST_CHARGED),
            ("request", LAST_REQUEST),
            ("write", LAST_WRITE),
        )
    )
    return Death(of, dice.randint(1, last), dice.random() < 0.5)


def charged(hub: Hub) -> Counter[str]:
    """What the ledger says was spent: ``once`` on datapoints, ``each time`` on searches and rows."""
    found: Counter[str] = Counter()
    with hub.read() as connection:
        for action, credits_ in connection.execute(sa.select(spending.c.action, spending.c.charged)):
            found["each time" if action in ("contactSearch", "tableRead") else "once"] += credits_ or 0
    return found


def assert_bought_and_written_once(vendor: RunningSandbox, hub: Hub, people: list[Any]) -> None:
    assert bought(vendor) == Counter((one["id"], name) for one in people for name in ("emails", "phones"))
    written = Counter(one.get("email") for one in vendor.records("contacts"))
    assert {written[email_of(one)] for one in people} == {1}
    assert charged(hub)["once"] == spent_on(vendor, "emails", "phones")
    # A search whose answer nobody heard counts as paid for.
    assert charged(hub)["each time"] >= spent_on(vendor, "contactSearch", "tableRead")
    assert credit_status(hub, Caps(), datetime.now(UTC)).reserved == 0


@pytest.mark.parametrize("number", range(SCHEDULES))
def test_a_run_that_dies_anywhere_is_gone_on_with_and_nothing_is_bought_twice(
    number: int,
    go: Go,
    vendor: RunningSandbox,
    strangers: list[Any],
    leads_file: LeadsFile,
    inbox: Callable[[list[Any]], None],
    forks: Any,
    environment: dict[str, str],
    prefect_api: str,
    opened: Hub,
) -> None:
    dice = chance.dice("deaths of leads", number)
    people, file = strangers[:24], leads_file(strangers[:14])
    inbox(strangers[10:24])
    around = environment | {"PREFECT_API_URL": prefect_api, "LUSHA_CONNECT_HTTP_TIMEOUT": "0.5"}
    sources = (f"file={file}", "source=inbox")
    told = []
    for _ in range(EACH):
        vendor.lusha.set_faults(faults(dice))
        source, dies = dice.choice(sources), death(dice)
        words = ("run", "push_leads", "--param", source, "--param", "businesses=false", "--json")
        dying = forks.start(mortal, around, words, dies)
        dying.join()
        told.append(f"{source} {dies}: {dying.exitcode} {dying.exitcode == -signal.SIGKILL}")
    print(f"{chance.SEED}={chance.settle_seed()}", *told, sep="\n")
    vendor.lusha.set_faults([])
    go("push_leads", file=file, businesses=False)
    go("push_leads", source="inbox", businesses=False)
    assert_bought_and_written_once(vendor, opened, people)
    assert rows(vendor) == 0

    credits_ = vendor.lusha.bill()["credits"]
    go("push_leads", file=file, businesses=False)
    assert vendor.lusha.bill()["credits"] == credits_
