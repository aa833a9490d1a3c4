"""What a gateway, firewall or proxy says in HighLevel's place is never taken for HighLevel's own word."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.errors import (
    BadCredentialError,
    BlockedError,
    GarbledAnswerError,
    InvalidRequestError,
    LushaConnectError,
    Recovery,
    VendorFailedError,
)
from tasks.vendors.highlevel.answers import Request, failure, read, refuses_token
from tasks.vendors.highlevel.api import contacts
from tasks.vendors.highlevel.api.writes import ContactCreate
from tasks.vendors.transport import Answer

REQUEST = Request("GET /contacts/{contactId}", "contacts.readonly", "loc")
PAGE = (
    b"<!DOCTYPE html><html><head><title>Attention Required! |\n Cloudflare</title></head><body></body></html>"
)
HTML = {"content-type": "text/html; charset=UTF-8", "cf-ray": "8f2e1a-FRA"}


def first_page(client: Any) -> Any:
    return contacts.search(client, limit=10, sort="dateAdded")


def told(status: int, body: bytes, headers: dict[str, str] | None = None) -> LushaConnectError:
    return failure(REQUEST, Answer(status, headers or HTML, body))


def test_a_firewalls_page_is_no_fault_of_the_token_and_not_asked_for_again(talk: Any) -> None:
    talk.vendor.set_faults([{"operation": "*", "fault": "403_html", "share": 1.0, "seed": 1}])
    with pytest.raises(BlockedError, match="Attention Required") as caught:
        talk(first_page)
    assert caught.value.recovery is Recovery.STOP  # nothing to correct here: a later run may get through
    assert "token" not in str(caught.value)
    assert "firewall" in str(caught.value)
    assert talk.vendor.requests()["total"] == 1


def test_a_create_that_a_firewall_stopped_is_no_lost_answer(talk: Any) -> None:
    create = {"operation": "POST /contacts/", "fault": "403_html", "share": 1.0, "seed": 1, "times": 1}
    talk.vendor.set_faults([create])
    with pytest.raises(BlockedError):
        talk(lambda client: contacts.create(client, ContactCreate(email="new@example.com")))
    assert talk(lambda client: contacts.create(client, ContactCreate(email="new@example.com"))).id


@pytest.mark.parametrize("status", [400, 401, 403, 405, 407, 422, 451])
@pytest.mark.parametrize("body", [PAGE, b"", b"Access denied", b'"Forbidden"', b"error code: 1020"])
def test_what_is_no_json_object_is_not_highlevels_word(status: int, body: bytes) -> None:
    error = told(status, body)
    assert isinstance(error, BlockedError)
    assert f"HTTP {status}" in str(error)


def test_the_page_is_named_with_its_title_and_the_gateways_own_trace() -> None:
    assert "“Attention Required! | Cloudflare”" in str(told(403, PAGE))
    assert "8f2e1a-FRA" in str(told(403, PAGE))
    assert "<" not in str(told(403, PAGE))
    assert "an empty body" in str(told(403, b"", {}))


def test_highlevels_own_refusals_stay_what_they_are() -> None:
    place = b'{"statusCode":403,"message":"The token does not have access to this location"}'
    assert isinstance(told(403, place), BadCredentialError)
    assert isinstance(told(403, b'{"message":"Forbidden resource","statusCode":403}'), BadCredentialError)
    assert isinstance(told(401, b'{"statusCode":401,"message":"Invalid token"}'), BadCredentialError)
    assert "does not know this path" in str(told(404, b"", {}))


@pytest.mark.parametrize(
    ("status", "body"), [(401, b"Command timed out"), (408, PAGE), (408, b""), (502, PAGE), (524, b"")]
)
def test_what_a_gateway_says_of_a_passing_fault_is_tried_again(status: int, body: bytes) -> None:
    assert told(status, body).recovery is Recovery.RETRY


def test_highlevels_own_refusal_that_was_cut_off_is_asked_for_again() -> None:
    json = {"content-type": "application/json; charset=utf-8"}
    assert isinstance(told(400, b'{"statusCode":400,"mess', json), GarbledAnswerError)
    assert isinstance(told(400, b'{"message":"Invalid field \\ud800"}', json), InvalidRequestError)


def test_a_page_that_counts_requests_is_waited_for() -> None:
    assert told(429, PAGE).recovery is Recovery.RETRY


@pytest.mark.parametrize("body", [PAGE, b""])
def test_no_other_token_is_fetched_for_a_gateways_401(body: bytes) -> None:
    assert not refuses_token(Answer(401, HTML, body))
    assert refuses_token(Answer(401, {}, b'{"statusCode":401,"message":"Invalid token"}'))


@pytest.mark.parametrize(("status", "body"), [(301, PAGE), (302, b""), (307, b"")])
def test_a_redirect_is_no_answer(status: int, body: bytes) -> None:
    answer = Answer(status, {"location": "https://login.example/sso?next=secret"}, body)
    with pytest.raises(BlockedError, match=r"login\.example") as caught:
        read(REQUEST, answer)
    assert "secret" not in str(caught.value)


def test_a_blocked_request_is_a_failure_of_the_vendor_to_whoever_asks_no_further() -> None:
    assert issubclass(BlockedError, VendorFailedError)
