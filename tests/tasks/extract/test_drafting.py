"""A mapping drafted from a file: it is good as it is, reads what was recognised, and holds nobody's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.extract.drafting import draft
from tasks.extract.files import open_file
from tasks.mapping.language import load_mapping
from tasks.mapping.validation import validate

PEOPLE = (
    "First Name;Last Name;E-Mail;Phone;Lead Score;Größe XL\n"
    "Ada;Byron;ada@example.org;+1 212 555 0101;17;secret\n"
    "Grace;Hopper;grace@example.org;+1 212 555 0102;18;hidden\n"
)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    return file


def test_the_draft_of_a_file_is_good_and_fills_what_its_columns_say(people: Path, tmp_path: Path) -> None:
    made = draft(open_file(people).reading, "contact")
    assert {"id", "firstName", "lastName", "email", "phone"} <= set(made.fields)
    assert {"city", "tags"}.isdisjoint(made.fields)
    assert made.unread == ["Lead Score", "Größe XL"]
    file = tmp_path / "mine.yaml"
    file.write_text(made.text, encoding="utf-8")
    mapping, problems = validate(file)
    assert mapping is not None, problems
    assert list(mapping.fields) == made.fields
    assert mapping.match == ["link", "email", "phone"]


def test_what_nobody_recognised_becomes_a_field_when_its_comment_goes(people: Path, tmp_path: Path) -> None:
    made = draft(open_file(people).reading, "contact")
    file = tmp_path / "mine.yaml"
    file.write_text(made.text.replace("  # custom.", "  custom."), encoding="utf-8")
    mapping, problems = validate(file)
    assert mapping is not None, problems
    assert mapping.fields["custom.lead_score"].from_ == "lead_score"
    assert len([name for name in mapping.fields if name.startswith("custom.")]) == 2


def test_nothing_of_a_row_is_in_the_draft(people: Path) -> None:
    text = draft(open_file(people).reading, "contact").text
    assert not any(value in text for value in ("Ada", "Hopper", "example.org", "555", "secret"))


def test_companies_are_drafted_as_such(tmp_path: Path) -> None:
    file = tmp_path / "companies.csv"
    file.write_text("Company;Website;City\nAcme;acme.example;Ulm\nBolt;bolt.example;Wien\n", encoding="utf-8")
    made = draft(open_file(file, stream="file.business").reading, "business")
    (tmp_path / "mine.yaml").write_text(made.text, encoding="utf-8")
    mapping = load_mapping(tmp_path / "mine.yaml")
    assert mapping.target == "highlevel.business"
    assert mapping.match == ["link", "domain", "name"]
