"""Checks that were found to work are not tried again; those that do not are told each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import tried_checks
from cli.tried_checks import TriedChecks
from tasks.mapping import validation
from tasks.mapping.checks.checks import Checker

MAPPING = """\
source: highlevel.contact
target: hub.contact
fields:
  id: {{from: id}}
  country: {{from: country, clean: {clean}}}
checks:
  - {{expect: expect_column_values_to_match_regex, column: country, regex: "{country}", on_failure: warn}}
"""


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The mappings whose checks were tried."""
    found: list[str] = []

    def probe(checker: Checker) -> None:
        found.append(checker.mapping.name)
        real(checker)

    real = Checker.probe
    monkeypatch.setattr(Checker, "probe", probe)
    return found


def is_good(file: Path, *, clean: str = "upper", country: str = "AT") -> bool:
    file.write_text(MAPPING.format(clean=clean, country=country), encoding="utf-8")
    return validation.validate(file, TriedChecks())[0] is not None


def test_checks_are_tried_once_whatever_else_of_the_mapping_changes(tmp_path: Path, tries: list[str]) -> None:
    file = tmp_path / "mine.yaml"
    assert is_good(file)
    assert is_good(file)
    assert is_good(file, clean="lower")
    assert tries == ["mine"]
    assert is_good(file, country="CH")
    assert len(tries) == 2


def test_checks_that_do_not_work_are_told_each_time(tmp_path: Path, tries: list[str]) -> None:
    file = tmp_path / "mine.yaml"
    for _ in range(2):
        assert not is_good(file, country="(")
    assert len(tries) == 2


def test_a_mistake_elsewhere_is_told_though_the_checks_are_known(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    assert is_good(file)
    assert not is_good(file, clean="uper")


def test_what_cannot_be_kept_is_tried_again(
    tmp_path: Path, tries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(tried_checks, "HOME", tmp_path / "file")
    for _ in range(2):
        assert is_good(tmp_path / "mine.yaml")
    assert len(tries) == 2


def test_so_many_are_remembered_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tried_checks, "MOST", 2)
    for country in ("AT", "CH", "DE"):
        assert is_good(tmp_path / "mine.yaml", country=country)
    assert len((tried_checks.HOME / "tried-checks").read_text(encoding="ascii").split()) == 1
