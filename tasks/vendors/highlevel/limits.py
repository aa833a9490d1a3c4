"""HighLevel's request budget: paced from its headers, shared through the hub, never by constants.

Documented are 100 requests per 10 seconds and 200,000 a day for each app and location; 25 and 10,000
were measured on a trial account with a private integration token. So the first answer's
``x-ratelimit-*`` headers decide, and until it has come the smaller quota is assumed.
"""

from __future__ import annotations

from tasks.hub.budget import MARGIN, Quota, SharedBudget
from tasks.hub.engine import Hub
from tasks.vendors.pacing import RequestBudget
from tasks.vendors.transport import Answer

FIRST_GUESS = Quota(max_requests=25)


def account(location_id: str) -> str:
    """Under which name the hub keeps a location's budget."""
    return f"highlevel:{location_id}"


def request_budget(hub: Hub, location_id: str) -> RequestBudget:
    """A location's budget."""
    shared = SharedBudget(hub, account(location_id), FIRST_GUESS)
    return RequestBudget(shared, _announced, f"HighLevel's daily request quota of location {location_id}")


def _announced(answer: Answer) -> Quota:
    def number(name: str) -> int | None:
        value = answer.headers.get(name, "")
        return int(value) if value.isdigit() else None

    interval = number("x-ratelimit-interval-milliseconds") or FIRST_GUESS.interval_ms
    return Quota(
        max_requests=number("x-ratelimit-max"),
        interval_ms=int(interval * MARGIN),
        daily_remaining=number("x-ratelimit-daily-remaining"),
        daily_reset_ms=number("x-ratelimit-daily-reset"),  # a duration, not a moment
    )
