"""HighLevel's clock: known to a fraction of a second, whatever ours says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from sandbox import process
from tasks.core import clocks
from tasks.hub.engine import Hub
from tasks.vendors.highlevel import vendor_clock
from tasks.vendors.highlevel.api.contacts import search
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.vendor_clock import VendorClock
from tests.tasks.vendors.highlevel.conftest import Talk

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds of this machine's clock that nobody sets, moved by hand."""
    now = [1000.0]
    monkeypatch.setattr(vendor_clock, "elapsed", lambda: now[0])
    return now


def answer(clock: VendorClock, at: datetime, asked: float, heard: float) -> None:
    clock.hear(format_datetime(at.replace(microsecond=0), usegmt=True), asked, heard)


def test_before_the_first_answer_it_is_ours() -> None:
    assert abs(VendorClock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_one_answer_tells_it_to_a_second_and_many_to_less(passing: list[float]) -> None:
    clock = VendorClock()
    off = []
    for tenth in range(30):
        moment = NOON + timedelta(seconds=tenth * 1.1)
        passing[0] = 1000 + tenth * 1.1
        answer(clock, moment, passing[0] - 0.05, passing[0] + 0.05)
        off.append(abs((clock.now() - moment).total_seconds()))
    assert off[0] <= 0.6
    assert off[-1] <= 0.1


def test_what_happens_from_now_on_is_never_dated_before_the_earliest_that_it_may_be(
    passing: list[float],
) -> None:
    clock = VendorClock()
    for tenth in range(30):
        moment = NOON + timedelta(seconds=tenth * 1.1)
        passing[0] = 1000 + tenth * 1.1
        answer(clock, moment, passing[0] - 0.05, passing[0] + 0.05)
        assert moment - timedelta(seconds=1.1) <= clock.earliest() <= moment


def test_a_clock_of_ours_that_may_be_right_is_believed_to_the_millisecond() -> None:
    """The header tells whole seconds; what was made just before and just after a request is told apart."""
    clock = VendorClock()
    for _ in range(3):
        answer(clock, datetime.now(UTC), clocks.elapsed() - 0.01, clocks.elapsed() + 0.01)
        for told in (clock.now(), clock.earliest()):
            assert abs(datetime.now(UTC) - told) < timedelta(milliseconds=100)


def test_an_answer_that_took_long_blurs_nothing(passing: list[float]) -> None:
    clock = VendorClock()
    answer(clock, NOON, 1000, 1000)
    answer(clock, NOON + timedelta(seconds=3), 1002, 1032)
    assert abs(clock.now() - NOON) <= timedelta(seconds=1)


def test_a_clock_that_was_set_there_is_followed(passing: list[float]) -> None:
    clock = VendorClock()
    answer(clock, NOON, 1000, 1000)
    answer(clock, NOON + timedelta(hours=1), 1000, 1000)
    assert abs(clock.now() - NOON - timedelta(hours=1)) <= timedelta(seconds=1)


@pytest.mark.parametrize("nonsense", ["", "yesterday", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_a_date_that_is_none_says_nothing(nonsense: str, passing: list[float]) -> None:
    clock = VendorClock()
    answer(clock, NOON, 1000, 1000)
    clock.hear(nonsense, 1000, 1000)
    assert abs(clock.now() - NOON) <= timedelta(seconds=1)


@pytest.mark.parametrize("ahead", [-600, 0, 86_400])
def test_the_client_tells_it_after_any_answer(quick_hub: Hub, ahead: int) -> None:
    async def ask(client: HighLevel) -> datetime:
        await search(client, limit=1, sort="dateAdded")
        return client.now()

    with process.start(contacts=1, quota="off", clock_ahead=ahead) as vendor:
        told = Talk(vendor, quick_hub, "v3")(ask)
    assert abs(told - datetime.now(UTC) - timedelta(seconds=ahead)) < timedelta(seconds=10)
