"""A hub with a long past: what every run asks for costs as much as in a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.hub import plans, provenance
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.tables import changes, runs
from tasks.hub.tables import plans as plan_table

PLANS, CHANGES, RUNS = 60, 120, 3_000
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=[False, True], ids=["as it comes", "analysed"])
def old_hub(hub: Hub, request: pytest.FixtureRequest) -> Hub:
    """Some thousand changes that are done, two that are under way, some thousand runs."""
    with hub.write() as connection:
        connection.execute(sa.insert(plan_table), [_plan(n) for n in range(PLANS)])
        connection.execute(sa.insert(changes), [_change(p, n) for p in range(PLANS) for n in range(CHANGES)])
        connection.execute(sa.insert(changes), [_change(7, CHANGES + n, "sending") for n in range(2)])
        connection.execute(sa.insert(runs), [_run(n) for n in range(RUNS)])
    if request.param:
        with hub.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("ANALYZE")
    return hub


def _plan(n: int) -> dict[str, Any]:
    texts = dict.fromkeys(("run_id", "kind", "automation", "about", "digest"), "x")
    known = {"id": f"p{n}", "location_id": "loc", "state": "applied", "made_at": NOON + timedelta(hours=n)}
    return texts | known | {"spec": {"custom": {}}, "counts": {}, "bill": {}}


def _change(plan: int, n: int, state: str = "done") -> dict[str, Any]:
    field = {"field": "city", "old": "Graz", "new": "Wien", "why": ""}
    known = {"plan_id": f"p{plan}", "n": n, "kind": "update", "record_id": str(n), "target_id": f"c{n}"}
    return known | {"label": "Ada", "fields": [field], "kept": [], "why": "", "state": state}


def _run(n: int) -> dict[str, Any]:
    known = {"id": f"r{n}", "automation": "sync_contacts", "location_id": "loc", "mapping": "m"}
    more = {"mapping_digest": "d", "parameters": {}, "tally": {}, "started_at": NOON + timedelta(minutes=n)}
    return known | more | {"state": "running" if n == RUNS - 1 else "completed"}


@contextmanager
def statements(hub: Hub) -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database in the ``with`` body."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    sa.event.listen(hub.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(hub.engine, "before_cursor_execute", note)


def ways(hub: Hub, doing: Callable[[], Any], table: str) -> list[str]:
    """How the database goes about each statement on a table, as it tells itself."""
    with statements(hub) as seen:
        doing()
    explain = "EXPLAIN QUERY PLAN" if hub.is_sqlite else "EXPLAIN"
    told = []
    for statement, parameters in seen:
        if f" {table}" in statement and not statement.startswith("INSERT"):
            # As a value it would be known to the first plans alone: a prepared one is made for any.
            assert table == "plans" or "state = 'sending'" in statement or "state = 'running'" in statement
            with hub.read() as connection:
                rows = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
            told.append("\n".join(str(row[-1]) for row in rows))
    return told


def test_what_is_under_way_is_found_by_the_index_of_just_that(old_hub: Hub) -> None:
    ids = [f"c{n}" for n in range(CHANGES + 2)]

    def look() -> dict[str, dict[str, Any]]:
        with old_hub.read() as connection:
            return provenance._under_way(connection, "loc", ids)

    assert look() == {f"c{CHANGES + n}": {"city": "Wien"} for n in range(2)}
    [told] = ways(old_hub, look, "changes")
    assert "ix_changes_sending" in told
    [told] = ways(old_hub, look, "plans")
    assert "location_id" not in told


def test_interrupted_plans_are_found_without_looking_through_the_others(old_hub: Hub) -> None:
    assert plans.interrupted(old_hub, "loc") == ["p7"]
    assert plans.interrupted(old_hub, "elsewhere") == []
    [told] = ways(old_hub, lambda: plans.interrupted(old_hub, "loc"), "changes")
    assert "ix_changes_sending" in told
    [told] = ways(old_hub, lambda: plans.interrupted(old_hub, "loc"), "plans")
    assert "location_id" not in told


def test_a_run_that_begins_does_not_look_through_those_before(old_hub: Hub) -> None:
    run = Run("sync_contacts", "loc", "m", "d", {})
    looking, _marking = ways(old_hub, lambda: run.open(old_hub), "runs")
    assert "ix_runs_running" in looking
    with old_hub.read() as connection:
        states = dict(connection.execute(sa.select(runs.c.id, runs.c.state)).all())
    assert states[f"r{RUNS - 1}"] == "interrupted"
    assert states[run.id] == "running"
