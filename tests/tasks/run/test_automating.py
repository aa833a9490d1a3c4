"""What a run of rules remembers: with its plans, so that nothing is done twice or forgotten."""

from __future__ import annotations

import sqlalchemy as sa

from tasks.hub.tables import rejects
from tests.tasks.run.conftest import Location
from tests.tasks.run.test_judging import BOTH, CALL


def filed(location: Location) -> set[str]:
    with location.hub.read() as connection:
        return set(connection.execute(sa.select(rejects.c.id)).scalars())


def test_a_plan_that_is_open_is_found_by_the_next_run(location: Location) -> None:
    rules = location.rules(CALL)
    location.make("ada", city="Vienna")
    plan = location.run(rules, state="ready").plan
    assert [one.id for one in location.working(rules).left_open()] == [plan]
    location.run(rules)
    assert [one.id for one in location.working(rules).left_open()] == [plan]
    for state in ("applied", "declined"):
        location.settle(plan, state)
        assert location.working(rules).left_open() == []
    assert location.working(location.rules(CALL, "other")).left_open() == []


def test_each_plan_of_a_run_is_found_by_the_next(location: Location) -> None:
    rules = location.rules(BOTH)
    location.make("ada")
    location.run(rules, state="ready")
    assert len(location.working(rules).left_open()) == 2


def test_what_could_not_be_judged_is_filed_until_it_can_be(location: Location) -> None:
    rules = location.rules(CALL.replace("{contact.city: {is: Vienna}}", "{contact.city: {more_than: 3}}"))
    location.make("ada", city="many")
    ran = location.run(rules)
    assert (ran.fired, ran.told["could_not_judge"], filed(location)) == ([], 1, {"mine.call · ada"})
    location.edit("ada", city="5")
    assert location.run(rules).fired == [("call", "ada")]
    assert filed(location) == set()


def test_what_was_refused_may_fire_again_with_the_next_change(
    location: Location,
) -> None:
    both = BOTH.replace("tags: [hello]", 'tags: ["{contact.city | upper}"], tagsRemoved: [VIENNA]')
    rules = location.rules(both)
    location.make("ada", city="Vienna")
    ran = location.run(rules)
    assert ([one.record_id for one in ran.refused], ran.rows["highlevel.contact"]) == (
        ["mine.welcome · ada", "mine.other · ada"],
        [],
    )
    assert location.run(rules).fired == []
    location.edit("ada", city="Graz")
    assert location.run(rules).fired == [("welcome", "ada")]
