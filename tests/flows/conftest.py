"""Flows run for real: in this process, against the session's Prefect server and sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from flows.automations import check_parameters, load
from tasks.batch import Tally
from tasks.highlevel import client
from tasks.hub.engine import Hub
from tasks.hub.tables import cursors, metadata, runs
from tasks.report import tally_listener


@dataclass
class Ended:
    """How a flow ended."""

    tally: Tally
    error: BaseException | None

    def counts(self) -> dict[str, int]:
        assert self.error is None, self.error
        return self.tally.counts()


Flow = Callable[..., Ended]


@pytest.fixture
def run(prefect_api: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Flow:
    """Runs an automation with the given parameters."""
    monkeypatch.setattr(client, "FIRST_WAIT_SECONDS", 0.01)

    def go(automation: str, **parameters: Any) -> Ended:
        flow = load(automation)
        tally = Tally()
        token = tally_listener.set(tally)
        try:
            state = asyncio.run(flow(**check_parameters(flow, parameters), return_state=True))
        finally:
            tally_listener.reset(token)
        error = None if state.is_completed() else asyncio.run(state.aresult(raise_on_failure=False))
        return Ended(tally, error)

    return go


@pytest.fixture
def opened(environment: dict[str, str], hub: Hub) -> Hub:
    """The hub that the flows write, for looking into."""
    return hub


def content(hub: Hub) -> dict[str, list[tuple[Any, ...]]]:
    """Everything the hub holds about records, without when and by which run it was written."""
    found = {}
    for table in metadata.sorted_tables:
        if table in (runs, cursors) or table.name.startswith("request_"):
            continue
        columns = [c for c in table.columns if c.name not in ("run_id", "synced_at")]
        with hub.read() as connection:
            rows = connection.execute(sa.select(*columns).order_by(*table.primary_key)).all()
        found[table.name] = [tuple(map(repr, row)) for row in rows]
    return found
