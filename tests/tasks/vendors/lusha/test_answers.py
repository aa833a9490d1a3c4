"""What Lusha's refusals mean, by status and words, in any of the shapes that they come in."""

from __future__ import annotations

import pickle

import orjson
import pytest

from tasks.core.errors import (
    BadCredentialError,
    BlockedError,
    GarbledAnswerError,
    InvalidRequestError,
    LushaConnectError,
    MissingScopeError,
    NoCreditsError,
    QuotaExhaustedError,
    RateLimitedError,
    RecordNotFoundError,
    Recovery,
    RestrictedError,
    ServerFaultError,
    VendorFailedError,
)
from tasks.vendors.lusha.answers import failure, read
from tasks.vendors.transport import Answer

SEARCH = "POST /v3/contacts/search"
JSON = {"content-type": "application/json"}


def said(status: int, message: object, **more: object) -> LushaConnectError:
    body = {"statusCode": status, "message": message, **more}
    return failure(SEARCH, Answer(status, JSON, orjson.dumps(body)))


@pytest.mark.parametrize(
    ("status", "message", "kind", "remedy"),
    [
        (400, "Validation failed", InvalidRequestError, "retry will not help"),
        (401, "Invalid API key", BadCredentialError, "make a new one"),
        (402, "Insufficient credits for this operation", NoCreditsError, "Nothing more is spent"),
        (403, "V3 API access is not enabled for your account", MissingScopeError, "enable it"),
        (403, "Website Visits is not available on your current plan", MissingScopeError, "change the plan"),
        (403, "Account is inactive", BadCredentialError, "not active"),
        (403, "Maximum subscriptions limit reached for your account", InvalidRequestError, "Remove"),
        (403, "An opt-out subscription already exists for this account", InvalidRequestError, "Remove"),
        (404, "TABLE_NOT_FOUND: no table 12", RecordNotFoundError, ""),
        (404, "no Route matched with those values", VendorFailedError, "LUSHA_CONNECT_LUSHA_URL"),
        (409, "TABLE_NAME_CONFLICT: exists", InvalidRequestError, "retry will not help"),
        (410, "DEDUPE_SESSION_INVALID", RecordNotFoundError, ""),
        (422, "Unprocessable", InvalidRequestError, "retry will not help"),
        (429, "Daily API quota limit exceeded. Limit 100 calls per day", QuotaExhaustedError, "Run again"),
        (429, "You've reached your trial limit", QuotaExhaustedError, "choose a plan"),
        (451, "Restricted by GDPR", RestrictedError, "law"),
    ],
)
def test_each_refusal_is_told_apart_and_says_what_to_do(
    status: int, message: str, kind: type[LushaConnectError], remedy: str
) -> None:
    error = said(status, message)
    assert type(error) is kind
    assert remedy in error.remedy
    assert f"{SEARCH}: HTTP {status} {message}" in str(error)
    assert error.recovery is not Recovery.RETRY
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("message", "headers", "seconds"),
    [
        ("Too many requests, please try again later", {}, 15),
        ("Hourly API rate limit exceeded. Limit: 150 calls per hour. Reset in 1200 seconds", {}, 1200),
        ("Too many requests", {"retry-after": "7"}, 7),
        ("Hourly API rate limit exceeded. Reset in 999999 seconds", {}, 3600),
    ],
)
def test_of_too_many_requests_it_is_known_how_long_to_wait(
    message: str, headers: dict[str, str], seconds: float
) -> None:
    error = failure(SEARCH, Answer(429, JSON | headers, orjson.dumps({"message": message})))
    assert isinstance(error, RateLimitedError)
    assert error.wait == seconds


@pytest.mark.parametrize(
    ("status", "body", "undone"),
    [
        (500, b'{"message":"Internal server error"}', False),
        (503, b'{"message":"Service unavailable"}', True),
        (502, b'{"message":"Bad gateway"}', False),
        (504, b"<html>", False),
        (503, b"<html>", False),
        (499, b'{"message":"Request timed out"}', False),
        (408, b"", False),
    ],
)
def test_only_where_lusha_says_that_it_does_nothing_is_it_known_that_nothing_was_charged(
    status: int, body: bytes, undone: bool
) -> None:
    error = failure(SEARCH, Answer(status, JSON, body))
    assert isinstance(error, ServerFaultError)
    assert error.undone is undone


def test_a_message_may_be_a_list_or_have_another_name_and_names_the_fields() -> None:
    error = said(400, ["contacts.3.email must be an email", "property pages should not exist"])
    assert isinstance(error, InvalidRequestError)
    assert error.fields == ("contacts.3.email", "pages")
    plan = said(403, "Forbidden", errors=["excludeDnc is not available on your current plan"])
    assert "excludeDnc is not available" in str(plan)
    assert isinstance(plan, MissingScopeError)
    for name in ("error", "detail"):
        body = orjson.dumps({name: "said otherwise"})
        assert "said otherwise" in str(failure(SEARCH, Answer(400, JSON, body)))


def test_an_error_tells_nobody_s_address_or_number() -> None:
    told = str(said(400, "contacts.0.email jo.doe@example.com and +1 (415) 555-1234 are not known"))
    assert "jo.doe" not in told
    assert "555" not in told
    assert "contacts.0.email (an e-mail address) and (a phone number) are not known" in told


def test_what_a_gateway_says_is_not_lusha_s_word() -> None:
    page = b"<html><title>Attention Required!</title></html>"
    error = failure(SEARCH, Answer(403, {"content-type": "text/html"}, page))
    assert isinstance(error, BlockedError)
    assert "not Lusha's own answer" in str(error)
    assert isinstance(failure(SEARCH, Answer(400, JSON, b'{"mess')), GarbledAnswerError)
    with pytest.raises(GarbledAnswerError):
        read(SEARCH, Answer(200, JSON, b'{"results": [{'))
    assert read(SEARCH, Answer(204, JSON, b"")) is None
