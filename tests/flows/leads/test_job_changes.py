"""People change their job: Lusha tells it or is asked, the hub's journal has it, and rules answer it once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.core.settings import Settings
from tasks.edge.connectors import leads_account_of, leads_connected
from tasks.hub import journal
from tasks.hub.engine import Hub
from tasks.hub.journal import Asked
from tasks.hub.tables import MIRRORS, spending, subscriptions
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.run.job_changes import SIGNALS_EACH
from tasks.run.job_deliveries import Taken, take
from tasks.vendors.leads import Leads
from tests.flows.leads.conftest import spent_on

Go = Callable[..., dict[str, Any]]
URL = "https://hooks.example/lusha"


@pytest.fixture
def leads(go: Go, vendor: RunningSandbox, leads_file: Any, strangers: list[Any]) -> list[Any]:
    """Three people of Lusha's who are contacts by now."""
    some = strangers[:3]
    go("push_leads", file=leads_file(some))
    return some


def changes(hub: Hub, vendor: RunningSandbox, column: str = "company_name") -> list[tuple[str, Any]]:
    with hub.read() as connection:
        entries = journal.read(connection, vendor.location_id, Asked("hub.lead", kind="updated"))
    return [(one.id, one.fields[column][1]) for one in entries if column in one.fields]


def test_a_change_of_job_is_told_and_answered_once(
    go: Go, hub: Hub, vendor: RunningSandbox, leads: list[Any], tmp_path: Path
) -> None:
    lusha, person = vendor.lusha, leads[0]
    companies = [
        one for one in lusha.records("companies") if one["companyId"] != person["company"]["companyId"]
    ]
    told = go("sync_job_changes", url=URL)["job_changes"]
    assert (told["chosen"], told["subscribed"]) == (3, 3)
    assert go("sync_job_changes", url=URL)["job_changes"] == {"chosen": 3}

    lusha.edit(person["id"], job={"companyId": companies[0]["companyId"], "title": "Head of Rockets"})
    [delivery] = lusha.deliver(person["id"], "companyChange")
    body = json.loads(delivery["body"])
    assert received(hub, body) == Taken.KEPT
    assert received(hub, body) == Taken.REPEATED
    assert received(hub, body | {"id": "2", "subscriptionId": "0" * 24}) == Taken.NOT_OURS
    assert received(hub, {"entityType": "contact", "data": {}}) == Taken.UNCLEAR
    assert changes(hub, vendor) == [(person["id"], companies[0]["name"])]
    with hub.read() as connection:
        booked = connection.execute(sa.select(sa.func.sum(spending.c.charged))).scalar_one()
    assert booked == lusha.bill()["credits"]

    rules = tmp_path / "job_changes.yaml"  # as it is shipped, with its tag and a name that the location has
    shipped = (MAPPINGS / "job_changes.yaml").read_text(encoding="utf-8")
    text = shipped.replace("# - highlevel", "- highlevel").replace("#     tags", "    tags")
    rules.write_text(text.replace("job changed", "vip"), encoding="utf-8")
    done = go("react_to_job_changes", rules=str(rules))
    assert (done["applied"]["create_task done"], done["applied"]["tag_add done"]) == (1, 1)
    [task] = [one for one in vendor.records("tasks") if companies[0]["name"] in one["title"]]
    [contact] = [one for one in vendor.records("contacts") if one["id"] == task["contactId"]]
    assert (contact["lastName"], "vip" in contact["tags"]) == (person["lastName"], True)
    assert go("react_to_job_changes", rules=str(rules))["read"] == 0


def test_subscriptions_are_kept_in_step_and_what_was_missed_is_asked_for(
    go: Go, hub: Hub, vendor: RunningSandbox, leads: list[Any]
) -> None:
    lusha = vendor.lusha
    go("sync_job_changes", url=URL)
    by_lead = {one["entityId"]: one["id"] for one in lusha.records("subscriptions")}
    blocked, gone, _ = (one["id"] for one in leads)
    lusha.block(by_lead[blocked])
    today = datetime.now(UTC).date().isoformat()
    for lead, company in ((blocked, "Blocked Away"), (gone, "Gone Away")):
        signal = {"type": "companyChange", "currentCompanyName": company, "signalDate": today}
        lusha.edit(lead, set={"signals": [signal]})
    with_lusha(lambda leads: leads.unwatch([by_lead[gone]]))
    before = spent_on(vendor, "signals")

    # A cap leaves what it does not allow to the next run, and nothing is lost.
    dry = go("sync_job_changes", url=URL, dry_run=True)["job_changes"]
    assert (dry["to subscribe"], dry["to reactivate"]) == (1, 1)
    capped = go("sync_job_changes", url=URL, max_credits=SIGNALS_EACH - 1)
    assert capped["job_changes"]["left for the next run"] == 2
    assert all(one["isActive"] for one in lusha.records("subscriptions"))
    assert changes(hub, vendor) == []
    told = go("sync_job_changes", url=URL)["job_changes"]
    assert (told["asked for"], told["changes asked for"]) == (2, 2)
    assert sorted(changes(hub, vendor)) == sorted([(blocked, "Blocked Away"), (gone, "Gone Away")])
    assert spent_on(vendor, "signals") - before == 2
    with hub.read() as connection:
        [domain] = connection.execute(
            sa.select(MIRRORS["hub.lead"].c.company_domain).where(MIRRORS["hub.lead"].c.id == gone)
        ).scalars()
    assert domain is None  # the old company's is not the new one's

    # Whoever has no such tag is followed no more; what is told to somebody else stays as it is.
    vendor.edit(kind="contacts", id=contact_of(hub, gone), set={"tags": ["vip"]})
    vendor.catch_up()
    told = go("sync_job_changes", url="https://other.example/x", tag="VIP")["job_changes"]
    assert (told["chosen"], told["to reactivate"], told["to end"]) == (1, 1, 2)
    assert [(one["entityId"], one["url"]) for one in lusha.records("subscriptions")] == [
        (gone, "https://other.example/x")
    ]
    with_lusha(lambda leads: leads.watch("https://theirs.example", [blocked]))
    assert go("sync_job_changes", tag="VIP")["job_changes"]["to end"] == 1
    long_ago = {"told_until": datetime(2026, 1, 1, tzinfo=UTC)}  # days later it is asked again
    with hub.write() as connection:
        connection.execute(sa.update(subscriptions).values(long_ago))
    lusha.edit(gone, set={"signals": [signal | {"currentCompanyName": "Third"}]})
    assert go("sync_job_changes", tag="VIP")["job_changes"]["asked for"] == 1
    assert changes(hub, vendor)[-1] == (gone, "Third")
    told = go("sync_job_changes", url=URL, max_contacts=2)["job_changes"]
    assert [one["entityId"] for one in lusha.records("subscriptions")].count(blocked) == 1
    assert {one["url"] for one in lusha.records("subscriptions")} >= {"https://theirs.example"}
    assert told["told to others"] == 1


def contact_of(hub: Hub, lead: str) -> str:
    table = MIRRORS["hub.lead"]
    with hub.read() as connection:
        return str(connection.execute(sa.select(table.c.contact_id).where(table.c.id == lead)).scalar_one())


def with_lusha(do: Callable[[Leads], Awaitable[Any]]) -> None:
    """Somebody changes subscriptions in Lusha."""

    async def opened() -> None:
        with closing(Hub(Settings().hub_url)) as hub:
            async with leads_connected(Settings(), hub) as leads:
                await do(leads)

    asyncio.run(opened())


def received(hub: Hub, body: Any) -> Taken:
    mapper = compile_mapping(load_mapping(find_mapping("lusha_lead", MAPPINGS)))
    return take(hub, mapper, leads_account_of(Settings()), body)
