"""Caps on credits: of which day and month something counts, and which cap a run has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasks.core.settings import Settings
from tasks.hub import credits as ledger
from tasks.hub.credits import Caps, Who
from tasks.hub.engine import Hub
from tests.tasks.hub.buying import NO_CAP, buy, emails, phones, running, settled

NOW = datetime(2031, 3, 31, 23, 59, tzinfo=UTC)


@pytest.fixture
def who(hub: Hub) -> Who:
    return running(hub)


def test_days_and_months_are_those_of_utc(hub: Hub, who: Who) -> None:
    caps = Caps(day=10, month=20)
    east = datetime.fromisoformat("2031-03-31T01:30:00+02:00")  # still the 30th
    buy(hub, who, phones("1", "2"), now=east)
    assert len(buy(hub, who, phones("3", "4", "5"), caps=caps, now=NOW).granted) == 2
    already_april = NOW.astimezone(east.tzinfo)
    full = ledger.reserve(hub, who, emails("6"), Caps(month=20), now=already_april)
    assert full.cap == "the month's cap of 20 credits (UTC)"
    april = NOW + timedelta(minutes=1)
    assert len(ledger.reserve(hub, who, phones("7", "8"), caps, now=april).granted) == 2


def test_what_is_under_way_at_midnight_counts_on_both_days(hub: Hub, who: Who) -> None:
    found = ledger.reserve(hub, who, phones("1"), NO_CAP, now=NOW)
    after, much_later = NOW + timedelta(minutes=1), NOW + timedelta(days=2)
    assert not ledger.reserve(hub, who, phones("2"), Caps(day=9), now=after).granted
    later = ledger.reserve(hub, who, phones("2"), Caps(day=9), now=much_later)
    assert later.granted
    ledger.release(hub, later.key)
    settled(hub, found, 5, now=after)
    assert not ledger.reserve(hub, who, phones("3"), Caps(day=9), now=after).granted


def test_the_lower_cap_of_settings_and_run_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Caps.of(Settings()) == Caps(run=500)
    assert Caps.of(Settings(), 0) == Caps(run=0)
    assert Caps.of(Settings(), 9000) == Caps(run=500)
    for name, value in (("RUN", 0), ("DAY", 7), ("MONTH", 70)):
        monkeypatch.setenv(f"LUSHA_CONNECT_LUSHA_CREDITS_A_{name}", str(value))
    assert Caps.of(Settings()) == Caps(None, 7, 70)
    assert Caps.of(Settings(), 9000).run == 9000
