"""What goes wrong with leads is told apart: nothing is spent for nothing, and what was bought is kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.automations import check_parameters, load
from sandbox.process import RunningSandbox
from tasks.core.errors import BadCredentialError, QuotaExhaustedError
from tasks.hub import suppressions
from tasks.hub.caps import Caps
from tasks.hub.engine import Hub
from tasks.hub.spent import credit_status
from tasks.hub.suppressions import Value
from tests.flows.conftest import Flow
from tests.flows.leads.conftest import bought, spent_on
from tests.flows.leads.test_enrich_contacts import add
from tests.flows.leads.test_push_leads import Go, LeadsFile, email_of, of

ENRICH = "POST /v3/contacts/enrich"


def fail(vendor: RunningSandbox, operation: str, fault: str) -> None:
    vendor.lusha.set_faults([{"operation": operation, "fault": fault}])


def reserved(hub: Hub) -> float:
    return credit_status(hub, Caps(), datetime.now(UTC)).reserved


def test_a_wrong_key_is_told_before_anything_is_done(
    run: Flow, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile, monkeypatch: Any
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_API_KEY", "wrong-key-1234")
    ended = run("push_leads", file=leads_file(strangers[:2]))
    assert isinstance(ended.error, BadCredentialError)
    assert "API key" in str(ended.error)
    assert "wrong-key-1234" not in str(ended.error)
    assert vendor.lusha.bill()["credits"] == 0


@pytest.mark.parametrize(
    ("fault", "error"), [("403", BadCredentialError), ("429_daily", QuotaExhaustedError)]
)
def test_what_ends_the_revealing_leaves_nothing_reserved_and_the_next_run_goes_on(
    run: Flow,
    go: Go,
    opened: Hub,
    vendor: RunningSandbox,
    strangers: list[Any],
    leads_file: LeadsFile,
    fault: str,
    error: type[Exception],
) -> None:
    file = leads_file(strangers[:2])
    fail(vendor, ENRICH, fault)
    ended = run("push_leads", file=file, businesses=False)
    assert isinstance(ended.error, error)
    assert (vendor.lusha.bill()["credits"], reserved(opened)) == (1, 0)

    vendor.lusha.set_faults([])
    go("push_leads", file=file, businesses=False)
    assert vendor.lusha.bill()["credits"] == 1 + 2 * 6
    assert of(vendor, email_of(strangers[0]))["phone"]


def test_what_was_bought_while_highlevel_was_down_is_not_bought_again(
    run: Flow, go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    file = leads_file(strangers[:2])
    vendor.set_faults([{"operation": "POST /contacts/", "fault": "500"}])
    assert run("push_leads", file=file, businesses=False).error is not None
    assert vendor.lusha.bill()["credits"] == 1 + 2 * 6

    vendor.set_faults([])
    done = go("push_leads", file=file, businesses=False)
    assert vendor.lusha.bill()["credits"] == 1 + 2 * 6
    assert done["credits"]["would_cost"] == 0
    written = Counter(one.get("email") for one in vendor.records("contacts"))
    assert [written[email_of(one)] for one in strangers[:2]] == [1, 1]


def test_somebody_who_opted_out_is_neither_looked_for_nor_written(
    go: Go, opened: Hub, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    gone, other = strangers[:2]
    with opened.write() as connection:
        value = Value("email", (email_of(gone),))
        suppressions.add(connection, [value], "receipt", datetime.now(UTC))
    for phones in (gone["phones"], other["phones"]):
        phones.clear()  # the export tells none: both lack one
    before = len(vendor.records("contacts"))
    done = go("push_leads", file=leads_file([gone, other], revealed=True), businesses=False)
    assert bought(vendor) == {(other["id"], "phones"): 1}
    assert len(vendor.records("contacts")) == before + 1
    assert done["rejected"] == 1
    assert [told for told in done["leads"] if "opted out" in told]


def test_a_lead_whose_company_has_no_domain_comes_with_its_business(
    go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    person = next(one for one in strangers if not one["company"]["domain"])
    go("push_leads", file=leads_file([person]))
    contact = of(vendor, email_of(person))
    [business] = [one for one in vendor.records("businesses") if one["id"] == contact["businessId"]]
    assert business["name"] == person["company"]["name"]


def test_two_automations_at_once_stay_together_below_the_day_s_cap(
    opened: Hub, go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile, monkeypatch: Any
) -> None:
    new, known = strangers[:8], strangers[8:16]
    ids = [add(vendor, one) for one in known]
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_CREDITS_A_DAY", "40")
    asked = {
        "push_leads": {"file": leads_file(new), "businesses": False},
        "enrich_contacts": {"ids": ids},
    }

    async def at_once() -> list[str]:
        flows = [(load(name), given) for name, given in asked.items()]
        running = [flow(**check_parameters(flow, given), return_state=True) for flow, given in flows]
        return [state.name for state in await asyncio.gather(*running)]

    assert asyncio.run(at_once()) == ["Completed", "Completed"]
    assert 30 < vendor.lusha.bill()["credits"] <= 40
    assert reserved(opened) == 0

    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_CREDITS_A_DAY", "0")
    for name, given in asked.items():
        go(name, **given)
    assert spent_on(vendor, "emails", "phones") == 16 * 6
    assert max(bought(vendor).values()) == 1
