"""A look at a Lusha account: does the key work, what is left, what do things cost.

One request, which is free: everything is in the account's usage. Nothing that is charged is ever tried.
"""

from __future__ import annotations

from tasks.core.errors import LushaConnectError
from tasks.core.findings import Finding, failed, ok, warning
from tasks.core.settings import Settings
from tasks.hub.engine import Hub
from tasks.vendors.leads import REVEALS, Action, Price, Usage
from tasks.vendors.lusha.connection import open_leads
from tasks.vendors.lusha.limits import WINDOWS_MS

FEW_CREDITS = 100
"""Credits that end in the middle of a run."""

FEW_REQUESTS = 20
"""Requests that are few for what is left of a window."""

_TOLD = {"minute": "a minute", "hourly": "an hour", "daily": "a day"}


async def examine(settings: Settings, hub: Hub) -> list[Finding]:
    """Look at the settings' account.

    Returns:
        What was found; nothing of what comes after a key that does not work.
    """
    try:
        async with open_leads(settings, hub) as leads:
            usage = await leads.usage()
    except LushaConnectError as error:
        return [failed("lusha key", error)]
    return [
        ok("lusha key", "Lusha takes it, and the plan has the API."),
        ok("lusha plan", usage.plan or "Lusha names none."),
        _prices(usage),
        _credits(usage, settings),
        _requests(usage),
        _tables(settings),
    ]


def _prices(usage: Usage) -> Finding:
    """What things cost, and so what the plan has."""
    told = ", ".join(f"{action} {_shown(price)}" for action, price in sorted(usage.prices.items()))
    missing = [action for action in (Action.SEARCH, *REVEALS.values()) if action not in usage.prices]
    if missing:
        remedy = "What it does will cost is known only after it was charged: keep the caps low, or ask Lusha."
        return warning(
            "lusha prices", f"The price list lacks {', '.join(missing)}; it has: {told or 'nothing'}", remedy
        )
    return ok("lusha prices", told)


def _shown(price: Price) -> str:
    return f"{price.credits:g}" + (f" for {price.per}" if price.per > 1 else "")


def _credits(usage: Usage, settings: Settings) -> Finding:
    if usage.remaining is None:
        return ok("lusha credits", "The plan counts none.")
    found = f"{usage.remaining:,g} left" + (f" of {usage.total:,g}" if usage.total is not None else "")
    cap = settings.lusha_credits_a_run
    found += f"; a run may spend {cap:,g}" if cap else "; a run may spend all of them"
    if usage.remaining < FEW_CREDITS:
        remedy = "Runs end when they are used up, and go on when there are new ones."
        return warning("lusha credits", found, remedy)
    return ok("lusha credits", found)


def _requests(usage: Usage) -> Finding:
    known = {name: usage.windows[name] for name in WINDOWS_MS if name in usage.windows}
    if not known:
        return warning(
            "lusha requests", "Lusha announced no limits.", "Requests are paced carefully until it does."
        )
    found = "; ".join(f"{most:,} {_TOLD[name]}, {left:,} left" for name, (most, left) in known.items())
    if any(left < min(FEW_REQUESTS, most) for name, (most, left) in known.items() if name != "minute"):
        return warning("lusha requests", found, "Runs end when they are used up, and go on later.")
    return ok("lusha requests", found)


def _tables(settings: Settings) -> Finding:
    if settings.lusha_table_owner:
        return ok("lusha tables", "Their owner is set.")
    return ok(
        "lusha tables", "No owner is set: an inbox table cannot be read (LUSHA_CONNECT_LUSHA_TABLE_OWNER)."
    )
