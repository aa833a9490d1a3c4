"""Requests one after the other on several tracks, the hub's marks ahead of them and its records behind.

The hub's transactions and the requests go side by side; waiting for one another, they would take twice as
long. A request leaves only after its mark is committed. When something fails, nothing new leaves, and what
is under way is brought to its end and recorded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from tasks.core.change import Change
from tasks.vendors.protocols import Effect

BLOCK = 48
"""Changes in one transaction: as many look-ups a crash may cost, and a few more."""


class Rolling:
    """Carries changes through mark, request and record.

    Args:
        mark: Says in the hub that the requests of these changes are about to leave; those that may.
        send: Carries out one change.
        record: Keeps what came of changes.
        at_once: Requests under way at a time.
        block: Changes that are marked, and recorded, in one transaction.

    Attributes:
        ended: What was recorded.
        never_sent: Changes that were marked, and whose request did not leave because something failed.
        stopped_by: The change whose request failed first, where one did.
    """

    def __init__(
        self,
        mark: Callable[[Sequence[Change]], Awaitable[Sequence[Change]]],
        send: Callable[[Change], Awaitable[Effect]],
        record: Callable[[Sequence[Effect]], Awaitable[None]],
        *,
        at_once: int,
        block: int = BLOCK,
    ) -> None:
        self._mark = mark
        self._send = send
        self._record = record
        self._at_once = at_once
        self._block = block
        self._marked: asyncio.Queue[Change | None] = asyncio.Queue(maxsize=block)
        self._unrecorded = asyncio.Semaphore(
            max(at_once, 2 * block)
        )  # what is sent waits for the hub, not without end
        self._answered: list[Effect] = []
        self._open_tracks = at_once
        self._news = asyncio.Event()
        self._error: Exception | None = None
        self.ended: list[Effect] = []
        self.never_sent: list[Change] = []
        self.stopped_by: Change | None = None

    async def run(self, changes: Sequence[Change]) -> None:
        """Carry all of them.

        Raises:
            Exception: The first that a request, a mark or a record raised.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._mark_all(deque(changes)))
                for _ in range(self._at_once):
                    group.create_task(self._track())
                group.create_task(self._record_all())
        except asyncio.CancelledError:
            if self._answered:
                await asyncio.shield(self._keep())
            raise
        if self._error is not None:
            raise self._error

    def _fail(self, error: Exception) -> None:
        """Let nothing new leave; ``run`` raises the first error once the others are through."""
        self._error = self._error or error

    async def _mark_all(self, waiting: deque[Change]) -> None:
        try:
            while waiting and self._error is None:
                block = [waiting.popleft() for _ in range(min(self._block, len(waiting)))]
                for change in await self._mark(block):
                    await self._marked.put(change)
        except Exception as error:  # noqa: BLE001 - raised by `run`
            self._fail(error)
        for _ in range(self._at_once):
            await self._marked.put(None)

    async def _track(self) -> None:
        while (change := await self._marked.get()) is not None:
            await self._unrecorded.acquire()
            if self._error is not None:
                self.never_sent.append(change)
                self._unrecorded.release()
                continue
            try:
                effect = await self._send(change)
            except Exception as error:  # noqa: BLE001 - raised by `run`
                self._unrecorded.release()
                self.stopped_by = self.stopped_by or change
                self._fail(error)
            else:
                self._answered.append(effect)
            self._news.set()
        self._open_tracks -= 1
        self._news.set()

    async def _record_all(self) -> None:
        while self._open_tracks or self._answered:
            if len(self._answered) < self._block and self._open_tracks:
                self._news.clear()
                await self._news.wait()
                continue
            try:
                await self._keep()
            except Exception as error:  # noqa: BLE001 - raised by `run`
                self._fail(error)  # no more requests whose end could not be kept
                return

    async def _keep(self) -> None:
        effects, self._answered = self._answered, []
        try:
            await self._record(effects)
        except BaseException:
            self._answered = effects + self._answered
            raise
        finally:
            for _ in effects:
                self._unrecorded.release()
        self.ended += effects
