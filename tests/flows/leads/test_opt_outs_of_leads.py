"""A lead opts out at Lusha: what was bought of them goes, and neither a file nor Lusha brings it back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

from sandbox.process import RunningSandbox
from tasks.core.settings import Settings
from tasks.hub.engine import Hub
from tasks.run.opting_out import handle, of_delivery
from tasks.vendors.lusha.api import subscriptions
from tasks.vendors.lusha.connection import open_leads
from tests.words_held import held

Go = Callable[..., dict[str, Any]]


def tell_opt_outs() -> None:
    """Have Lusha tell opt-outs."""

    async def subscribed() -> None:
        with closing(Hub(Settings().hub_url)) as hub:
            async with open_leads(Settings(), hub) as leads:
                await subscriptions.new_secret(leads.client)
                await subscriptions.opt_out(leads.client, "https://hooks.example/opt-out")

    asyncio.run(subscribed())


def test_what_was_bought_of_a_lead_goes_and_stays_away(
    go: Go, hub: Hub, vendor: RunningSandbox, leads_file: Any, strangers: list[Any]
) -> None:
    her, other = strangers[:2]
    go("push_leads", file=leads_file([her, other]))
    address = next(one["email"] for one in her["emails"] if one["type"] == "work")
    assert {"lusha_leads", "contacts", "raw", "changes"} <= held(hub, address)
    tell_opt_outs()
    [delivery] = vendor.lusha.deliver(her["id"], "optOut")
    receipt = handle(hub, of_delivery(json.loads(delivery["body"])))
    assert receipt.records["hub.lead"] == [her["id"]]
    values = [one["email"] for one in her["emails"]]
    values += [one["number"][-8:] for one in her["phones"]]

    assert go("remove_opted_out")["applied"]["update done"] == 1
    again = go("push_leads", file=leads_file([her, other], revealed=True))
    name = (her["firstName"], her["lastName"])
    found = [one for one in vendor.records("contacts") if (one.get("firstName"), one.get("lastName")) == name]
    assert [(one.get("email"), one.get("phone")) for one in found] == [(None, None)]
    assert not set().union(*(held(hub, value) for value in values))
    assert again["created"] == 0
