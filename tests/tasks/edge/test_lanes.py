"""A session with several mappings: a lane for each, with a cursor of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from prefect import flow

from sandbox.process import RunningSandbox
from tasks.core.errors import BadConfigurationError
from tasks.edge.session import open_session
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS, cursors, mirror_mappings, runs
from tasks.run.refresh import refresh

TWO = ["highlevel_contact", "file_to_contact"]


def test_a_lane_for_each_mapping_in_their_order(
    prefect_api: str, environment: dict[str, str], hub: Hub
) -> None:
    @flow(name="a test of lanes", persist_result=False)
    async def lanes() -> list[tuple[str, str, str]]:
        async with open_session("a_test", connection="", mapping=TWO) as session:
            for place, lane in enumerate(session.lanes):
                await lane.move(lane.cursor("here"), {"place": place})
            first, second = session.lanes
            assert first.reader.stream == first.mapping.source
            assert await first.position(first.cursor("here")) == {"place": 0}
            assert await second.position(second.cursor("here")) == {"place": 1}
            return [(one.mapping.name, one.target, one.cursor("here").scope) for one in session.lanes]

    found = asyncio.run(lanes())
    assert [name for name, _, _ in found] == TWO
    assert [target for _, target, _ in found] == ["hub.contact", "highlevel.contact"]
    assert all(scope.startswith(f"here · {name}@") for name, _, scope in found)
    with hub.read() as connection:
        [entry] = connection.execute(sa.select(runs)).mappings()
        held = connection.execute(sa.select(mirror_mappings.c.stream, mirror_mappings.c.mapping)).all()
    assert (entry["mapping"], len(entry["mapping_digest"])) == (", ".join(TWO), 64)
    assert [tuple(row) for row in held] == [("hub.contact", "highlevel_contact")]


def test_two_streams_are_carried_in_one_run_each_by_its_own_rules(
    prefect_api: str, environment: dict[str, str], hub: Hub, vendor: RunningSandbox
) -> None:
    @flow(name="a test of two streams", persist_result=False)
    async def both() -> dict[str, int]:
        mappings = ["highlevel_contact", "highlevel_business"]
        async with open_session("a_test", connection="", mapping=mappings) as session:
            for lane in session.lanes:
                await refresh(lane)
        return session.run.tally.counts()

    counts = asyncio.run(both())
    contacts, businesses = vendor.records("contacts"), vendor.records("businesses")
    assert counts["read"] == len(contacts) + len(businesses)
    with hub.read() as connection:
        held = [
            set(connection.execute(sa.select(MIRRORS[name].c.id)).scalars())
            for name in ("hub.contact", "hub.business")
        ]
        standing = connection.execute(sa.select(cursors.c.scope)).scalars().all()
    assert held[1] == {one["id"] for one in businesses}
    assert len(held[0]) + counts["rejected"] == len(contacts)
    assert {scope.partition(" · ")[2].partition("@")[0] for scope in standing} == {
        "highlevel_contact",
        "highlevel_business",
    }


def test_two_mappings_of_one_target_are_refused(environment: dict[str, str], hub: Hub, vendor: Any) -> None:
    async def opened() -> None:
        async with open_session("a_test", connection="", mapping=[TWO[0], TWO[0]]):
            pass

    with pytest.raises(BadConfigurationError, match=r"both fill hub\.contact"):
        asyncio.run(opened())
    assert vendor.requests()["total"] == 0
