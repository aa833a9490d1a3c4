"""The request budget: exact windows, told in the vendor's headers, refused in the vendor's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.core.options import Window
from sandbox.highlevel.quota import Quota
from sandbox.process import RunningSandbox, start

HEADERS = {"Authorization": "Bearer pit-sandbox", "Version": "2021-07-28"}


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


def admitted(quota: Quota, token: str = "t") -> bool:
    return quota.admit(token, "here")[0]


def test_window_slides_exactly(clock: Seconds) -> None:
    quota = Quota(Window(2, 10), daily=100, clock=clock)
    assert admitted(quota)
    clock.now += 9
    assert admitted(quota)
    assert not admitted(quota)
    clock.now += 1  # the first request is now ten seconds old, the second is not
    assert admitted(quota)
    assert not admitted(quota)


def test_refused_requests_do_not_count(clock: Seconds) -> None:
    quota = Quota(Window(1, 10), daily=100, clock=clock)
    assert admitted(quota)
    for _ in range(9):
        clock.now += 1
        assert not admitted(quota)
    clock.now += 1
    assert admitted(quota)


def test_day_ends_24_hours_after_its_first_request(clock: Seconds) -> None:
    quota = Quota(Window(100, 10), daily=2, clock=clock)
    assert admitted(quota)
    clock.now += 3600
    assert admitted(quota)
    assert not admitted(quota)
    headers = dict(quota.admit("t", "here")[1])
    assert headers[b"x-ratelimit-daily-remaining"] == b"0"
    assert headers[b"x-ratelimit-daily-reset"] == b"82800000"
    clock.now += 82_800
    assert admitted(quota)


def test_tokens_and_locations_have_budgets_of_their_own(clock: Seconds) -> None:
    quota = Quota(Window(1, 10), daily=100, clock=clock)
    assert admitted(quota, "one")
    assert admitted(quota, "other")
    assert quota.admit("one", "elsewhere")[0]
    assert not admitted(quota, "one")


@pytest.fixture(scope="module")
def narrow() -> Iterator[RunningSandbox]:
    with start(contacts=1, quota="3/3600s", daily=100) as running:
        yield running


def test_429_has_the_vendors_body_and_no_retry_after(narrow: RunningSandbox) -> None:
    narrow.reset()
    with httpx.Client(base_url=narrow.url, headers=HEADERS) as http:
        answers = [http.get("/contacts/nobody") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    refused = answers[-1]
    assert refused.json() == {"statusCode": 429, "message": "Too Many Requests"}
    assert "retry-after" not in refused.headers
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert narrow.requests()["operations"] == {"GET /contacts/{contactId}": {"400": 3, "429": 1}}


def test_headers_on_every_response(narrow: RunningSandbox) -> None:
    narrow.reset()
    with httpx.Client(base_url=narrow.url, headers=HEADERS) as http:
        first, second, _, refused = (http.get(path) for path in ("/contacts/x", "/nothing", "/a", "/b"))
    for answer in (first, second, refused):
        assert answer.headers["x-ratelimit-max"] == "3"
        assert answer.headers["x-ratelimit-interval-milliseconds"] == "3600000"
        assert answer.headers["x-ratelimit-limit-daily"] == "100"
        assert int(answer.headers["x-ratelimit-daily-reset"]) <= 86_400_000
    assert (first.headers["x-ratelimit-remaining"], second.headers["x-ratelimit-remaining"]) == ("2", "1")
    assert second.headers["x-ratelimit-daily-remaining"] == "98"
    assert b"x-ratelimit-max" in dict(first.headers.raw)


def test_control_door_is_not_limited(narrow: RunningSandbox) -> None:
    narrow.reset()
    for _ in range(10):
        narrow.requests()
    assert httpx.get(f"{narrow.url}/contacts/x", headers=HEADERS).status_code == 400


def test_quota_off_sends_no_headers(vendor: Any) -> None:
    response = httpx.get(f"{vendor.running.url}/contacts/x", headers=HEADERS)
    assert not [name for name in response.headers if name.startswith("x-ratelimit")]
