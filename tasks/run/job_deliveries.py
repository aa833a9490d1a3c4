"""A delivery of the vendor of leads: a change of job, kept at the lead, once.

Whoever receives it has made sure that it is the vendor's. What is about nobody who is followed writes
nothing: a test delivery cannot be told from another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Json
from tasks.hub import credits as credit_ledger
from tasks.hub import subscriptions
from tasks.hub.credits import Item, Who
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.subscriptions import Place
from tasks.load import leads as store
from tasks.load.leads import News
from tasks.mapping.job_news import job_news
from tasks.mapping.transform.apply import Mapper
from tasks.vendors.leads import Action

NAME = "job_changes"
"""Under which name the ledger has what deliveries did."""


class Taken(StrEnum):
    """What became of a delivery."""

    KEPT = "kept"
    REPEATED = "repeated"  # it was delivered before
    NOT_OURS = "not ours"  # of a subscription that is not in the hub
    UNCLEAR = "unclear"  # no delivery of a change of job


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was delivered.

    Args:
        id: The vendor's; a repeat has the same.
        subscription_id: Of the subscription; its person is known by it, because the payload's own id of the
            person may be another one.
        signal: ``type`` and what ``job_news`` reads.
        charged: Credits that the vendor says it took.
    """

    id: str
    subscription_id: str
    signal: Mapping[str, Any]
    charged: float = 0.0

    @classmethod
    def read(cls, body: Json) -> Delivery | None:
        """From the body, newer and older names alike; None where it is none."""
        if not isinstance(body, Mapping) or not isinstance(data := body.get("data"), Mapping):
            return None
        id_ = str(body.get("id") or "")
        subscription = str(body.get("subscriptionId") or body.get("subscription_id") or "")
        kind = body.get("type") or body.get("signal_type") or body.get("signalType")
        billing = body.get("billing")
        charged = billing.get("creditsCharged") if isinstance(billing, Mapping) else None
        cost = float(charged) if isinstance(charged, int | float) else 0.0
        if not (id_ and subscription and kind):
            return None
        return cls(id_, subscription, {**data, "type": kind}, cost)


def take(hub: Hub, mapper: Mapper, account: str, body: Json, *, now: datetime | None = None) -> Taken:
    """Keep what a delivery tells, in every location that follows the person; a repeat changes nothing.

    Args:
        mapper: Of the leads' mirror.
        account: The vendor's, as the hub names it.

    Raises:
        HubUnavailableError: It was not kept: the vendor is to deliver it again.
    """
    delivery, now = Delivery.read(body), now or datetime.now(UTC)
    if delivery is None:
        return Taken.UNCLEAR
    with hub.read() as connection:
        whose = subscriptions.whose(connection, account, delivery.subscription_id)
        places = [(Place(account, location_id), lead_id) for location_id, lead_id in whose]
        new = [(place, lead_id) for place, lead_id in places if not place.has(connection, delivery.id)]
    for place, lead_id in new:
        paid = delivery.charged if len(new) == len(places) and place is new[0][0] else 0.0
        _keep(hub, mapper, place, lead_id, replace(delivery, charged=paid), now)
    if not places:
        return Taken.NOT_OURS
    return Taken.KEPT if new else Taken.REPEATED


def _keep(hub: Hub, mapper: Mapper, place: Place, lead_id: str, delivery: Delivery, now: datetime) -> None:
    run = Run(NAME, place.location_id, mapper.mapping.name, mapper.mapping.digest, {})
    item = Item(lead_id, "", Action.SIGNALS, delivery.charged)
    who = Who(place.account, place.location_id, run.id, NAME)

    def beside(connection: sa.Connection) -> None:
        if place.is_new(connection, delivery.id, now) and delivery.charged:
            credit_ledger.book(connection, who, item, delivery.charged, now=now)

    run.open(hub)
    error: str | None = None
    try:
        with hub.read() as connection:
            held = store.held(connection, place.location_id, [lead_id])
        news = job_news(held[lead_id], [delivery.signal]) if lead_id in held else None
        store.keep(hub, run, mapper, [] if news is None else [News(news)], beside)
    except BaseException as caught:
        error = str(caught) or type(caught).__name__
        raise
    finally:
        run.close(hub, error)
