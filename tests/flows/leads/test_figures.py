"""A thousand leads of whom HighLevel has three hundred: the vendor bills what the others cost, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

import pytest

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.mapping.company_names import normalised
from tests.flows.leads.conftest import bought
from tests.flows.leads.test_push_leads import Go, LeadsFile

LEADS, KNOWN = 1_000, 300
AT_ONCE, PER_CREDIT = 100, 25
PRICES = {"emails": 1, "phones": 5}
LUSHA = {"lusha_plan": "off", "lusha_credits": 10_000}


@pytest.fixture(scope="module")
def world() -> Iterator[RunningSandbox]:
    with process.start(contacts=1, lusha_people=1_200, seed=9, quota="off", **LUSHA) as running:
        yield running


def namesakes_apart(people: Sequence[Any]) -> list[Any]:
    """People whose name nobody else has at a company that is called the same."""
    named = [(one["fullName"].casefold(), normalised(one["company"]["name"])) for one in people]
    often = Counter(named)
    return [one for one, name in zip(people, named, strict=True) if often[name] == 1]


def as_contact(number: int, person: Any) -> dict[str, Any]:
    """Somebody as HighLevel has them whole, with an address and a number of their own."""
    return {
        "id": f"known{number:015}",
        "firstName": person["firstName"],
        "lastName": person["lastName"],
        "companyName": person["company"]["name"],
        "email": f"known{number}@mail.example",
        "phone": f"+1202555{number:04}",
        "dateAdded": "2026-01-01T10:00:00.000Z",
        "dateUpdated": "2026-01-01T10:00:00.000Z",
    }


def is_told(person: Any) -> bool:
    return person["status"] != "COMPLIANCE_RESTRICTED"


def to_buy(people: Sequence[Any]) -> Counter[tuple[str, str]]:
    """The datapoints that Lusha has of people and may give, each once."""
    given = [one for one in people if not one["status"]]
    return Counter((one["id"], name) for one in given for name in PRICES if one[name])


def searching(people: Sequence[Any]) -> int:
    """Credits for looking for people, request by request."""
    chunks = [people[at : at + AT_ONCE] for at in range(0, len(people), AT_ONCE)]
    return sum(ceil(sum(map(is_told, chunk)) / PER_CREDIT) for chunk in chunks)


def fewest_requests(people: Sequence[Any]) -> int:
    """One for the account, and full ones for those who are looked for and for each set of datapoints."""
    told = filter(is_told, people)
    sets = Counter(frozenset(name for name in PRICES if one[name]) for one in told)
    return 1 + ceil(len(people) / AT_ONCE) + sum(ceil(size / AT_ONCE) for kind, size in sets.items() if kind)


def test_a_thousand_leads_cost_what_those_cost_whom_highlevel_does_not_have(
    go: Go, vendor: RunningSandbox, leads_file: LeadsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_CREDITS_A_RUN", "0")
    people = namesakes_apart(vendor.lusha.records("people"))[:LEADS]
    assert len(people) == LEADS
    unknown = [one for place, one in enumerate(people) if place % 10 >= KNOWN * 10 // LEADS]
    known = [one for place, one in enumerate(people) if place % 10 < KNOWN * 10 // LEADS]
    vendor.load(contacts=[as_contact(*one) for one in enumerate(known)])
    file = leads_file(people)

    done = go("push_leads", file=file, businesses=False, recheck="by search")
    assert bought(vendor) == to_buy(unknown)
    prices = sum(PRICES[name] for _, name in to_buy(unknown))
    assert vendor.lusha.bill()["credits"] == prices + searching(unknown) == done["credits"]["spent"]
    assert vendor.lusha.requests()["total"] <= fewest_requests(unknown) * 1.02

    again = go("push_leads", file=file, businesses=False, recheck="by search")
    assert again["credits"]["spent"] == 0
    assert vendor.lusha.bill()["credits"] == done["credits"]["spent"]
