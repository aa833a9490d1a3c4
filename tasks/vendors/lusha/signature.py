"""Whether a delivery is Lusha's: its signature is right, and no older than it may be.

Lusha signs ``timestamp + "." + body`` with the account's secret (HMAC-SHA256, hexadecimal). Its
documentation leaves open whether the timestamp is in seconds or milliseconds, and whether the signed text is
the body as it is sent or its JSON written anew: both are tried. Repeats are known by their id, not here.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson
from pydantic import SecretStr

TIMESTAMP, SIGNATURE = "X-Lusha-Timestamp", "X-Lusha-Signature"
"""The headers."""

AGE = timedelta(hours=24)
"""Retries may bear the first try's timestamp, and how late they come is not published."""

_MILLISECONDS_SINCE = 100_000_000_000
"""A number of seconds would be the year 5138."""


def is_genuine(
    body: bytes, timestamp: str, signature: str, secrets: Sequence[SecretStr], *, now: datetime | None = None
) -> bool:
    """Whether one of the secrets signed a delivery.

    Args:
        body: As it was received, to the byte.
        secrets: The account's; the one before, too, as long as it may still be in use.
    """
    if not _is_recent(timestamp, now or datetime.now(UTC)):
        return False
    given = signature.strip().lower().removeprefix("sha256=")
    texts = (body, _written_anew(body))
    right = [
        hmac.compare_digest(_signed(secret, timestamp, text), given.encode("ascii", "replace"))
        for secret in secrets
        for text in texts
        if text is not None
    ]
    return any(right)


def _signed(secret: SecretStr, timestamp: str, text: bytes) -> bytes:
    signed = timestamp.encode("ascii", "replace") + b"." + text
    return hmac.new(secret.get_secret_value().encode(), signed, "sha256").hexdigest().encode()


def _written_anew(body: bytes) -> bytes | None:
    """The body's JSON as ``JSON.stringify`` writes it: in its order, without spaces; None if it is none."""
    try:
        return orjson.dumps(orjson.loads(body))
    except (orjson.JSONDecodeError, TypeError):
        return None


def _is_recent(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 15):  # noqa: PLR2004 - µs
        return False
    seconds = int(timestamp) / (1_000 if int(timestamp) > _MILLISECONDS_SINCE else 1)
    return abs(now.timestamp() - seconds) <= AGE.total_seconds()
