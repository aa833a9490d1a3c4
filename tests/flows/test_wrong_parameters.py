"""A parameter that was typed wrongly is refused in words, with an example of a right one."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from cli.automation import parse
from flows.automations import check_parameters, load
from tasks.core.errors import BadConfigurationError


@pytest.mark.parametrize(
    ("automation", "given", "what", "remedy"),
    [
        (
            "backfill_contacts",
            {"added_from": "yesterday"},
            "added_from: 'yesterday' is no day",
            "=2026-01-31",
        ),
        (
            "backfill_contacts",
            {"batch_size": "many"},
            "batch_size: 'many' is no whole number",
            "batch_size=10",
        ),
        ("backfill_contacts", {"batch_size": "0"}, "batch_size: '0' is less than 1", "Give 1 or more"),
        ("import_contacts", {"approval_hours": "999"}, "'999' is more than 720", "Give 720 or less"),
        (
            "import_contacts",
            {"columns": "x"},
            "columns: 'x' is no JSON object",
            '{"Private e-mail": "email"}',
        ),
        ("import_contacts", {"columns": {"a": 1}}, "columns.a: 1 is no text", '{"Private e-mail": "email"}'),
        ("import_contacts", {"dry_run": "maybe"}, "'maybe' is neither true nor false", "dry_run=true"),
        ("sync_contacts", {"full_pass": "nw"}, "is none of when due, now, never", "Did you mean `now`?"),
        ("sync_contacts", {"full_pass": "qq"}, "is none of when due, now, never", "E.g. --param"),
        ("apply_plan", {}, "the parameter plan is missing", "Add --param plan=…  The plan's id"),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(
    automation: str, given: dict[str, Any], what: str, remedy: str
) -> None:
    with pytest.raises(BadConfigurationError) as refused:
        check_parameters(load(automation), given)
    assert what in refused.value.what
    assert remedy in refused.value.remedy
    assert "Input should" not in str(refused.value)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BadConfigurationError) as refused:
        check_parameters(load("backfill_contacts"), {"added_from": "x", "batch_size": "many"})
    assert "is no day" in refused.value.what
    assert "is no whole number" in refused.value.what


@pytest.mark.parametrize("text", ["{a: 1}", "[one]"])
def test_what_should_be_json_is_told_with_an_example_that_is(text: str) -> None:
    with pytest.raises(
        BadConfigurationError, match=f"--param columns={text[0]}?".replace("[", r"\[")
    ) as refused:
        parse([f"columns={text}"])
    example = refused.value.remedy.partition("--param ")[2]
    assert type(parse(shlex.split(example))["columns"]) is dict
