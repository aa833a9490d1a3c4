"""The bill of credits in words: what limits it is said before anything is spent."""

from __future__ import annotations

import pytest

from tasks.edge.lead_bill import Bill, became_of
from tasks.run.leads import Cost
from tasks.vendors.leads import Datapoint

COST = Cost((30, 2.0), {Datapoint.PHONES: (20, 100.0)}, unread=(4, 24.0))
CAPS = {"the run's cap of 90 credits": 90.0, "the day's cap of 200 credits (UTC)": 60.5}


def test_a_bill_adds_up_to_all_that_may_be_spent_and_survives_being_told() -> None:
    bill = Bill.of(COST, fetching=4, free=7, room=CAPS, balance=10)
    assert [(line.leads, line.credits) for line in bill.lines] == [
        (4, 4),
        (4, 24),
        (30, 2),
        (20, 100),
        (7, 0),
    ]
    assert bill.total == 130
    assert Bill.read(bill.plain()) == bill


@pytest.mark.parametrize(
    ("room", "balance", "told"),
    [
        (CAPS, None, ["60.5 credits may be spent now, by the day's cap of 200 credits (UTC)"]),
        ({"the run's cap of 500 credits": 500.0}, 1000, []),
        ({}, 12, ["The Lusha account has only 12 credits."]),
    ],
)
def test_a_cap_or_a_balance_below_the_bill_is_told(
    room: dict[str, float], balance: float | None, told: list[str]
) -> None:
    bill = Bill.of(COST, fetching=4, free=0, room=room, balance=balance)
    limits = list(bill.limits())
    assert len(limits) == len(told)
    assert all(part in limit for part, limit in zip(told, limits, strict=True))


def test_nothing_to_buy_is_limited_by_nothing() -> None:
    bill = Bill.of(Cost((0, 0), {}), fetching=0, free=3, room={"the run's cap of 1 credit": 0}, balance=0)
    assert (bill.total, list(bill.limits())) == (0, [])


def test_what_leads_were_is_told_without_what_there_is_none_of() -> None:
    leads = {"leads": 5, "known contacts": 2, "Lusha does not know them": 1, "removed from the source": 0}
    assert became_of(leads) == "5 leads: known contacts 2; Lusha does not know them 1."
