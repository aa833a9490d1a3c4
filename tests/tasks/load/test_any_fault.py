"""Whatever goes wrong, and wherever it dies: what HighLevel and hub hold in the end is the undisturbed run's.

A story is a sequence of records for a location; a schedule is one way in which its import is disturbed:
answers that fail or are lost after their effect, deaths of the engine just before or just after any write of
the hub, a rival who takes over while it is held up, a hub that is away, a clock that is set, edits by hand. A
dead or stopped import is resumed, or simply run again, until it is through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasks.core.batch import Json
from tests import chance
from tests.tasks.load.attempts import Attempts
from tests.tasks.load.contents import content, differences
from tests.tasks.load.machine import Machine
from tests.tasks.load.stories import Story

KINDS_OF_HUB = ("sqlite", "postgresql")
SCHEDULES = chance.many("RANDOM_SCHEDULES", 5)
"""In all, spread over both kinds of database."""

EACH = 2 if SCHEDULES < 50 else 5
"""Of each story."""

STORIES = -(-SCHEDULES // (EACH * len(KINDS_OF_HUB)))
"""For each kind of database, each a test."""


def again(office: Any, records: list[Json]) -> int:
    """Import once more, and then once more; how many requests of the second write."""
    office.load(records)
    before = office.writes()
    office.load(records)
    return int(office.writes() - before)


@pytest.mark.parametrize("number", range(STORIES))
@pytest.mark.parametrize("kind", KINDS_OF_HUB)
def test_any_disturbance_ends_as_the_undisturbed_run(
    kind: str, number: int, make_office: Callable[..., Any], small_sandbox: Any, machine: Machine
) -> None:
    small_sandbox.reset()
    contacts = small_sandbox.records("contacts")
    first = {one["id"] for one in contacts}
    story = Story(chance.dice("story", kind, number), contacts)
    office = make_office(kind=kind, tags=story.tags)
    story.begin(office)
    office.load(story.records)
    most = dict(office.hub.seen)
    for edit in story.edits:
        assert edit(office.vendor), edit
    assert again(office, story.records) == 0
    undisturbed = content(office, story.edits, first)
    failures: list[str] = []
    for schedule in range(EACH):
        dice = chance.dice("story", kind, number, schedule)
        recheck = dice.choice(("each record", "by search"))
        machine.ahead = machine.held_up = 0.0
        office = make_office(kind=kind, tags=story.tags, recheck=recheck, timeout=0.08)
        story.begin(office)
        attempts = Attempts(office, story.records, dice, machine, most, story.edits)
        attempts.go()
        machine.ahead *= dice.choice((0, 1))
        office.timeout = 5.0
        writes = again(office, story.records)
        found = attempts.wrong + differences(undisturbed, content(office, story.edits, first))
        if found or writes:
            about = f"{chance.SEED}={chance.settle_seed()} {kind} {number} {schedule} ({recheck}):"
            failures += [about, *attempts.told, *found, f"{writes} requests of a further run write", ""]
    assert not failures, "\n".join([*failures, *map(str, story.records)])
