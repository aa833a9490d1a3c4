"""The account: its credits, its plan, its price list and its windows. Asking is free, five times a minute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.vendors.leads import Action, Price, Usage
from tasks.vendors.lusha.api.endpoint import Endpoint, number, text
from tasks.vendors.lusha.client import Lusha
from tasks.vendors.lusha.limits import WINDOWS_MS

GET = Endpoint("GET", "/v3/account/usage")

USUAL: dict[str, Price] = {
    Action.SEARCH: Price(1, 25),
    Action.REVEAL_EMAIL: Price(1),
    Action.REVEAL_PHONE: Price(5),
    Action.TABLE_READ: Price(1),
    Action.SIGNALS: Price(1),
}
"""What an action costs where the price list does not name it: nothing is taken for free."""


async def get(client: Lusha) -> Usage:
    """What the account has left, and what things cost.

    Raises:
        BadCredentialError: The key is refused.
    """
    answer = await GET.ask(client)
    held, limits = _object(answer, "credits"), _object(answer, "rateLimits")
    return Usage(
        total=number(held.get("total")),
        used=number(held.get("used")),
        remaining=number(held.get("remaining")),
        plan=text(_object(answer, "plan").get("category")),
        prices=_prices(_object(answer, "pricing")),
        windows=_windows(limits),
    )


def _prices(told: Mapping[str, Any]) -> dict[str, Price]:
    found = dict(USUAL)
    for action, entry in told.items():
        price = number(entry.get("credits")) if isinstance(entry, dict) else None
        if price is not None:
            found[action] = Price(price, int(number(entry.get("perQuantity")) or 1))
    return found


def _windows(told: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    found = {}
    for name in WINDOWS_MS:
        limit = number(_object(told, name).get("limit"))
        if limit is not None:
            left = number(_object(told, name).get("remaining"))
            found[name] = (int(limit), int(limit if left is None else left))
    return found


def _object(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    held = holder.get(key)
    return held if isinstance(held, dict) else {}
