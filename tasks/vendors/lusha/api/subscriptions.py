"""Subscriptions: of whom Lusha tells changes by webhook, under which secret, and of whom it must forget.

A subscription is for one person or company, and what it tells is charged. All of them share the account's one
secret. Lusha switches one off whose receiver failed too often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from tasks.core.batch import Json
from tasks.core.errors import RecordNotFoundError
from tasks.vendors.lusha.api.endpoint import Endpoint, number, text
from tasks.vendors.lusha.client import Lusha

_ALL, _ONE = "/api/subscriptions", "/api/subscriptions/{id}"

LIST = Endpoint("GET", _ALL)
CREATE = Endpoint("POST", _ALL)
"""Asked again after a lost answer: of whom there is one already, it says so."""
UPDATE = Endpoint("PATCH", _ONE)
DELETE = Endpoint("POST", f"{_ALL}/delete")
TEST = Endpoint("POST", f"{_ONE}/test")
OPT_OUT = Endpoint("POST", f"{_ALL}/opt-out")
SECRET = Endpoint("GET", "/api/account/secret")
NEW_SECRET = Endpoint("POST", "/api/account/secret/regenerate")

AT_ONCE = 25
"""Subscriptions that are made or deleted by one request."""
PAGE = 100

OF_OPT_OUTS = "optOut"
"""The signal of the account's one subscription that is about everybody."""

DUPLICATE = "DUPLICATE_SUBSCRIPTION"
"""The code of one that there is already."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One, as Lusha keeps it.

    Args:
        entity_type: ``contact`` or ``company``.
        block_reason: Why Lusha switched it off; "" where it did not.
        blocked_at: When; what was to be told since was not.
    """

    id: str
    entity_id: str
    entity_type: str
    signal_types: tuple[str, ...]
    url: str
    is_active: bool
    block_reason: str = ""
    blocked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several.

    Args:
        item: What it was asked for: an entity's id, or a subscription's.
        id: The subscription's id; "" where it failed.
        code: Why it failed, e.g. ``DUPLICATE_SUBSCRIPTION``; "" where it did not.
    """

    item: str
    id: str = ""
    code: str = ""
    message: str = ""


def is_about_one(subscription: Subscription) -> bool:
    """Whether it is about one person or company, and not about all that opt out."""
    return OF_OPT_OUTS not in subscription.signal_types


async def list_all(client: Lusha) -> list[Subscription]:
    """Every subscription of the account, the newest first."""
    found: dict[str, Subscription] = {}
    while True:
        answer = await LIST.ask(client, query={"limit": str(PAGE), "offset": str(len(found))})
        page = [_subscription(one) for one in LIST.listed(answer, "data")]
        new = {one.id: one for one in page if one.id not in found}
        found |= new
        pagination = answer.get("pagination")
        more = pagination.get("hasMore") if isinstance(pagination, dict) else len(page) == PAGE
        if not more or not new:
            return list(found.values())


async def create(
    client: Lusha, url: str, entity_ids: Sequence[str], signal_types: Sequence[str], *, name: str = ""
) -> list[Outcome]:
    """Have changes of people told to a URL.

    Returns:
        An outcome for each, in the order given; some may fail.
    """
    outcomes: list[Outcome] = []
    for first in range(0, len(entity_ids), AT_ONCE):
        some = entity_ids[first : first + AT_ONCE]
        body: dict[str, Json] = {
            "defaults": {"url": url, "entityType": "contact", "signalTypes": list(signal_types)},
            "subscriptions": [{"entityId": one} for one in some],
        }
        answer = await CREATE.ask(client, json=body | ({"name": name} if name else {}))
        outcomes += _outcomes(some, CREATE.listed(answer, "results"))
    return outcomes


async def update(client: Lusha, subscription_id: str, **changes: Any) -> None:
    """Change one: ``signalTypes``, ``url``, ``name``, ``isActive``; true also lifts Lusha's block.

    Raises:
        RecordNotFoundError: There is none.
    """
    await UPDATE.ask(client, {"id": subscription_id}, json=changes)


async def delete(client: Lusha, ids: Sequence[str]) -> list[Outcome]:
    """Delete some; one that is gone already fails with ``NOT_FOUND``.

    Returns:
        An outcome for each, in the order given.
    """
    outcomes: list[Outcome] = []
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        answer = await DELETE.ask(client, json={"ids": list(some)})
        outcomes += _outcomes(some, DELETE.listed(answer, "results"))
    return outcomes


async def test(client: Lusha, subscription_id: str) -> bool:
    """Have made-up data delivered; free. Whether the receiver took it."""
    return (await TEST.ask(client, {"id": subscription_id})).get("isSuccess") is True


async def opt_out(client: Lusha, url: str, *, name: str = "") -> str:
    """Have it told to a URL who is to be forgotten; one for an account, free.

    Returns:
        The subscription's id.

    Raises:
        InvalidRequestError: There is one already.
    """
    body = {"entityType": "contact", "url": url} | ({"name": name} if name else {})
    return text((await OPT_OUT.ask(client, json=body)).get("id"))


async def secret(client: Lusha) -> SecretStr | None:
    """The account's webhook secret; None where there is none yet."""
    try:
        return _secret(await SECRET.ask(client))
    except RecordNotFoundError:
        return None


async def new_secret(client: Lusha) -> SecretStr | None:
    """Make a secret in place of the account's; what is signed with the one before ends at once."""
    return _secret(await NEW_SECRET.ask(client))


def _secret(answer: Mapping[str, Any]) -> SecretStr | None:
    found = text(answer.get("secret"))
    return SecretStr(found) if found else None


def _subscription(data: Mapping[str, Any]) -> Subscription:
    types = data.get("signalTypes")
    return Subscription(
        text(data.get("id")),
        text(data.get("entityId")),
        text(data.get("entityType")),
        tuple(map(str, types)) if isinstance(types, list) else (),
        text(data.get("url")),
        data.get("isActive") is not False,
        text(data.get("blockReason")),
        _moment(data.get("blockedAt")),
    )


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _outcomes(items: Sequence[str], results: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """By the index that each result names; one without a result failed for no known reason."""
    told = {int(index): one for one in results if (index := number(one.get("index"))) is not None}
    return [_outcome(item, told.get(at, {})) for at, item in enumerate(items)]


def _outcome(item: str, result: Mapping[str, Any]) -> Outcome:
    made, error = result.get("subscription"), result.get("error")
    if result.get("success") is True:
        return Outcome(item, id=text(made.get("id")) if isinstance(made, dict) else "")
    told = error if isinstance(error, dict) else {}
    return Outcome(item, code=text(told.get("code")) or "UNKNOWN_ERROR", message=text(told.get("message")))
