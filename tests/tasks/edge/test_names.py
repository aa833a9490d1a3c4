"""What a location knows by name, as rules ask for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tasks.core.errors import BadMappingError
from tasks.edge.names import Names
from tasks.mapping.rules.compile import Rules, compile_rules
from tasks.mapping.rules.language import load_rules
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.plan.references import Named

TEXT = """
on: {stream: hub.contact, when: [created]}
rules:
  - key: route
    then:
      - highlevel.contact: {assignedTo: "Sam Vale", tags: [fair], workflows: Welcome}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return compile_rules(load_rules(path))


def known(*users: str, status: str = "published") -> Names:
    listed = {
        "user": [Named(f"u{n}", name) for n, name in enumerate(users)],
        "tag": [Named("t1", "Fair")],
        "workflow": [Named("w1", "Welcome")],
    }
    return Names(listed, {"w1": status}, zone=ZoneInfo("Europe/Vienna"), country="AT")


def test_names_become_ids_and_a_tag_is_one_whatever_its_case(rules: Rules) -> None:
    names = known("Sam Vale", "Kim Stone")
    names.check(rules)
    row = names.resolved("highlevel.contact", {"assignedTo": "sam vale", "workflows": "Welcome"})
    assert row == {"assignedTo": "u0", "workflows": [{"id": "w1", "name": "Welcome"}]}


def test_all_unknown_names_are_told_at_once_with_their_line(rules: Rules) -> None:
    with pytest.raises(BadMappingError) as error:
        Names({"user": [], "tag": [], "workflow": []}).check(rules)
    for told in ("no user `Sam Vale`", "no tag `fair`", "no workflow `Welcome`", "mine.yaml:6"):
        assert told in str(error.value)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (known("Sam Vale", "Sam Vale"), "several users are called `Sam Vale`"),
        (known("Kim Stone"), "there is no user called `Sam Vale`"),
        (known("Sam Vale", status="draft"), "the workflow `Welcome` is a draft"),
    ],
)
def test_what_is_doubtful_or_a_draft_is_refused_for_that_record(names: Names, told: str) -> None:
    with pytest.raises(RefusedValueError, match=told):
        names.resolved("highlevel.contact", {"assignedTo": "Sam Vale", "workflows": "Welcome"})


def test_rules_judge_by_the_location_s_clock_in_whole_seconds(rules: Rules) -> None:
    at = known().at(rules, datetime(2026, 12, 24, 23, 30, 5, 123456, tzinfo=UTC))
    assert (at.now.microsecond, str(at.zone), at.today.isoformat()) == (0, "Europe/Vienna", "2026-12-25")
