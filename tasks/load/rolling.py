"""Requests one after the other on several tracks, the hub's marks ahead of them and its records behind.

The hub's transactions and the requests go side by side; waiting for one another, they would take twice as
long. A request leaves only after its mark is committed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from tasks.change import Change
from tasks.load.effect import Effect

BLOCK = 48
"""Changes in one transaction: as many look-ups a crash may cost, and a few more."""


class Rolling:
    """Carries changes through mark, request and record.

    Args:
        mark: Says in the hub that the requests of these changes are about to leave.
        send: Carries out one change.
        record: Keeps what came of changes.
        at_once: Requests under way at a time.

    Attributes:
        ended: What was recorded.
        never_sent: Changes that were marked, and whose request did not leave because something failed.
    """

    def __init__(
        self,
        mark: Callable[[Sequence[Change]], Awaitable[None]],
        send: Callable[[Change], Awaitable[Effect]],
        record: Callable[[Sequence[Effect]], Awaitable[None]],
        *,
        at_once: int,
    ) -> None:
        self._mark = mark
        self._send = send
        self._record = record
        self._at_once = at_once
        self._marked: asyncio.Queue[Change | None] = asyncio.Queue(maxsize=BLOCK)
        self._fresh: list[Effect] = []
        self._news = asyncio.Event()
        self._error: BaseException | None = None
        self.ended: list[Effect] = []
        self.never_sent: list[Change] = []

    async def run(self, changes: Sequence[Change]) -> None:
        """Carry all of them; what is under way when one fails is still brought to its end.

        Raises:
            Exception: The first that a request, a mark or a record raised.
        """
        tracks = [asyncio.create_task(self._track()) for _ in range(self._at_once)]
        recording = asyncio.create_task(self._record_all(tracks))
        marking = asyncio.create_task(self._mark_all(deque(changes)))
        try:
            await marking
            await asyncio.gather(*tracks)
            self._news.set()
            await recording
        except BaseException:
            for task in (marking, recording, *tracks):
                task.cancel()
            await asyncio.gather(marking, recording, *tracks, return_exceptions=True)
            raise
        if self._error is not None:
            raise self._error

    async def _mark_all(self, waiting: deque[Change]) -> None:
        while waiting and self._error is None:
            block = [waiting.popleft() for _ in range(min(BLOCK, len(waiting)))]
            await self._mark(block)
            for change in block:
                await self._marked.put(change)
        for _ in range(self._at_once):
            await self._marked.put(None)

    async def _track(self) -> None:
        while (change := await self._marked.get()) is not None:
            if self._error is not None:
                self.never_sent.append(change)
                continue
            try:
                effect = await self._send(change)
            except Exception as error:  # noqa: BLE001 - raised by `run` when the others are through
                self._error = self._error or error
            else:
                self._fresh.append(effect)
            self._news.set()

    async def _record_all(self, tracks: Sequence[asyncio.Task[None]]) -> None:
        while True:
            through = all(track.done() for track in tracks)
            if len(self._fresh) >= BLOCK or (through and self._fresh):
                effects, self._fresh = self._fresh, []
                try:
                    await self._record(effects)
                except Exception as error:
                    self._error = self._error or error  # no more requests whose end could not be kept
                    raise
                self.ended += effects
                continue
            if through:
                return
            self._news.clear()
            await self._news.wait()
