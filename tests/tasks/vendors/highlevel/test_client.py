"""The HighLevel client against the strict sandbox: refusals, faults, quota, and no secret anywhere."""

from __future__ import annotations

import asyncio
import pickle
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from sandbox import process
from tasks.core.errors import (
    BadConfigurationError,
    BadCredentialError,
    QuotaExhaustedError,
    RecordNotFoundError,
    VendorFailedError,
)
from tasks.hub.engine import Hub
from tasks.vendors.credential import StaticToken
from tasks.vendors.highlevel.api.contacts import exists, search
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.dialect import DIALECTS
from tasks.vendors.highlevel.limits import request_budget
from tasks.vendors.pacing import RequestBudget
from tasks.vendors.transport import Transport

T = TypeVar("T")
SEARCH = "POST /contacts/search"


@pytest.fixture
def hub_url(tmp_path: Any) -> str:
    """These tests are about the client; one kind of hub will do."""
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture(params=sorted(DIALECTS))
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(
    vendor: process.RunningSandbox,
    hub: Hub,
    question: Callable[[HighLevel], Awaitable[T]],
    *,
    token: str = "pit-sandbox",
    location: str = "",
    version: str = "2021-07-28",
    timeout: float = 5,
) -> T:
    async def go() -> T:
        location_id = location or vendor.location_id
        async with Transport(vendor.url, timeout) as transport:
            client = HighLevel(
                transport,
                request_budget(hub, location_id),
                credential=StaticToken(SecretStr(token)),
                location_id=location_id,
                dialect=DIALECTS[version],
                retry_wait=0.01,
            )
            return await question(client)

    return asyncio.run(go())


async def first_page(client: HighLevel) -> list[Any]:
    return (await search(client, limit=10, sort="dateAdded")).contacts


def test_a_page_comes_in_order_and_says_how_many_there_are(
    vendor: process.RunningSandbox, hub: Hub, version: str
) -> None:
    page = ask(vendor, hub, lambda client: search(client, limit=10, sort="dateAdded"), version=version)
    assert len(page.contacts) == 10
    assert page.total == 1200
    marks = [contact["searchAfter"][0] for contact in page.contacts]
    assert marks == sorted(marks)


def test_a_record_is_looked_up_past_the_search_index(
    vendor: process.RunningSandbox, hub: Hub, version: str
) -> None:
    known = vendor.records("contacts")[0]["id"]
    assert ask(vendor, hub, lambda client: exists(client, known), version=version)
    assert not ask(vendor, hub, lambda client: exists(client, "nobodyKnowsThisId001"), version=version)


@pytest.mark.parametrize(
    ("token", "location", "says"),
    [
        ("pit-wrong", "", "make a new one"),
        ("pit-sandbox-expired", "", "make a new one"),
        ("pit-sandbox-unscoped", "", "contacts.readonly"),
        ("pit-sandbox", "someOtherLocation001", "someOtherLocation001"),
    ],
)
def test_a_refused_credential_names_location_and_scope(
    vendor: process.RunningSandbox, hub: Hub, token: str, location: str, says: str
) -> None:
    with pytest.raises(BadCredentialError) as caught:
        ask(vendor, hub, first_page, token=token, location=location)
    assert says in str(caught.value)
    assert (location or vendor.location_id) in str(caught.value)
    assert vendor.requests()["total"] == 1  # a refusal is not tried again


def test_a_bad_request_is_not_repeated(vendor: process.RunningSandbox, hub: Hub) -> None:
    with pytest.raises(VendorFailedError, match="HTTP 400"):
        ask(vendor, hub, lambda client: search(client, limit=501, sort="dateAdded"))
    assert vendor.requests()["total"] == 1


def test_a_missing_record_is_told_apart_from_a_bad_request(vendor: process.RunningSandbox, hub: Hub) -> None:
    async def look(client: HighLevel) -> Any:
        path = {"contactId": "nobodyKnowsThisId001"}
        return await client.call("GET", "/contacts/{contactId}", scope="contacts.readonly", path=path)

    with pytest.raises(RecordNotFoundError, match=r"GET /contacts/\{contactId\}"):
        ask(vendor, hub, look)


@pytest.mark.parametrize("fault", ["500", "502_html", "reset_before", "reset_after", "truncated_json", "429"])
def test_a_passing_fault_is_survived(
    vendor: process.RunningSandbox, hub: Hub, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_pauses(monkeypatch)
    vendor.set_faults([{"operation": SEARCH, "fault": fault, "share": 1.0, "seed": 1, "times": 2}])
    assert len(ask(vendor, hub, first_page)) == 10
    assert vendor.requests()["total"] == 3


def test_a_time_out_is_survived(vendor: process.RunningSandbox, hub: Hub) -> None:
    fault = {"operation": SEARCH, "fault": "timeout_before", "share": 1.0, "seed": 1, "times": 1}
    vendor.set_faults([fault])
    assert len(ask(vendor, hub, first_page, timeout=0.3)) == 10


@pytest.mark.parametrize("fault", ["500", "502_html", "reset_before", "truncated_json"])
def test_a_lasting_fault_ends_with_operation_and_attempts(
    vendor: process.RunningSandbox, hub: Hub, fault: str
) -> None:
    vendor.set_faults([{"operation": "*", "fault": fault, "share": 1.0, "seed": 1}])
    with pytest.raises(VendorFailedError, match="6 attempts") as caught:
        ask(vendor, hub, first_page)
    assert "/contacts/search" in str(caught.value)
    assert "run again" in str(caught.value)
    assert vendor.requests()["total"] == 6


def test_time_that_ends_it_is_told_with_the_attempts_that_were_made(
    vendor: process.RunningSandbox, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.vendors.retry.RETRY_SECONDS", 0.001)
    vendor.set_faults([{"operation": "*", "fault": "500", "share": 1.0, "seed": 1}])
    with pytest.raises(VendorFailedError, match=r"after 1 attempt\b.*time") as caught:
        ask(vendor, hub, first_page)
    assert "6" not in str(caught.value).split(":", maxsplit=1)[0]
    assert vendor.requests()["total"] == 1


def test_the_trace_id_is_told(vendor: process.RunningSandbox, hub: Hub) -> None:
    with pytest.raises(VendorFailedError, match=r"traceId [0-9a-f-]{36}"):
        ask(vendor, hub, lambda client: search(client, limit=10, sort="nonsense"))


def test_nobody_listening_is_a_clear_failure(hub: Hub) -> None:
    async def go() -> None:
        async with Transport("http://127.0.0.1:1", 1) as transport:
            client = HighLevel(
                transport,
                request_budget(hub, "loc"),
                credential=StaticToken(SecretStr("pit-secret")),
                location_id="loc",
                dialect=DIALECTS["v3"],
                retry_wait=0.001,
            )
            await first_page(client)

    with pytest.raises(VendorFailedError, match="attempts"):
        asyncio.run(go())


@pytest.mark.parametrize("url", ["services.example.com", "ftp://example.com", "http://", "http://a b"])
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadConfigurationError):
        Transport(url, 1)


def test_no_secret_in_any_error(vendor: process.RunningSandbox, hub: Hub) -> None:
    secret = "pit-very-secret-value"
    vendor.set_faults([{"operation": "*", "fault": "reset_before", "share": 0.5, "seed": 3}])
    with pytest.raises((BadCredentialError, VendorFailedError)) as caught:
        ask(vendor, hub, first_page, token=secret)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(vars(caught.value))
    assert secret not in shown
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def shorten_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 pauses everybody for the vendor's window; ten seconds are too long for a test."""
    original = RequestBudget.pause

    async def brief(self: RequestBudget, _seconds: float) -> None:
        await original(self, 0.05)

    monkeypatch.setattr(RequestBudget, "pause", brief)


class TestQuota:
    """A sandbox with a quota of its own."""

    def test_the_client_paces_itself_by_the_headers(self, hub: Hub) -> None:
        with process.start(contacts=30, quota="20/1s") as small:

            async def many(client: HighLevel) -> int:
                pages = await asyncio.gather(*(first_page(client) for _ in range(70)))
                return len(pages)

            assert ask(small, hub, many) == 70
            counts = small.requests()["operations"][SEARCH]
        assert counts == {"200": 70}

    def test_a_used_up_day_stops_with_the_time_left(self, hub: Hub) -> None:
        with process.start(contacts=30, quota="100/1s", daily=5) as small:

            async def many(client: HighLevel) -> None:
                for _ in range(10):
                    await first_page(client)

            with pytest.raises(QuotaExhaustedError, match="is reset in") as caught:
                ask(small, hub, many)
            assert small.location_id in str(caught.value)
            assert small.requests()["operations"][SEARCH]["200"] == 5
