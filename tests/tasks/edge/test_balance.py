"""How credits stand, in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tasks.edge.balance import Balance, sentences
from tasks.hub.caps import Caps
from tasks.hub.spent import CreditStatus, Held
from tasks.vendors.leads import Usage

NOW = datetime(2031, 1, 8, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("usage", "told"),
    [
        (Usage(2000, 500, 1500, "premium", {}), "1,500 credits of 2,000 left (plan premium)"),
        (Usage(None, None, 1, "", {}), "1 credit left (plan not told)"),
        (Usage(None, None, None, "scale", {}), "the account counts none (plan scale)"),
    ],
)
def test_the_balance_is_told_as_far_as_the_account_counts(usage: Usage, told: str) -> None:
    status = CreditStatus(NOW, [], [], [], Caps(), {})
    assert next(sentences(Balance(usage), status)) == f"Balance: {told}"


def test_what_a_dead_run_left_open_is_told_apart() -> None:
    held = [Held("push_leads", "loc", "a", 5, unclear=True), Held("push_leads", "loc", "b", 1, unclear=False)]
    lines = list(sentences(Balance(), CreditStatus(NOW, [], held, [], Caps(month=70), {"month": 12.5})))
    assert lines[1].startswith("Reserved: 6 credits, of which 5 credits may have been charged by a run that")
    assert lines[2] == "Caps: none for a run; none for a day; 70 credits a month (UTC), 12.5 left"
