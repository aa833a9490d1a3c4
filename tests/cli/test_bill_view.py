"""Credits in a terminal: what would be spent, what was, what is left; of runs without leads, too."""

from __future__ import annotations

from typing import Any

import pytest

from cli import bill_view
from tasks.edge.lead_bill import Bill
from tasks.run.leads import Cost
from tasks.vendors.leads import Datapoint


@pytest.fixture
def summary() -> dict[str, Any]:
    """A run that reached its cap."""
    cost = Cost((30, 2.0), {Datapoint.PHONES: (20, 100.0)})
    bill = Bill.of(cost, fetching=0, free=7, room={"the run's cap of 50 credits": 50.0}, balance=900)
    told = {
        "bill": bill.plain(),
        "spent": 47,
        "by_action": {"contactSearch": 2, "revealPhone": 45},
        "stopped": "the run's cap of 50 credits",
        "left": {"leads": 11, "credits": 55},
    }
    return {"credits": told, "leads": {"leads": 37, "known contacts": 9}}


def test_a_dry_run_says_what_it_would_cost_and_what_a_cap_leaves(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    bill_view.show(summary, dry_run=True)
    told = capsys.readouterr().out
    assert "37 leads: known contacts 9." in told
    assert "bill of credits: 102 credits at most" in told
    assert "50 credits may be spent now, by the run's cap of 50 credits" in told
    assert "nothing was spent" in told


def test_a_run_says_what_it_spent_on_what_and_what_is_left(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    bill_view.show(summary, dry_run=False)
    told = capsys.readouterr().out
    assert "This run spent 47 credits: searching 2, phone numbers 45." in told
    assert "stopped spending: the run's cap of 50 credits." in told
    assert "55 credits at most, for 11 leads." in told


def test_a_run_without_leads_says_what_it_spent(capsys: pytest.CaptureFixture[str]) -> None:
    bill_view.show({"credits": {"spent": 3, "stopped": ""}}, dry_run=False)
    assert capsys.readouterr().out.strip() == "This run spent 3 credits."
