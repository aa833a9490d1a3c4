"""``GET /v3/account/usage``: the credits, the limits, the plan and the price list. Five requests a minute."""

from __future__ import annotations

from sandbox.core.answers import Answer, answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call
from sandbox.lusha.route import Route

__all__ = ["ROUTES"]


def usage(account: Account, _: Call) -> Answer:
    """The account as it stands."""
    ledger = account.ledger
    return answer(
        200,
        {
            "credits": {"total": ledger.total, "used": ledger.used, "remaining": ledger.remaining},
            "rateLimits": account.windows.summary(),
            "plan": {
                "category": account.plan_name,
                "renewalType": "monthly",
                "startDate": "2026-01-01T00:00:00.000Z",
                "endDate": None,
            },
            "pricing": {
                action: {"credits": price.credits, "perQuantity": price.quantity}
                for action, price in ledger.prices.items()
            },
        },
    )


ROUTES = (Route("GET", "/v3/account/usage", usage, "usage"),)
