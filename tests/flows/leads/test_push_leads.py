"""push_leads: what HighLevel lacks is bought once, shown before, written by a plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.core.errors import BadConfigurationError, NoCreditsError
from tasks.hub.engine import Hub
from tasks.hub.tables import reviews
from tests.flows.conftest import Flow
from tests.flows.leads.conftest import ask, bought, spent_on

Go = Callable[..., dict[str, Any]]
LeadsFile = Callable[..., str]
BOTH = pytest.mark.parametrize("hub_url", ["sqlite", "postgresql"], indirect=True)


def of(vendor: RunningSandbox, email: str) -> dict[str, Any]:
    """The contact of an address."""
    [found] = [one for one in vendor.records("contacts") if one.get("email") == email]
    return dict(found)


def email_of(person: dict[str, Any]) -> str:
    return next(one["email"] for one in person["emails"] if one["type"] == "work").lower()


@BOTH
def test_a_preview_spends_nothing_and_the_second_time_nothing_is_left_to_buy(
    go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile, hub_url: str
) -> None:
    people = strangers[:6]
    file, before = leads_file(people), len(vendor.records("contacts"))
    businesses = len(vendor.records("businesses"))

    preview = go("push_leads", file=file, businesses=False, dry_run=True)
    assert vendor.lusha.bill() == {"credits": 0, "charges": []}
    assert preview["credits"]["would_cost"] == 1 + 6 * (1 + 5)
    assert preview["planned"]["create"] == 6
    assert preview["file"]["rows"] == 6
    assert len(vendor.records("contacts")) == before

    done = go("push_leads", file=file)
    assert done["credits"]["spent"] == vendor.lusha.bill()["credits"] == 1 + 6 * (1 + 5)
    made = len(vendor.records("businesses")) - businesses
    assert done["applied"]["create done"] == 6 + made
    one = of(vendor, email_of(people[0]))
    assert (one["firstName"], one["companyName"]) == (people[0]["firstName"], people[0]["company"]["name"])
    assert one["phone"].startswith("+")
    assert "lusha" in one["tags"]
    assert one["businessId"]

    again = go("push_leads", file=file)
    assert again["credits"]["spent"] == again["credits"]["would_cost"] == 0
    assert vendor.lusha.bill()["credits"] == done["credits"]["spent"]
    assert len(vendor.records("contacts")) == before + 6


def test_only_what_highlevel_lacks_is_bought(
    go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    whole, halved, new = strangers[:3]
    for person, phone in ((whole, "+12025550111"), (halved, None)):
        vendor.edit(
            kind="contacts",
            create={
                "firstName": person["firstName"],
                "lastName": person["lastName"],
                "companyName": person["company"]["name"],
                "email": email_of(person),
                **({"phone": phone} if phone else {}),
            },
        )

    go("push_leads", file=leads_file([whole, halved, new]), businesses=False)
    assert sorted(bought(vendor)) == sorted(
        [(halved["id"], "phones"), (new["id"], "phones"), (new["id"], "emails")]
    )
    assert of(vendor, email_of(whole))["phone"] == "+12025550111"
    assert of(vendor, email_of(halved))["phone"].startswith("+")


def test_what_an_export_tells_already_is_not_bought(
    go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    told = [one for one in strangers if one["phones"][0]["type"] in ("direct", "mobile")][:3]
    done = go("push_leads", file=leads_file(told, revealed=True))
    assert done["credits"]["spent"] == vendor.lusha.bill()["credits"] == 0
    assert of(vendor, email_of(told[0]))["source"] == "Lusha"


def test_a_cap_ends_the_spending_and_the_next_run_goes_on(
    go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    file = leads_file(strangers[:12])
    first = go("push_leads", file=file, reveal=["phones"], max_credits=13, businesses=False)
    assert first["credits"]["spent"] == vendor.lusha.bill()["credits"] == 1 + 2 * 5
    assert first["credits"]["stopped"] == "the run's cap of 13 credits"
    assert first["applied"]["create done"] == 2
    assert (first["rejected"], first["leads"]["wait for credits"]) == (0, 10)
    assert first["credits"]["left"] == {"leads": 10, "credits": 50}
    assert first["credits"]["bill"]["room"] == {"the run's cap of 13 credits": 13}

    go("push_leads", file=file, reveal=["phones"], businesses=False)
    assert spent_on(vendor, "phones") == 12 * 5
    assert max(bought(vendor).values()) == 1


def test_an_account_without_credits_ends_the_run_with_what_was_bought_written(
    run: Flow, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    names = {name: strangers[0][name] for name in ("firstName", "lastName")}
    person = {**names, "companyName": strangers[0]["company"]["name"], "phone": "+12025550111"}
    vendor.edit(kind="contacts", create=person)
    vendor.lusha.set_credits(3)  # the search and an address; the others cost more
    ended = run("push_leads", file=leads_file(strangers[:12]), businesses=False)
    assert isinstance(ended.error, NoCreditsError)
    assert bought(vendor) == {(strangers[0]["id"], "emails"): 1}
    assert of(vendor, email_of(strangers[0]))["phone"] == "+12025550111"
    assert ended.tally.more["credits"]["spent"] == vendor.lusha.bill()["credits"] == 2
    assert ended.tally.more["leads"]["wait for credits"] == 11


def test_leads_that_cannot_be_had_are_told_apart_and_cost_nothing(
    go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile, tmp_path: Path
) -> None:
    good = strangers[0]
    file = Path(leads_file([good, good]))
    header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
    unknown = dict.fromkeys(header, "") | {
        "First Name": "Nemo",
        "Last Name": "Nobody",
        "Company Name": "Nowhere Ltd",
    }
    nameless = dict.fromkeys(header, "") | {"First Name": "Solo"}
    with file.open("a", encoding="utf-8") as more:
        for row in (unknown, nameless):
            more.write(",".join(row[name] for name in header) + "\n")

    done = go("push_leads", file=str(file), businesses=False)
    assert done["applied"]["create done"] == 1
    assert done["read"] == 4
    assert done["rejected"] == 3
    assert vendor.lusha.bill()["credits"] == 1 + 6
    assert done["leads"]["Lusha does not know them"] == 1

    before = vendor.lusha.requests()["operations"]["POST /v3/contacts/search"]
    go("push_leads", file=str(file))  # nobody is looked for again so soon
    assert vendor.lusha.requests()["operations"]["POST /v3/contacts/search"] == before


def test_an_address_of_another_company_waits_for_a_person(
    go: Go, opened: Hub, vendor: RunningSandbox, leads_file: LeadsFile, strangers: list[Any]
) -> None:
    file = Path(leads_file(strangers[:1], revealed=True))
    company = strangers[0]["company"]["domain"]
    text = file.read_text(encoding="utf-8").replace(company, "joinery.example")
    file.write_text(text.replace("@joinery.example", "@otherwise.example"), encoding="utf-8")
    before = len(vendor.records("contacts"))
    go("push_leads", file=str(file), businesses=False)
    with opened.read() as connection:
        [review] = connection.execute(sa.select(reviews)).mappings()
    assert "otherwise.example" in review["why"]
    assert len(vendor.records("contacts")) == before


def test_the_lusha_id_is_kept_in_a_field_that_is_made_on_demand(
    go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    file = leads_file(strangers[:1])
    go("push_leads", file=file, dry_run=True, make_field=True)
    assert not [one for one in vendor.records("customFields") if one["name"] == "Lusha ID"]

    go("push_leads", file=file, make_field=True)
    [field] = [one for one in vendor.records("customFields") if one["name"] == "Lusha ID"]
    kept = of(vendor, email_of(strangers[0]))["customFields"]
    assert {"id": field["id"], "value": strangers[0]["id"]} in kept


def test_neither_or_both_sources_are_refused(run: Flow, vendor: RunningSandbox) -> None:
    for given in ({}, {"file": "leads.csv", "source": "inbox"}):
        error = run("push_leads", **given).error
        assert isinstance(error, BadConfigurationError)
        assert "either a file or a source" in str(error)


def test_what_a_colleague_revealed_is_had_for_nothing(
    go: Go, vendor: RunningSandbox, strangers: list[Any], leads_file: LeadsFile
) -> None:
    person = strangers[0]
    ask(vendor, "/v3/contacts/enrich", {"ids": [person["id"]], "reveal": ["phones"]})
    before = vendor.lusha.bill()["credits"]
    file = leads_file([person])
    go("push_leads", file=file, reveal=["emails"], businesses=False)
    assert not of(vendor, email_of(person)).get("phone")

    preview = go("push_leads", file=file, businesses=False, dry_run=True)
    assert preview["credits"]["would_cost"] == 0
    done = go("push_leads", file=file, businesses=False)
    assert done["credits"]["spent"] == 0
    assert of(vendor, email_of(person))["phone"].startswith("+")
    assert vendor.lusha.bill()["credits"] == before + 2
