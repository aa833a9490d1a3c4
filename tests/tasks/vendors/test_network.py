"""What must not be sent any more does not leave: the guard is asked right before the bytes do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tasks.core.errors import LeaseLostError
from tasks.vendors.network import guarded
from tasks.vendors.transport import Transport


@dataclass
class Watch:
    """A guard that is in doubt as often as it is told."""

    doubts: int = 0
    lost: bool = False
    asked: list[int] = field(default_factory=list)
    heard: Callable[[], int] = int

    @property
    def in_doubt(self) -> bool:
        return self.doubts > 0

    async def ask(self) -> None:
        self.asked.append(self.heard())
        if self.lost:
            raise LeaseLostError("Another has it.")
        self.doubts -= 1


def send(peer: Any, *guards: Watch | None) -> list[bytes]:
    other = peer()

    async def go() -> list[bytes]:
        async with Transport(other.url, 5) as transport:
            for guard in guards:
                if guard is not None:
                    guard.heard = lambda: len(other.heard)
                try:
                    await transport.send("POST", "/x", headers={}, json={"a": 1}, guard=guard)
                except LeaseLostError:
                    other.heard.append(b"nothing")
            return list(other.heard)

    return asyncio.run(go())


def test_a_guard_without_doubt_is_not_asked(peer: Any) -> None:
    guard = Watch()
    assert len(send(peer, guard)) == 1
    assert guard.asked == []


def test_one_in_doubt_is_asked_until_it_is_certain_and_before_anything_left(peer: Any) -> None:
    guard = Watch(doubts=3)
    assert len(send(peer, guard)) == 1
    assert guard.asked == [0, 0, 0]


def test_what_was_lost_does_not_leave_and_the_next_request_does(peer: Any) -> None:
    lost = Watch(doubts=1, lost=True)
    heard = send(peer, None, lost, Watch(doubts=1))
    assert [one.split(b" ")[0] for one in heard] == [b"POST", b"nothing", b"POST"]
    assert lost.asked == [1]


def test_a_guard_is_of_its_own_task_alone(peer: Any) -> None:
    other = peer()

    async def go() -> list[bytes]:
        async with Transport(other.url, 5) as transport:

            async def mine() -> None:
                with guarded(Watch(doubts=1, lost=True)):
                    await asyncio.sleep(0.01)

            async def theirs() -> None:
                await transport.send("GET", "/x", headers={})

            await asyncio.gather(mine(), theirs())
            return list(other.heard)

    assert len(asyncio.run(go())) == 1


def test_it_ends_with_its_body(peer: Any) -> None:
    other = peer()

    async def go() -> int:
        async with Transport(other.url, 5) as transport:
            with pytest.raises(ValueError, match="out"), guarded(Watch(doubts=1, lost=True)):
                raise ValueError("out")
            return (await transport.send("GET", "/x", headers={})).status

    assert asyncio.run(go()) == 200
