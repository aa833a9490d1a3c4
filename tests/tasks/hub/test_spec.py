"""How a plan was made is kept with it, and plans of before a rule was there are read without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tasks.hub.spec import PlanSpec

SPEC = PlanSpec("loc", "rules", "rules", datetime(2026, 1, 1, tzinfo=UTC), ("link", "name"), (), {})


@pytest.mark.parametrize("suggests", [True, False])
def test_a_spec_is_read_as_it_was_kept(suggests: bool) -> None:
    spec = replace(SPEC, suggests=suggests)
    assert PlanSpec.read(spec.plain()) == spec


def test_a_plan_of_before_there_were_suggestions_makes_none() -> None:
    kept = SPEC.plain()
    del kept["suggests"]
    assert not PlanSpec.read(kept).suggests
