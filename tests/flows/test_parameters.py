"""What several flows ask for is asked in the same way: type, bounds, default and help."""

from __future__ import annotations

from typing import Any

import pytest

from flows.automations import AUTOMATIONS, check_parameters, load
from tasks.core.errors import BadConfigurationError

WRITING = ("import_contacts", "apply_plan", "undo_plan", "replay_rejects")


def form(automation: str) -> dict[str, Any]:
    """A flow's form: each field without its place."""
    return {
        name: {key: value for key, value in about.items() if key != "position"}
        for name, about in load(automation).parameters.properties.items()
    }


@pytest.mark.parametrize("name", ["dry_run", "approve", "approval_hours", "recheck", "connection"])
def test_flows_that_write_ask_alike(name: str) -> None:
    forms = [form(automation) for automation in WRITING]
    asked = [fields[name] for fields in forms if name in fields]
    assert len(asked) >= 3
    assert all(about == asked[0] for about in asked)


@pytest.mark.parametrize("name", ["connection", "batch_size"])
def test_all_flows_ask_alike(name: str) -> None:
    asked = [fields[name] for fields in map(form, AUTOMATIONS) if name in fields]
    assert len(asked) >= 4
    assert all(about == asked[0] for about in asked)


def test_a_mappings_name_is_explained_alike_where_any_will_do() -> None:
    abouts = {
        form(name)["mapping"]["description"]
        for name in ("backfill_contacts", "sync_contacts", "import_contacts")
    }
    assert len(abouts) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("approval_hours", 0), ("batch_size", 5001), ("recheck", "never")]
)
def test_shared_bounds_hold(name: str, value: object) -> None:
    with pytest.raises(BadConfigurationError, match=name):
        check_parameters(load("import_contacts"), {name: value})
