"""What the credit ledger tells: spent by run, action and day; what is reserved; what a run would cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from tasks.core.batch import Tally
from tasks.hub import credits as ledger
from tasks.hub.credits import Caps, Item
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.spent import credit_status
from tasks.hub.tables import runs
from tests.tasks.hub.buying import NO_CAP, buy, emails, phones, running

BEGIN = datetime(2031, 3, 30, tzinfo=UTC)
NOON = BEGIN.replace(hour=12)


def test_spending_is_told_by_run_action_and_day_of_utc(hub: Hub) -> None:
    one, other = running(hub), running(hub, "elsewhere")
    buy(hub, one, [*emails("1", "2"), *phones("1")], charged=8, now=NOON)
    late = datetime.fromisoformat("2031-03-31T01:59+02:00")  # the same day
    buy(hub, one, emails("3"), now=late)
    buy(hub, one, emails("4"), now=late + timedelta(hours=1))
    buy(hub, other, [Item("", "", "contactSearch", 1)], now=NOON + timedelta(days=3))
    buy(hub, other, emails("5"), now=BEGIN - timedelta(seconds=1))
    found = credit_status(hub, NO_CAP, BEGIN).spent
    assert [(x.location_id, x.action, x.credits, x.datapoints, x.at) for x in found] == [
        ("elsewhere", "contactSearch", 1, 0, NOON + timedelta(days=3)),
        ("loc", "revealEmail", 1, 1, late + timedelta(hours=1)),
        ("loc", "revealEmail", 3, 3, late),
        ("loc", "difference", 1, 0, NOON),
        ("loc", "revealPhone", 5, 1, NOON),
    ]
    assert {x.run for x in found} == {one.run_id, other.run_id}


def test_what_is_reserved_says_what_may_have_been_charged_by_a_run_that_is_over(hub: Hub) -> None:
    alive, dead = running(hub), running(hub)
    ledger.reserve(hub, alive, emails("1"), NO_CAP)
    for items in (phones("2"), emails("2")):
        found = ledger.reserve(hub, dead, items, NO_CAP)
        if items == phones("2"):
            ledger.sending(hub, found.key)
    with hub.write() as connection:
        connection.execute(sa.update(runs).where(runs.c.id == dead.run_id).values(state="interrupted"))
    status = credit_status(hub, Caps(run=50, day=10), BEGIN)
    assert status.reserved == 6
    assert {(one.run, one.credits, one.unclear) for one in status.held} == {
        (alive.run_id, 1, False),
        (dead.run_id, 5, True),
    }
    assert status.left == {"day": 3}  # nobody has freed yet what the dead run did not send


def test_the_last_dry_run_of_each_automation_says_what_it_would_cost(hub: Hub) -> None:
    for automation, dry, cost in (
        ("push_leads", True, 70),
        ("push_leads", True, 40.5),
        ("push_leads", False, 99),
        ("enrich_contacts", True, 7),
        ("import_contacts", True, None),
    ):
        run = Run(automation, "loc", "mapping", "digest", {"dry_run": dry})
        run.open(hub)
        if cost is not None:
            run.tally.add(Tally(more={"credits": {"would_cost": cost}}))
        run.close(hub)
    found = credit_status(hub, NO_CAP, BEGIN).would_cost
    assert [(one.automation, one.credits) for one in found] == [("enrich_contacts", 7), ("push_leads", 40.5)]
