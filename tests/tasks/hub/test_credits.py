"""The credit ledger: no cap is passed, nothing is bought twice, and its sum is what the vendor took."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from tasks.core.errors import LeaseLostError
from tasks.hub import credits as ledger
from tasks.hub.credits import Caps, Item, LeftOver, Who
from tasks.hub.engine import Hub
from tasks.hub.tables import spending
from tests.tasks.hub.buying import NO_CAP, bill, buy, emails, of, phones, running, settled


@pytest.fixture
def who(hub: Hub) -> Who:
    return running(hub)


def test_a_cap_ends_what_is_granted_and_is_named(hub: Hub, who: Who) -> None:
    wanted = [*phones("1"), *emails("1", "2"), *phones("2"), *emails("3"), Item("4", "emails", "x", 0)]
    found = ledger.reserve(hub, who, wanted, Caps(run=7, day=100))
    assert of(found.granted) == ["1 phones", "1 emails", "2 emails", "4 emails"]  # the last one is free
    assert of(found.refused) == ["2 phones", "3 emails"]
    assert found.cap == "the run's cap of 7 credits"
    another = ledger.reserve(hub, running(hub), emails("5", "6"), Caps(run=7, day=8))
    assert (of(another.granted), another.cap) == (["5 emails"], "the day's cap of 8 credits (UTC)")
    tenths = [Item(one.record, one.datapoint, one.action, 0.1) for one in emails("7", "8", "9")]
    assert ledger.reserve(hub, running(hub), tenths, Caps(run=0.3)).granted == tenths


def test_runs_at_once_do_not_pass_a_cap_together(hub: Hub) -> None:
    spenders = [running(hub) for _ in range(6)]
    together = Barrier(len(spenders))

    def spend(who: Who) -> None:
        together.wait()
        for n in range(2):
            buy(hub, who, emails(*(f"{who.run_id} {n} {m}" for m in range(6))), caps=Caps(day=10))

    with ThreadPoolExecutor(len(spenders)) as pool:
        list(pool.map(spend, spenders))
    assert bill(hub) == 10


SPEND = """
import sys
from tasks.hub.credits import Caps, Item, Who, reserve
from tasks.hub.engine import Hub
hub, run_id = Hub(sys.argv[1]), sys.argv[2]
who = Who("lusha:a", "loc", run_id, "enrich_contacts")
both = (("emails", ""), ("phones", run_id))  # the same e-mails, phones of its own
items = [[Item(f"{mine}{n}", what, "reveal", 1) for what, mine in both] for n in range(15)]
print(*(one.key for two in items for one in reserve(hub, who, two, Caps(month=25)).granted), sep="\\n")
"""


def test_processes_at_once_do_not_pass_a_cap_nor_buy_the_same(hub: Hub, hub_url: str) -> None:
    spenders = [
        subprocess.Popen(
            [sys.executable, "-c", SPEND, hub_url, running(hub).run_id], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    granted = [line for one in spenders for line in one.communicate(timeout=60)[0].split("\n") if line]
    assert len(granted) == len(set(granted)) == 25


def test_what_is_paid_for_is_known_and_what_is_being_bought_is_busy(hub: Hub, who: Who) -> None:
    buy(hub, who, emails("1"))
    ledger.reserve(hub, running(hub), phones("1"), NO_CAP)
    found = ledger.reserve(hub, who, [*emails("1", "2", "2"), *phones("1")], NO_CAP)
    assert (of(found.known), of(found.busy)) == (["1 emails"], ["2 emails", "1 phones"])
    assert of(found.granted) == ["2 emails"]
    elsewhere = Who("lusha:b", "loc", who.run_id, who.automation)
    assert of(ledger.reserve(hub, elsewhere, emails("1"), NO_CAP).granted) == ["1 emails"]


def test_what_is_charged_each_time_may_be_bought_each_time(hub: Hub, who: Who) -> None:
    search = Item("", "", "contactSearch", 1)
    row = Item("1", "", "tableRead", 1)
    for _ in range(2):
        assert len(buy(hub, who, [search, row, row]).granted) == 3
    assert bill(hub) == 6


def test_what_was_not_there_costs_nothing_and_may_be_asked_for_again(hub: Hub, who: Who) -> None:
    found = ledger.reserve(hub, who, [*emails("1"), *phones("1")], Caps(run=6))
    ledger.sending(hub, found.key)
    with hub.write() as connection:
        ledger.settle(connection, found.key, {("1", "emails"): 1.0}, 1.0)
    again = ledger.reserve(hub, who, [*emails("1"), *phones("1")], Caps(run=6))
    assert (of(again.known), of(again.granted)) == (["1 emails"], ["1 phones"])


@pytest.mark.parametrize("charged", [3, 1, 0])
def test_the_ledgers_sum_is_the_vendors(hub: Hub, who: Who, charged: float) -> None:
    found = buy(hub, who, emails("1", "2"), charged=charged)
    assert bill(hub) == charged
    settled(hub, found, charged + 5)  # a holder of before that was held up: it was settled without it
    assert bill(hub) == charged
    assert ledger.reserve(hub, who, emails("3"), Caps(run=charged)).refused


@pytest.mark.parametrize(
    ("charged", "by_action"),
    [
        (2, {"contactSearch": 2}),
        (1, {"contactSearch": 1}),  # fewer were found than were looked for
        (None, {"contactSearch": 2}),
        (3, {"contactSearch": 2, "difference": 1}),
    ],
)
def test_what_is_charged_by_the_request_costs_what_the_vendor_says(
    hub: Hub, who: Who, charged: float | None, by_action: dict[str, float]
) -> None:
    search = Item("", "", "contactSearch", 1)
    buy(hub, who, [search, search], charged=charged)
    query = sa.select(spending.c.action, sa.func.sum(spending.c.charged)).group_by(spending.c.action)
    with hub.read() as connection:
        assert dict(connection.execute(query).all()) == by_action


def test_what_is_paid_for_may_be_asked_for_once_more_and_a_surprise_is_noted(hub: Hub, who: Who) -> None:
    buy(hub, who, phones("1"))
    again = ledger.reserve(hub, who, phones("1"), Caps(run=5))
    assert (again.known, again.granted) == ([Item("1", "phones", "revealPhone", 0)], [])
    assert of(ledger.reserve(hub, running(hub), phones("1"), NO_CAP).known) == ["1 phones"]
    ledger.sending(hub, again.key)
    with hub.write() as connection:
        ledger.settle(connection, again.key, {("1", "phones"): 0.0}, 1)
    assert bill(hub) == 6


def test_of_what_was_sent_twice_less_is_no_difference(hub: Hub, who: Who) -> None:
    found = ledger.reserve(hub, who, phones("1", "2"), NO_CAP)
    for _ in range(2):
        ledger.sending(hub, found.key)
    settled(hub, found, 5)  # the first request was charged for one of them
    assert bill(hub) == 10


def test_what_was_released_is_free_again(hub: Hub, who: Who) -> None:
    for sent in (0, 1):
        found = ledger.reserve(hub, who, phones("1"), Caps(run=5))
        for _ in range(sent):
            ledger.sending(hub, found.key)
        ledger.release(hub, found.key)
    found = ledger.reserve(hub, who, phones("1"), Caps(run=5))
    for _ in range(2):
        ledger.sending(hub, found.key)
    ledger.release(hub, found.key)  # refused at last; who knows of the first attempt?
    assert [one.key for one in ledger.left_over(hub, who)] == [found.key]


DYING = """
import os, signal, sys
from tasks.hub.credits import Caps, Item, Who, reserve, sending
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
hub = Hub(sys.argv[1])
run = Run("enrich_contacts", "loc", "mapping", "digest", {})
run.open(hub)
who = Who("lusha:a", "loc", run.id, "enrich_contacts")
sent, waiting = (reserve(hub, who, [Item(id_, "phones", "revealPhone", 5)], Caps()) for id_ in "12")
sending(hub, sent.key)
print(sent.key, waiting.key, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_sent_is_asked_for_again_and_the_rest_is_free(hub: Hub, hub_url: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", DYING, hub_url], capture_output=True, text=True, check=False
    )
    sent, waiting = killed.stdout.split()
    who, other = running(hub), running(hub)
    found = ledger.reserve(hub, who, phones("1", "2"), Caps(run=15))
    assert (of(found.busy), of(found.granted)) == (["1 phones"], ["2 phones"])
    with pytest.raises(LeaseLostError, match="taken for dead"):
        ledger.sending(hub, waiting)
    assert ledger.left_over(hub, running(hub, "elsewhere")) == []
    assert ledger.left_over(hub, who) == [LeftOver(sent, phones("1"))]
    assert not ledger.adopt(hub, sent, other, Caps(run=4))
    assert not ledger.adopt(hub, sent, who, Caps(run=9))
    assert ledger.adopt(hub, sent, who, Caps(run=10))
    assert not ledger.adopt(hub, sent, other, NO_CAP)
    assert ledger.left_over(hub, other) == []
    ledger.sending(hub, sent)
    settled(hub, LeftOver(sent, phones("1")), 0)  # a repeat is free: the first request was charged
    assert bill(hub) == 5
    assert of(ledger.reserve(hub, other, phones("1"), NO_CAP).known) == ["1 phones"]
    assert ledger.reserve(hub, who, phones("3", "4"), Caps(run=15)).refused == phones("4")


def test_a_run_finds_what_it_left_over_itself(hub: Hub, who: Who) -> None:
    found = ledger.reserve(hub, who, emails("1"), NO_CAP)
    assert ledger.left_over(hub, who) == []  # it was not sent
    ledger.sending(hub, found.key)
    assert [one.key for one in ledger.left_over(hub, who)] == [found.key]
    assert ledger.adopt(hub, found.key, who, Caps(run=1))
