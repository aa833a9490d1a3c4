"""Reviews wait for a person, and each is decided once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.core.change import Scope, State
from tasks.core.errors import BadConfigurationError
from tasks.hub import links, plans, reviews
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.reviews import Candidate, Review
from tests import operations

EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
SCOPE = Scope("loc", "file", "highlevel.contact")
ADA, EVE = Candidate("ada", "Ada", "e-mail a@a.example"), Candidate("eve", "Eve", "phone +1")


def targets(hub: Hub, *records: str, scope: Scope = SCOPE) -> dict[str, str]:
    with hub.read() as connection:
        return links.targets(connection, scope, records)


def review(record: str = "r1", *candidates: Candidate, **other: Any) -> Review:
    row = {"id": record, "asOf": datetime(2026, 1, 2, tzinfo=UTC), "tags": ["a"]}
    return Review(record, "Ada", "shared", candidates, row, **other)


def wait(hub: Hub, *found: Review, scope: Scope = SCOPE, plan: str = "p1") -> None:
    with hub.write() as connection:
        reviews.keep(connection, scope, plan, found)


def waiting(hub: Hub) -> list[Review]:
    return reviews.waiting(hub, 10)[0]


def test_what_waits_is_told_as_it_was_found_the_oldest_first(hub: Hub) -> None:
    older = datetime(2026, 1, 1, tzinfo=UTC)
    wait(hub, review("r1", ADA, EVE), review("r2", made_at=older))
    first, second = waiting(hub)
    assert (first.record_id, second.record_id) == ("r2", "r1")
    assert second.candidates == (ADA, EVE)
    assert second.wanted == {"id": "r1", "asOf": "2026-01-02T00:00:00+00:00", "tags": ["a"]}
    assert (second.location_id, second.system, second.stream, second.plan_id) == (
        "loc",
        "file",
        "highlevel.contact",
        "p1",
    )
    assert reviews.waiting(hub, 1) == ([first], 2)


def test_a_record_that_waits_already_keeps_its_review_and_shows_what_is_known_now(hub: Hub) -> None:
    wait(hub, review("r1", ADA))
    [before] = waiting(hub)
    wait(hub, review("r1", EVE), plan="p2")
    [after] = waiting(hub)
    assert (after.id, after.made_at) == (before.id, before.made_at)
    assert (after.candidates, after.plan_id) == ((EVE,), "p2")


def test_accepting_links_the_record(hub: Hub) -> None:
    wait(hub, review("r1", ADA, EVE))
    decided = reviews.accept(hub, waiting(hub)[0].id, "eve")
    assert (decided.state, decided.decision) == ("accepted", "eve")
    assert targets(hub, "r1") == {"r1": "eve"}
    assert waiting(hub) == []


def test_the_only_candidate_need_not_be_named_and_the_record_s_id_will_do(hub: Hub) -> None:
    wait(hub, review("r1", ADA))
    reviews.accept(hub, "r1")
    assert targets(hub, "r1") == {"r1": "ada"}


def test_splitting_says_that_the_record_has_no_contact_yet(hub: Hub) -> None:
    wait(hub, review("r1", ADA, EVE))
    decided = reviews.split(hub, "r1")
    assert (decided.state, decided.decision) == ("split", None)
    assert targets(hub, "r1") == {"r1": links.SPLIT}


@pytest.mark.parametrize(
    ("candidates", "contact", "message"),
    [
        (
            (ADA, EVE),
            "",
            r"Choose from: ada \(Ada, by e-mail a@a.example\); eve \(Eve, by phone .*reviews accept \w+ ada",
        ),
        ((ADA, EVE), "bob", "'bob' is none of its candidates"),
        ((), "", "has no candidate.\n.*reviews split"),
    ],
)
def test_only_a_candidate_can_be_accepted(hub: Hub, candidates: Any, contact: str, message: str) -> None:
    wait(hub, review("r1", *candidates))
    with pytest.raises(BadConfigurationError, match=message):
        reviews.accept(hub, "r1", contact)
    assert targets(hub, "r1") == {}
    assert len(waiting(hub)) == 1


def test_what_is_not_there_or_decided_already_is_said(hub: Hub) -> None:
    with pytest.raises(BadConfigurationError, match="There is no review 'r1'"):
        reviews.split(hub, "r1")
    wait(hub, review("r1", ADA))
    reviews.accept(hub, "r1")
    with pytest.raises(BadConfigurationError, match="Review 'r1' is decided already"):
        reviews.split(hub, "r1")


def test_of_two_who_decide_at_once_the_first_holds(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    wait(hub, review("r1", ADA, EVE))
    seen = waiting(hub)[0]
    reviews.accept(hub, "r1", "ada")
    monkeypatch.setattr(reviews, "_find", lambda *_: seen)  # who looked before that
    with pytest.raises(BadConfigurationError, match="decided already"):
        reviews.accept(hub, "r1", "eve")
    assert targets(hub, "r1") == {"r1": "ada"}


def test_a_record_id_of_two_systems_needs_the_review_s_id(hub: Hub) -> None:
    wait(hub, review("r1", ADA))
    wait(hub, review("r1", EVE), scope=replace(SCOPE, system="hub"))
    with pytest.raises(BadConfigurationError, match=r"Several reviews match 'r1': \w+ \(Ada, \w+ r1\); "):
        reviews.accept(hub, "r1")
    [mine] = [one for one in waiting(hub) if one.system == "hub"]
    reviews.accept(hub, mine.id)
    assert targets(hub, "r1", scope=replace(SCOPE, system="hub")) == {"r1": "eve"}
    assert targets(hub, "r1") == {}


def test_what_became_certain_leaves_the_list_and_what_was_decided_stays(hub: Hub) -> None:
    wait(hub, review("r1", ADA), review("r2", ADA), review("r3", ADA))
    reviews.split(hub, "r2")
    with hub.write() as connection:
        reviews.settle(connection, replace(SCOPE, system="hub"), ["r1"])
        reviews.settle(connection, SCOPE, ["r2", "r3", "r9"])
    assert [one.record_id for one in waiting(hub)] == ["r1"]
    with pytest.raises(BadConfigurationError, match="decided already"):
        reviews.split(hub, "r2")


def test_a_decided_record_that_is_uncertain_again_waits_again(hub: Hub) -> None:
    wait(hub, review("r1", ADA))
    reviews.accept(hub, "r1")
    wait(hub, review("r1", EVE))
    [again] = waiting(hub)
    assert (again.state, again.decision, again.decided_at) == ("open", None, None)


def test_a_whole_file_of_conflicts_can_be_settled_at_once(hub: Hub) -> None:
    wait(hub, *(review(f"r{n}") for n in range(5_000)))
    with hub.write() as connection:
        reviews.settle(connection, SCOPE, [f"r{n}" for n in range(5_000)])
    assert waiting(hub) == []


def test_a_review_is_found_by_a_part_of_its_id_its_record_or_as_the_last(hub: Hub) -> None:
    wait(hub, review("r1", ADA, id="aaaa1111"), review("1111", ADA, id="bbbb2222", made_at=EARLIER))
    wait(hub, review("r3", ADA, id="bbbb3333", made_at=EARLIER))
    for word, record in (
        ("aaa", "r1"),
        ("a1", "r1"),
        ("1111", "1111"),
        ("r3", "r3"),
        ("2222", "1111"),
        ("last", "r1"),
    ):
        decided = reviews.accept(hub, word)
        assert decided.record_id == record, word
        assert reviews.reopen(hub, decided.id)[0].state == "open"
    for word, message in (
        ("bbbb", "Several reviews match"),
        ("aaaa1112", "Did you mean"),
        ("zz", "no review"),
    ):
        with pytest.raises(BadConfigurationError, match=message):
            reviews.accept(hub, word)


def test_a_decision_is_taken_back_and_the_record_waits_again(hub: Hub) -> None:
    wait(hub, review("r1", ADA, EVE), review("r2", ADA))
    [before] = [one for one in waiting(hub) if one.record_id == "r1"]
    for target in ("eve", links.SPLIT):
        reviews.accept(hub, "r1", target) if target else reviews.split(hub, "r1")
        assert targets(hub, "r1") == {"r1": target}
        assert [one.record_id for one in reviews.decided(hub, 9)] == ["r1"]
        assert reviews.reopen(hub, "last") == (before, [])
        assert targets(hub, "r1") == {}
    with pytest.raises(BadConfigurationError, match="Review 'r1' is not decided"):
        reviews.reopen(hub, "r1")


def followed(hub: Hub, state: State, plan_state: str, system: str = "file") -> Plan:
    """A plan of after the decision on r1, with a change of it."""
    made = Plan("run", "import_contacts", "loc", "import", "a file", {"system": system}, state=plan_state)
    with hub.write() as connection:
        plans.insert(connection, made)
        plans.add(connection, made.id, 0, [operations.change(operations.UPDATE, "r1", "ada", state=state)])
    return made


def test_a_decision_that_a_plan_has_carried_out_stays_until_that_is_undone(hub: Hub) -> None:
    wait(hub, review("r1", ADA))
    reviews.accept(hub, "r1")
    plan = followed(hub, State.DONE, "applied")
    with hub.write() as connection:
        links.keep(connection, SCOPE, [("r1", "ada")], made_by="match", plan_id=plan.id)
    with pytest.raises(
        BadConfigurationError, match=f"carried out already, by plan {plan.id}.*\n.*plans undo {plan.id}"
    ):
        reviews.reopen(hub, "r1")
    assert targets(hub, "r1") == {"r1": "ada"}
    undo = Plan("run", "undo_plan", "loc", "undo", "it", {}, parent_id=plan.id, state="ready")
    with hub.write() as connection:
        plans.insert(connection, undo)
    with pytest.raises(BadConfigurationError, match="carried out already"):
        reviews.reopen(hub, "r1")
    with hub.write() as connection:
        plans.update(connection, undo.id, state="applied")
    reviews.reopen(hub, "r1")
    assert targets(hub, "r1") == {}


@pytest.mark.parametrize(("state", "plan_state"), [(State.SENDING, "stopped"), (State.PLANNED, "applying")])
def test_a_decision_that_is_just_carried_out_stays(hub: Hub, state: State, plan_state: str) -> None:
    wait(hub, review("r1", ADA))
    reviews.accept(hub, "r1")
    plan = followed(hub, state, plan_state)
    with pytest.raises(BadConfigurationError, match=plan.id):
        reviews.reopen(hub, "r1")


def test_a_plan_that_is_ready_and_follows_a_decision_that_was_taken_back_is_told(hub: Hub) -> None:
    wait(hub, review("r1", ADA))
    reviews.accept(hub, "r1")
    plan = followed(hub, State.PLANNED, "ready")
    followed(hub, State.PLANNED, "ready", system="hubspot")
    assert reviews.reopen(hub, "r1")[1] == [plan.id]
