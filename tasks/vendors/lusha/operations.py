"""Any operation of Lusha's catalog, through one caller: what it may cost is said first, and counted.

The same key, budget, retries and errors as everything else, because it is the same client; and the same
ledger of credits (``tasks/hub/credits.py``), so that what a person calls counts in the caps of day and month.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from tasks.core.errors import (
    BadConfigurationError,
    CreditCapError,
    LushaConnectError,
    UnknownOutcomeError,
    VendorFailedError,
)
from tasks.hub import credits as ledger
from tasks.hub.caps import Caps, in_credits
from tasks.hub.credits import Item, Who
from tasks.hub.engine import Hub
from tasks.vendors.catalog import requests
from tasks.vendors.catalog.requests import PreparedRequest
from tasks.vendors.leads import Price, Usage
from tasks.vendors.lusha.api import usage
from tasks.vendors.lusha.api.endpoint import charged
from tasks.vendors.lusha.catalog import VERSION, Action, action_of
from tasks.vendors.lusha.client import Lusha


@dataclass(frozen=True, slots=True)
class Purse:
    """What a call may spend.

    Args:
        who: On whose behalf.
        caps: Of the run, the day and the month.
        most: Credits that this call may cost.
    """

    hub: Hub
    who: Who
    caps: Caps
    most: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an operation may cost.

    Args:
        charges: How many of what, by the names of the price list.
        at_most: Credits; None where a price is not known.
        left: Credits that the account has; None where that is not known.
    """

    charges: Mapping[str, int]
    at_most: float | None
    left: float | None

    def as_dict(self) -> dict[str, Any]:
        """For showing."""
        return {"charges": dict(self.charges), "credits_at_most": self.at_most, "credits_left": self.left}


def prepare(action: Action, parameters: Mapping[str, Any], owner: str = "") -> PreparedRequest:
    """The request that an action with these parameters is.

    Args:
        owner: E-mail address of the user whose tables they are; filled in where none is given.

    Raises:
        BadConfigurationError: The action cannot be called this way, or a parameter is wrong.
    """
    return requests.prepare(action, completed(action, parameters, owner), VERSION)


def completed(action: Action, parameters: Mapping[str, Any], owner: str = "") -> dict[str, Any]:
    """The parameters with what is sent where nothing else is given."""
    given = {**action.defaults, **parameters}
    known = action.spelling(VERSION).parameters
    if owner and "owner" in known:
        given.setdefault("owner", {"email": owner})
    if owner and "email" in known:
        given.setdefault("email", owner)
    return given


def estimate(action: Action, parameters: Mapping[str, Any], account: Usage | None = None) -> Estimate:
    """What an action may cost, by the account's price list.

    Args:
        account: As Lusha tells it; None where it was not asked.
    """
    charges = action.charges(parameters)
    prices: Mapping[str, Price] = account.prices if account else {}
    costs = [prices[name].of(quantity) if name in prices else None for name, quantity in charges.items()]
    at_most = None if None in costs else sum(cost for cost in costs if cost is not None)
    return Estimate(charges, at_most, account.remaining if account else None)


async def try_out(client: Lusha, operation: str, parameters: Mapping[str, Any], owner: str = "") -> Any:
    """The request as it would be sent, and what it may cost: of Lusha, only the price list is asked for.

    Raises:
        BadConfigurationError: Operation or parameters are wrong.
    """
    action = action_of(operation)
    request = prepare(action, parameters, owner)
    account = await usage.get(client) if action.costs else None
    return request.as_dict() | {"costs": estimate(action, parameters, account).as_dict()}


async def call(
    client: Lusha, operation: str, parameters: Mapping[str, Any], purse: Purse, owner: str = ""
) -> Any:
    """Call an operation.

    Args:
        operation: Its name in the catalog, e.g. ``lusha-contacts.search``.
        parameters: By name, e.g. ``{"contacts": [{"email": "…"}]}``.
        owner: As ``prepare`` has it.

    Returns:
        The answer's JSON.

    Raises:
        BadConfigurationError: Operation or parameters are wrong, or it may cost more than it may.
        CreditCapError: A cap of the day or the month is reached; nothing was sent.
        UnknownOutcomeError: The answer was lost; it may have been charged, and counts as if it was.
        LushaConnectError: As the client's own ``call``.
    """
    action = action_of(operation)
    request = prepare(action, parameters, owner)
    if not action.charges(parameters):
        return await _send(client, action, request, parameters)
    expected = estimate(action, parameters, await usage.get(client))
    _require(action, expected, purse.most)
    return await _spend(client, action, request, parameters, expected, purse)


def _require(action: Action, expected: Estimate, most: float) -> None:
    if expected.at_most is not None and expected.at_most <= most:
        return
    if expected.at_most is None and most > 0:
        return
    known = (
        "an unknown number of credits"
        if expected.at_most is None
        else f"up to {in_credits(expected.at_most)}"
    )
    left = f" of {expected.left:,g} that are left" if expected.left is not None else ""
    wish = "the most it may cost" if expected.at_most is None else f"{expected.at_most:g}"
    raise BadConfigurationError(
        f"{action.name} with these parameters costs {known}{left}; it may spend {in_credits(most)}.",
        remedy=f"If that is wanted, allow it: max_credits {wish} (--max-credits on the command line).",
    )


async def _spend(
    client: Lusha,
    action: Action,
    request: PreparedRequest,
    parameters: Mapping[str, Any],
    expected: Estimate,
    purse: Purse,
) -> Any:
    """Send what is charged: reserved before, and settled after, by what Lusha says that it took."""
    cost = purse.most if expected.at_most is None else expected.at_most
    items = [Item("", "", next(iter(expected.charges)), cost)]
    held = await asyncio.to_thread(ledger.reserve, purse.hub, purse.who, items, purse.caps)
    if held.refused:
        raise CreditCapError(
            f"{action.name} may cost {in_credits(cost)}, which {held.cap} does not allow.",
            remedy="Nothing was sent. Raise the cap, or wait until it begins anew.",
        )
    try:
        await asyncio.to_thread(ledger.sending, purse.hub, held.key)
        answer = await _send(client, action, request, parameters)
    except LushaConnectError as error:
        if isinstance(error, UnknownOutcomeError) or type(error) is VendorFailedError:
            await asyncio.to_thread(_settle, purse.hub, held.key, cost)
        else:
            await asyncio.to_thread(ledger.release, purse.hub, held.key)
        raise
    told = charged(answer) if isinstance(answer, dict) else None
    await asyncio.to_thread(_settle, purse.hub, held.key, cost if told is None else told)
    return answer


def _settle(hub: Hub, key: str, cost: float) -> None:
    with hub.write() as connection:
        ledger.settle(connection, key, {}, cost)


async def _send(
    client: Lusha, action: Action, request: PreparedRequest, parameters: Mapping[str, Any]
) -> Any:
    try:
        return await client.call(
            request.method,
            request.template,
            path=request.path,
            query=cast("Mapping[str, str]", request.query),  # the transport repeats a name for each item
            json=request.body,
            repeatable=action.repeatable(parameters),
        )
    except UnknownOutcomeError as error:
        look = f" Look with `{action.look_up}` before you repeat it." if action.look_up else ""
        raise UnknownOutcomeError(error.what, remedy=f"{error.remedy}{look}") from None
