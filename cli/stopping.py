"""Ctrl-C and SIGTERM: what is at work is given a moment to end, and a second signal ends at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextvars import copy_context
from types import FrameType
from typing import Any, Generic, NoReturn, TypeVar

from cli import console

GRACE_SECONDS = 2.5
"""How long a run may take to end; whatever it is at, the hub is left whole, and the next run goes on."""

T = TypeVar("T")


class Interrupted(KeyboardInterrupt):
    """A signal asked the process to end.

    Args:
        number: The signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


class Interruptible(Generic[T]):
    """A coroutine in a thread of its own, so that signals reach this one and nobody else's handler.

    Attributes:
        interrupted: The signal that ended it before its time.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._over = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[T] | None = None
        self._result: T | None = None
        self._error: BaseException | None = None
        self.interrupted: Interrupted | None = None

    def run(self) -> T | None:
        """What the coroutine returns; None where a signal ended it."""
        thread = threading.Thread(target=copy_context().run, args=(self._work,), daemon=True)
        with _signals_raise():
            try:
                thread.start()
                self._over.wait()
            except Interrupted as signalled:
                self.interrupted = signalled
                self._give_up()
                return None
        if self._error is not None:
            raise self._error
        return self._result

    def _work(self) -> None:
        try:
            self._result = asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            self._error = error
        finally:
            self._over.set()

    async def _main(self) -> T:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.ensure_future(self._coroutine)
        return await self._task

    def _give_up(self) -> None:
        console.err.print("stopping …")
        with contextlib.suppress(Interrupted, RuntimeError):  # a second signal; the loop is closed
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)
            self._over.wait(GRACE_SECONDS)


def leave(code: int) -> NoReturn:
    """End the process without waiting for threads that are at work: a hub may keep one waiting for long."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@contextlib.contextmanager
def _signals_raise() -> Iterator[None]:
    def handle(number: int, _frame: FrameType | None) -> NoReturn:
        raise Interrupted(number)

    if threading.current_thread() is not threading.main_thread():  # only there are signals handled
        yield
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
