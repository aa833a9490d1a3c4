"""How long a hub keeps what happened: plans that ended, runs, decided reviews; and what it never gives up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import Change, FieldChange, Scope, State
from tasks.core.errors import BadConfigurationError
from tasks.hub import credits as ledger
from tasks.hub import journal, links, notices, plans, provenance, reviews
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.notices import Notice
from tasks.hub.plans import Plan
from tasks.hub.provenance import Origin
from tasks.hub.retention import LONGEST_WAIT, Retention
from tasks.hub.reviews import Candidate, Review
from tasks.hub.tables import changes, metadata
from tasks.hub.tables import runs as run_table
from tests import operations
from tests.tasks.hub.buying import NO_CAP, buy, emails, running

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAYS = 100
SCOPE = Scope("loc", "file", "highlevel.contact")


def days(number: float) -> timedelta:
    return timedelta(days=number)


def kept(hub: Hub, *, state: str = "applied", age: float = DAYS + 1, **more: Any) -> Plan:
    """A plan that was made, and applied where it was, so many days ago, with three changes that are done."""
    applied = {"applied_at": NOW - days(age)} if state in ("applied", "stopped") else {}
    told: dict[str, Any] = {"made_at": NOW - days(age), "state": state, **applied}
    ends = more.pop("ends", [State.DONE] * 3)
    about: dict[str, Any] = {"location_id": "loc", "kind": "import", "about": "a file", "spec": {}}
    made = Plan("run", "import_contacts", **{**about, **told, **more})
    with hub.write() as connection:
        plans.insert(connection, made)
        plans.add(connection, made.id, 0, [_change(n, end) for n, end in enumerate(ends)])
    return made


def _change(n: int, end: State) -> Change:
    return operations.change(
        operations.UPDATE, f"r{n}", "c1", "Ada", [FieldChange("city", "Graz", "Wien", "")], state=end
    )


def housekeep(hub: Hub, *, keep_days: int = DAYS, dry_run: bool = False) -> dict[str, int]:
    """All that is too old; slice by slice, and how much of it there was."""
    work = Retention(hub, "loc", keep_days, now=NOW)
    return dict(work.count() if dry_run else work.remove())


def there(hub: Hub, *asked: Plan) -> list[bool]:
    found = {plan.id for plan in plans.newest(hub, 1000)}
    return [plan.id in found for plan in asked]


def rows(hub: Hub, table: str) -> int:
    with hub.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(metadata.tables[table])).scalar_one()


@pytest.mark.parametrize("state", ["applied", "declined", "planning", "ready", "stopped", "applying"])
def test_a_plan_goes_when_its_time_is_over_and_not_before(hub: Hub, state: str) -> None:
    old, young = kept(hub, state=state), kept(hub, state=state, age=DAYS - 1)
    assert housekeep(hub) == {"plans": 1, "changes": 3}
    assert there(hub, old, young) == [False, True]
    assert rows(hub, "changes") == 3
    assert housekeep(hub) == {}


def test_what_it_comes_to_can_be_asked_for_first(hub: Hub) -> None:
    old = kept(hub)
    assert housekeep(hub, dry_run=True) == {"plans": 1, "changes": 3}
    assert there(hub, old) == [True]
    assert housekeep(hub) == {"plans": 1, "changes": 3}


def test_for_ever_is_zero(hub: Hub) -> None:
    old = kept(hub, age=10_000)
    assert housekeep(hub, keep_days=0) == {}
    assert there(hub, old) == [True]


def test_the_age_of_a_plan_counts_from_when_it_was_last_at_work(hub: Hub) -> None:
    resumed = kept(hub, state="stopped", age=500, applied_at=NOW - days(3))
    assert housekeep(hub) == {}
    assert there(hub, resumed) == [True]


@pytest.mark.parametrize("state", ["applied", "stopped", "applying", "declined"])
def test_a_change_whose_outcome_is_not_known_keeps_its_plan(hub: Hub, state: str) -> None:
    unclear = kept(hub, state=state, age=1000, ends=[State.DONE, State.SENDING])
    assert housekeep(hub) == {}
    assert there(hub, unclear) == [True]


@pytest.mark.parametrize("state", ["ready", "planning", "stopped", "applying"])
def test_what_may_still_be_wanted_is_kept_as_long_as_a_person_may_take_to_approve_it(
    hub: Hub, state: str
) -> None:
    waiting = kept(hub, state=state, age=LONGEST_WAIT.days - 1)
    over = kept(hub, state=state, age=LONGEST_WAIT.days + 1)
    ended = kept(hub, age=2)
    housekeep(hub, keep_days=1)
    assert there(hub, waiting, over, ended) == [True, False, False]


@pytest.mark.parametrize("word", [lambda plan: plan.id, lambda plan: plan.id[:5], lambda _plan: "last"])
def test_a_plan_that_a_run_is_about_just_now_stays(hub: Hub, word: Callable[[Plan], str]) -> None:
    plan = kept(hub, state="ready")
    run = Run("apply_plan", "loc", "m", "d", {"plan": word(plan)}, started_at=NOW - days(1))
    run.open(hub)
    assert housekeep(hub) == {}
    assert there(hub, plan) == [True]
    run.close(hub)
    assert housekeep(hub)["plans"] == 1


def test_a_plan_stays_as_long_as_what_followed_it_or_took_it_back(hub: Hub) -> None:
    first = kept(hub)
    follow_up = kept(hub, parent_id=first.id, kind="follow-up")
    undo = kept(hub, parent_id=first.id, kind="undo", age=3)
    other = kept(hub)
    assert housekeep(hub) == {"plans": 1, "changes": 3}
    assert there(hub, first, follow_up, undo, other) == [True, True, True, False]
    with hub.write() as connection:
        plans.update(connection, undo.id, made_at=NOW - days(DAYS + 1), applied_at=NOW - days(DAYS + 1))
    assert housekeep(hub) == {"plans": 3, "changes": 9}


def test_a_follow_up_whose_first_plan_is_gone_goes_too(hub: Hub) -> None:
    alone = kept(hub, parent_id="longgone0000", kind="follow-up")
    assert housekeep(hub)["plans"] == 1
    assert there(hub, alone) == [False]


def test_another_location_s_are_its_own_affair(hub: Hub) -> None:
    other = kept(hub, location_id="elsewhere")
    Run("sync_contacts", "elsewhere", "m", "d", {}, started_at=NOW - days(500)).open(hub)
    assert housekeep(hub) == {}
    assert there(hub, other) == [True]
    assert rows(hub, "runs") == 1


def test_runs_that_ended_long_ago_go_and_living_ones_stay(hub: Hub) -> None:
    for started, ended in ((500, True), (500, False), (DAYS - 1, True), (3, False)):
        run = Run("sync_contacts", "loc", "m", "d", {}, started_at=NOW - days(started))
        run.open(hub)
        if ended:
            run.close(hub)
            with hub.write() as connection:
                mine = sa.update(run_table).where(run_table.c.id == run.id)
                connection.execute(mine.values(finished_at=NOW - days(started)))
    assert housekeep(hub) == {"runs": 2}  # one of them never said that it ended
    assert rows(hub, "runs") == 2


def test_decided_reviews_go_and_open_ones_wait_for_ever(hub: Hub) -> None:
    ada = Candidate("ada", "Ada", "e-mail")
    made = [
        Review(f"r{n}", "Ada", "shared", (ada,), {"id": f"r{n}"}, made_at=NOW - days(900)) for n in range(3)
    ]
    with hub.write() as connection:
        reviews.keep(connection, SCOPE, "p1", made)
    for record, age in (("r0", 500), ("r1", 5)):
        reviews.accept(hub, record)
        with hub.write() as connection:
            mine = sa.update(metadata.tables["reviews"]).where(
                metadata.tables["reviews"].c.record_id == record
            )
            connection.execute(mine.values(decided_at=NOW - days(age)))
    assert housekeep(hub) == {"reviews": 1}
    assert rows(hub, "reviews") == 2
    with hub.read() as connection:
        assert links.targets(connection, SCOPE, ["r0", "r1"]) == {"r0": "ada", "r1": "ada"}


def test_notices_that_were_sent_or_dropped_go_and_those_that_wait_stay(hub: Hub) -> None:
    made = [Notice(str(n), "channels", "r", "team", "", "Hello", NOW - days(900), "run") for n in range(4)]
    with hub.write() as connection:
        notices.put(connection, "loc", made)
        notices.put(connection, "elsewhere", made)
        for key, age in (("0", DAYS + 1), ("1", DAYS - 1)):
            notices.sent(connection, "loc", [key], NOW - days(age))
        dropped = next(one for one in notices.waiting(connection, "loc", "channels") if one.key == "2")
    notices.drop(hub, "loc", dropped.reference, NOW - days(DAYS + 1))
    assert housekeep(hub, dry_run=True) == {"notices": 2}
    assert housekeep(hub) == {"notices": 2}
    assert rows(hub, "notices") == 2 + len(made)


def test_old_entries_of_the_journal_go(hub: Hub) -> None:
    for age in (DAYS + 1, DAYS - 1):
        stamp = {"location_id": "loc", "run_id": "r", "synced_at": NOW - days(age)}
        with hub.write() as connection:
            entry = journal.Entry("hub.contact", "ada", journal.Kind.UPDATED, NOW - days(age))
            journal.write(connection, stamp, [entry])
    assert housekeep(hub, dry_run=True) == {"journal": 1}
    assert housekeep(hub) == {"journal": 1}
    assert rows(hub, "journal") == 1


def test_links_provenance_and_rejects_are_never_removed(hub: Hub) -> None:
    plan = kept(hub, age=5000)
    with hub.write() as connection:
        links.keep(connection, SCOPE, [("r1", "c1")], made_by="create", plan_id=plan.id)
        origin = Origin("file", NOW - days(5000), "Wien")
        provenance.keep(connection, "loc", "hub.contact", [("c1", "city", origin)], "run")
        connection.execute(sa.insert(metadata.tables["rejects"]).values(_reject()))
    assert housekeep(hub)["plans"] == 1
    assert [rows(hub, name) for name in ("links", "provenance", "rejects")] == [1, 1, 1]


def test_what_was_paid_for_is_never_bought_again_though_its_run_is_gone(hub: Hub) -> None:
    buyer = running(hub)
    buy(hub, buyer, emails("1"), now=NOW - days(5000))
    old = sa.update(run_table).values(
        started_at=NOW - days(5000), finished_at=NOW - days(5000), state="failed"
    )
    with hub.write() as connection:
        connection.execute(old)
    assert housekeep(hub) == {"runs": 1}
    assert ledger.reserve(hub, running(hub), emails("1"), NO_CAP).known


def _reject() -> dict[str, Any]:
    texts = dict.fromkeys(("stream", "id", "mapping", "payload", "fingerprint", "run_id"), "x")
    return {**texts, "location_id": "loc", "reasons": [], "synced_at": NOW - days(5000)}


def test_no_transaction_is_long(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.hub.retention.SLICE", 4)
    kept(hub, ends=[State.DONE] * 10)
    for n in range(9):
        run = Run("sync_contacts", "loc", "m", "d", {}, id=f"run{n}", started_at=NOW - days(500))
        run.open(hub)
    with removals(hub) as sizes:
        assert housekeep(hub) == {"plans": 1, "changes": 10, "runs": 9}
    assert sum(sizes) == 20
    assert max(sizes) <= 5  # a slice, and the plan after its last one


@contextmanager
def removals(hub: Hub) -> Iterator[list[int]]:
    """How many rows each transaction of the ``with`` body removes."""
    sizes, removed = [], [0]

    def count(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        removed[0] += cursor.rowcount if statement.startswith("DELETE") else 0

    def committed(_connection: Any) -> None:
        sizes.append(removed[0])
        removed[0] = 0

    sa.event.listen(hub.engine, "after_cursor_execute", count)
    sa.event.listen(hub.engine, "commit", committed)
    try:
        yield sizes
    finally:
        sa.event.remove(hub.engine, "after_cursor_execute", count)
        sa.event.remove(hub.engine, "commit", committed)


def test_a_plan_that_is_half_removed_is_nobody_s_to_apply_or_undo_and_the_next_run_ends_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.hub.retention.SLICE", 4)
    plan = kept(hub, ends=[State.DONE] * 10)
    follow_up = kept(hub, parent_id=plan.id, kind="follow-up")
    died = Retention(hub, "loc", DAYS, now=NOW)
    assert died.step() is not None  # marked
    assert died.step() is not None  # and some of its changes removed
    assert rows(hub, "changes") < 13
    assert there(hub, plan, follow_up) == [False, False]
    assert plans.follow_ups(hub, plan.id) == []
    for word in (plan.id, "last", "run"):
        with pytest.raises(BadConfigurationError, match="no plan"):
            plans.find(hub, word)
    housekeep(hub, keep_days=0)  # what was begun is brought to its end, whatever the setting is by now
    assert (rows(hub, "plans"), rows(hub, "changes")) == (0, 0)


def test_the_counts_of_a_run_are_those_of_what_it_did(hub: Hub) -> None:
    for _ in range(5):
        kept(hub)
    kept(hub, age=1)
    work = Retention(hub, "loc", DAYS, now=NOW)
    foretold = work.count()
    assert foretold == work.remove() == {"plans": 5, "changes": 15}


def test_a_plan_that_was_taken_up_again_meanwhile_stays(hub: Hub) -> None:
    plan = kept(hub, state="stopped")
    work = Retention(hub, "loc", DAYS, now=NOW)
    assert work.count()["plans"] == 1
    with hub.write() as connection:
        connection.execute(sa.update(changes).values(state="sending"))
    assert work.remove() == {}
    assert there(hub, plan) == [True]
    assert replace(plan).state == "stopped"
