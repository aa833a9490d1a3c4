"""A delivery is Lusha's where its account's secret signed what came, to the byte or written anew."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from sandbox.lusha.deliveries import signed
from tasks.vendors.lusha.signature import SIGNATURE, TIMESTAMP, is_genuine

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OLD, NEW = "whsec_old", "whsec_new"
SECRETS = [SecretStr(NEW), SecretStr(OLD)]
SECONDS = int(NOW.timestamp())


def signature(text: str, timestamp: int | str = SECONDS, secret: str = NEW) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.{text}".encode(), "sha256").hexdigest()


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_what_the_sandbox_sends_is_genuine_until_a_byte_is_another(secret: str) -> None:
    sent = signed(secret, "https://x.example", {"id": "1", "data": {"name": "Zoë"}}, SECONDS)
    body, headers = sent.body.encode(), sent.headers
    assert is_genuine(body, headers[TIMESTAMP], headers[SIGNATURE], SECRETS, now=NOW)
    assert not is_genuine(body + b" x", headers[TIMESTAMP], headers[SIGNATURE], SECRETS, now=NOW)
    assert not is_genuine(body, headers[TIMESTAMP], headers[SIGNATURE], [SecretStr("other")], now=NOW)
    assert not is_genuine(body, str(SECONDS + 1), headers[SIGNATURE], SECRETS, now=NOW)
    assert not is_genuine(body, headers[TIMESTAMP], headers[SIGNATURE], [], now=NOW)


@pytest.mark.parametrize(
    ("sent", "signed_text", "timestamp", "prefix"),
    [
        ('{"b": 1, "a": "ö"}', '{"b":1,"a":"ö"}', SECONDS, ""),
        ('{"b": 1, "a": "ö"}', '{"b": 1, "a": "ö"}', SECONDS * 1000, ""),
        ("no json", "no json", SECONDS, "sha256="),
    ],
)
def test_what_the_documentation_leaves_open_is_taken_either_way(
    sent: str, signed_text: str, timestamp: int, prefix: str
) -> None:
    given = prefix + signature(signed_text, timestamp)
    assert is_genuine(sent.encode(), str(timestamp), given, SECRETS, now=NOW)
    assert is_genuine(sent.encode(), str(timestamp), given.upper().replace("SHA", "sha"), SECRETS, now=NOW)


@pytest.mark.parametrize("timestamp", ["", "yesterday", "1.5", "-1", "٣", "1" * 40])
def test_a_timestamp_that_is_none_is_refused(timestamp: str) -> None:
    assert not is_genuine(b"{}", timestamp, signature("{}", timestamp), SECRETS, now=NOW)


def test_an_old_delivery_is_refused() -> None:
    given = signature("{}")
    assert is_genuine(b"{}", str(SECONDS), given, SECRETS, now=NOW + timedelta(hours=23))
    assert not is_genuine(b"{}", str(SECONDS), given, SECRETS, now=NOW + timedelta(hours=25))
    assert not is_genuine(b"{}", str(SECONDS), "ü" + given, SECRETS, now=NOW)
