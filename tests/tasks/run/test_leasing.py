"""One run at a time for each location: another is told, and a dead one is in nobody's way."""

from __future__ import annotations

import asyncio

import pytest

from tasks.core.errors import AlreadyRunningError
from tasks.hub import leases
from tasks.hub.engine import Hub
from tasks.run.leasing import exclusive


async def is_free(hub: Hub, *work: str) -> bool:
    try:
        async with exclusive(hub, *work):
            return True
    except AlreadyRunningError:
        return False


def test_only_the_same_work_of_the_same_location_is_taken(hub: Hub) -> None:
    async def free() -> list[bool]:
        async with exclusive(hub, "sync_contacts", "loc1"):
            others = [
                ("sync_contacts", "loc1"),
                ("sync_contacts", "loc2"),
                ("housekeeping", "loc1"),
                ("sync_contacts", "loc1", "other work"),
            ]
            return [await is_free(hub, *other) for other in others]

    assert asyncio.run(free()) == [False, True, True, True]


def test_it_is_free_after_the_end_however_that_came(hub: Hub) -> None:
    async def fail() -> None:
        async with exclusive(hub, "sync_contacts", "loc1"):
            raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            asyncio.run(fail())


def test_who_is_refused_reads_what_is_under_way(hub: Hub) -> None:
    async def twice() -> None:
        work = ("backfill_contacts", "loc1", "2026-01-01…")
        async with exclusive(hub, *work), exclusive(hub, *work):
            pass

    with pytest.raises(AlreadyRunningError, match=r"backfill_contacts 2026-01-01… .* loc1"):
        asyncio.run(twice())


def test_it_is_renewed_for_as_long_as_it_takes(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "SECONDS", 0.8)

    async def long() -> bool:
        async with exclusive(hub, "sync_contacts", "loc1"):
            await asyncio.sleep(2)
            return await is_free(hub, "sync_contacts", "loc1")

    assert not asyncio.run(long())
