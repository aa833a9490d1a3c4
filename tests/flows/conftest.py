"""Flows run for real: in this process, against the session's Prefect server and sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from flows.automations import check_parameters, load
from tasks.core.batch import Tally
from tasks.edge.report import tally_listener
from tasks.hub.engine import Hub
from tasks.vendors import retry
from tasks.vendors.highlevel.writers import making


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
    """Runs an automation with the given parameters, without the waits that a real vendor needs."""
    monkeypatch.setattr(retry, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(making, "LOOK_AGAIN_SECONDS", (0,))

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
