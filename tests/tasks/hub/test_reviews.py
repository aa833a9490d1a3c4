"""Reviews wait for a person, and each is decided once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.core.change import Scope
from tasks.core.errors import BadConfigurationError
from tasks.hub import links, reviews
from tasks.hub.engine import Hub
from tasks.hub.reviews import Candidate, Review

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
        ((ADA, EVE), "", "no contact is none of its candidates.\n.*Say which: ada, eve"),
        ((ADA, EVE), "bob", "bob is none of its candidates"),
        ((), "", "It has none; split it instead"),
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
    with pytest.raises(BadConfigurationError, match="Several reviews are about 'r1'"):
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
