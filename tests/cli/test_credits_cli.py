"""``lusha-connect credits``: what was spent, what is reserved, what it would cost, and what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.lusha.running import RunningLusha
from sandbox.process import RunningSandbox
from tasks.core.batch import Tally
from tasks.hub import credits as ledger
from tasks.hub.credits import Who
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tests.tasks.hub.buying import NO_CAP, buy, emails, phones, running

Command = Callable[..., Any]


@pytest.fixture
def spender(hub: Hub) -> Who:
    """A run that bought some, long ago and now, and is buying; and a dry run before it."""
    dry = Run("push_leads", "loc", "mapping", "digest", {"dry_run": True})
    dry.open(hub)
    dry.tally.add(Tally(more={"credits": {"would_cost": 2.5}}))
    dry.close(hub)
    found = running(hub)
    buy(hub, found, emails("1"), now=datetime.now(UTC) - timedelta(days=40))
    buy(hub, found, [*phones("2"), *emails("2")])
    ledger.reserve(hub, found, phones("3"), NO_CAP)
    return found


def test_programs_are_told_all_of_it(lusha_connect: Command, spender: Who) -> None:
    done = lusha_connect("credits", "--json")
    told = done.json
    assert done.code == 0
    spent = [(one["automation"], one["run"], one["action"], one["credits"]) for one in told["spent"]]
    buyer = ("enrich_contacts", spender.run_id)
    assert spent == [(*buyer, "revealEmail", 1), (*buyer, "revealPhone", 5)]
    assert {one["datapoints"] for one in told["spent"]} == {1}
    assert datetime.fromisoformat(told["spent"][0]["at"]) > datetime.now(UTC) - timedelta(hours=1)
    assert told["reserved"] == 5
    assert [(one["automation"], one["credits"]) for one in told["would_cost"]] == [("push_leads", 2.5)]
    assert len(lusha_connect("credits", "--days", "41", "--json").json["spent"]) == 3


def test_people_are_told_the_same(
    lusha_connect: Command, spender: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_CREDITS_A_DAY", "20")
    lines = lusha_connect("credits").lines
    assert "Reserved: 5 credits" in lines
    assert "Caps: 500 credits a run; 20 credits a day (UTC), 9 left; none for a month" in lines
    assert any(line.startswith("push_leads (loc): would cost 2.5 credits at most") for line in lines)
    assert any(line.endswith(": 6 credits, by 1 run") for line in lines)
    assert any(spender.run_id[:8] in line and "revealPhone │ 5 │ 1" in line for line in lines)


@pytest.fixture
def account(vendor: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningLusha]:
    """An account with 70 credits."""
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_URL", vendor.lusha.url)
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_API_KEY", vendor.lusha.key)
    vendor.lusha.reset()
    vendor.lusha.set_credits(70)
    yield vendor.lusha
    vendor.lusha.reset()


def test_the_balance_is_the_accounts(
    lusha_connect: Command, account: RunningLusha, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = lusha_connect("credits", "--json").json
    assert (told["balance"], told["problem"]) == (70, "")
    assert told["account"] == {"total": 70, "used": 0, "remaining": 70, "plan": told["account"]["plan"]}
    assert lusha_connect("credits").lines[0].startswith("Balance: 70 credits of 70 left (plan ")
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_API_KEY", "a-wrong-key")
    refused = lusha_connect("credits", "--json")
    assert (refused.code, refused.json["balance"]) == (0, None)
    assert "key" in refused.json["problem"]
    assert "a-wrong-key" not in refused.out
    assert account.bill()["credits"] == 0


def test_without_a_key_nobody_is_asked_and_the_rest_is_told(lusha_connect: Command) -> None:
    told = lusha_connect("credits", "--json").json
    assert (told["balance"], told["account"]) == (None, None)
    assert "LUSHA_CONNECT_LUSHA_API_KEY" in told["problem"]
    assert (told["spent"], told["reserved"]) == ([], 0)
    assert lusha_connect("credits").lines[0].startswith("Balance: not known: No API key")
