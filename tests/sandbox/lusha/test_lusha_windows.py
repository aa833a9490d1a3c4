"""The limits: rolling windows of a minute, an hour and a day, told in the vendor's headers and words."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sandbox.lusha.windows import PLANS, Windows


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def windows(clock: Seconds) -> Callable[[str], Windows]:
    return lambda plan: Windows(PLANS[plan], clock)


def refused(windows: Windows, route: str = "") -> str:
    answer, _ = windows.admit(route)
    return "" if answer is None else str(json.loads(answer.body)["message"])


def spend(windows: Windows, clock: Seconds, requests: int, seconds: float) -> None:
    """Send so many, each some seconds after the other."""
    for _ in range(requests):
        assert refused(windows) == ""
        clock.now += seconds


def test_the_minute_slides_and_a_refusal_does_not_count(
    windows: Callable[[str], Windows], clock: Seconds
) -> None:
    one = windows("pro")
    spend(one, clock, 50, 0.5)
    assert [refused(one) for _ in range(3)] == [
        "Too many requests. Please wait before making another request."
    ] * 3
    clock.now += 35.5  # a minute after the second request, not after the last
    assert [refused(one)[:8] for _ in range(3)] == ["", "", "Too many"]


def test_more_than_25_in_a_second_are_refused_whatever_the_minute_leaves(
    windows: Callable[[str], Windows], clock: Seconds
) -> None:
    one = windows("premium")
    spend(one, clock, 25, 0.0)
    assert refused(one).startswith("Too many requests")
    clock.now += 1.0
    assert refused(one) == ""


def test_the_hour_and_the_day_say_so_in_their_own_words(
    windows: Callable[[str], Windows], clock: Seconds
) -> None:
    hourly, daily = windows("pro"), windows("free")
    spend(hourly, clock, 150, 2.0)
    assert (
        refused(hourly) == "Hourly API rate limit exceeded. Limit: 150 calls per hour. Reset in 3301 seconds"
    )
    spend(daily, clock, 100, 60.0)
    assert refused(daily) == "Daily API quota limit exceeded. Limit 100 calls per day"


def test_nine_headers_tell_the_windows_and_six_where_there_is_no_hour(
    windows: Callable[[str], Windows],
) -> None:
    nine, six = (dict(windows(plan).admit()[1]) for plan in ("scale", "free"))
    assert nine == {
        b"x-rate-limit-minute": b"300", b"x-minute-requests-left": b"299", b"x-minute-usage": b"1",
        b"x-rate-limit-hourly": b"5000", b"x-hourly-requests-left": b"4999", b"x-hourly-usage": b"1",
        b"x-rate-limit-daily": b"50000", b"x-daily-requests-left": b"49999", b"x-daily-usage": b"1",
    }  # fmt: skip
    assert len(six) == 6
    assert not any(b"hourly" in name for name in six)
    assert windows("free").summary()["hourly"] is None


def test_usage_and_webhooks_have_limits_of_their_own(
    windows: Callable[[str], Windows], clock: Seconds
) -> None:
    one = windows("scale")
    for _ in range(5):
        assert refused(one, "usage") == ""
    assert refused(one, "usage").startswith("Too many requests")
    assert refused(one) == ""
    for _ in range(100):
        clock.now += 0.1
        assert refused(one, "webhooks") == ""
    assert refused(one, "webhooks").startswith("Too many requests")


def test_a_window_tells_when_it_has_room_again(windows: Callable[[str], Windows], clock: Seconds) -> None:
    one = windows("free")
    spend(one, clock, 1, 20.0)
    minute = one.summary()["minute"]
    assert minute == {"limit": 40, "used": 1, "remaining": 39, "resetsAt": "1970-01-12T13:47:40.000Z"}


def test_without_limits_nothing_is_counted_and_no_header_sent(windows: Callable[[str], Windows]) -> None:
    one = windows("off")
    assert [one.admit() for _ in range(500)] == [(None, [])] * 500
