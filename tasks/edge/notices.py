"""Delivers notices: each to its channel, at least once, and no channel waits for another.

    waiting → "sending" in the hub → the channel → "sent"; what failed waits for the next run, with its reason

A process that dies in between leaves "sending": the next run sends it again and says so. A channel that takes
nothing for several runs, or has no block, is told by an alert; its notices go on waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any, TypeVar

from prefect.blocks.abstract import NotificationBlock

from tasks.core.errors import AlreadyRunningError, BadConfigurationError
from tasks.core.words import counted
from tasks.edge import alerts, posting
from tasks.edge.messages import message, parcels
from tasks.hub import notices
from tasks.hub.engine import Hub
from tasks.hub.notices import Notice
from tasks.mapping.channels import Channel, Channels
from tasks.run import leasing

SECONDS = 20.0
"""How long a channel may take for one message."""

IN_A_ROW = 3
"""Messages that a channel may fail to take before it is left alone until the next run."""

RUNS = 5
"""Runs that a notice may fail in before an alert tells of its channel."""

_T = TypeVar("_T")


@dataclass(slots=True)
class Delivered:
    """What became of the notices that were to be sent; each is one of the three.

    Args:
        sent: Taken by their channel.
        failed: Not taken; they wait for the next run.
        waiting: For the end of quiet hours, for their digest, or for a channel that is not tried any more.
        notes: What a person should know, in sentences.
    """

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    notes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """For the run's tally."""
        return {"sent": self.sent, "waiting": self.waiting, "failed": self.failed}


async def deliver(
    hub: Hub, location_id: str, channels: Channels, *, zone: tzinfo, now: datetime, seconds: float = SECONDS
) -> Delivered:
    """Send what is due of a rules file's notices.

    Args:
        zone: The location's: quiet hours and digests go by it.
        now: By the clock that the notices were made by.
        seconds: How long a channel may take for one message.

    Raises:
        HubUnavailableError: The hub cannot be read or written; what was not noted as sent goes out again.
    """
    delivery = _Delivery(hub, location_id, channels, zone, now, seconds)
    try:
        async with leasing.exclusive(hub, "notices", location_id, channels.rules):
            return await delivery.all()
    except AlreadyRunningError:
        waiting = len(await delivery.open())
        return Delivered(waiting=waiting, notes=["Another run is delivering notices."] if waiting else [])


@dataclass(frozen=True, slots=True)
class _Delivery:
    hub: Hub
    location_id: str
    channels: Channels
    zone: tzinfo
    now: datetime
    seconds: float

    async def all(self) -> Delivered:
        found = sorted(await self.open(), key=lambda one: one.channel)
        by_channel = [(name, list(some)) for name, some in groupby(found, key=lambda one: one.channel)]
        serving = (self._channel(name, some) for name, some in by_channel)
        # Where the hub fails one of them, the others come to their end first.
        ended = await asyncio.gather(*serving, return_exceptions=True)
        told: list[Delivered] = []
        for one in ended:
            if isinstance(one, BaseException):
                raise one
            told.append(one)
        return Delivered(
            sum(one.sent for one in told),
            sum(one.waiting for one in told),
            sum(one.failed for one in told),
            [note for one in told for note in one.notes],
        )

    async def open(self) -> list[Notice]:
        """The notices that are still to be sent."""

        def read() -> list[Notice]:
            with self.hub.read() as connection:
                return notices.waiting(connection, self.location_id, self.channels.rules)

        return await asyncio.to_thread(read)

    async def _channel(self, name: str, found: Sequence[Notice]) -> Delivered:
        """Send what is due of a channel's notices."""
        channel = self.channels.by_name.get(name)
        if channel is None:
            return await self._none(name, found, found, "The rules file has no such channel.", tell=True)
        due = [one for one in found if self._is_due(channel, one)]
        if not due:
            return Delivered(waiting=len(found))
        try:
            async with asyncio.timeout(self.seconds):
                block = await posting.load(channel.block)
        except BadConfigurationError as error:
            return await self._none(name, found, due, f"{error.what} {error.remedy}", tell=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other channels go on
            what = f"The block {channel.block!r} cannot be loaded: {type(error).__name__}."
            return await self._none(name, found, due, what)
        return await self._send(name, block, channel, found, due)

    def _is_due(self, channel: Channel, one: Notice) -> bool:
        if channel.is_quiet(self.now, self.zone):
            return False
        at_once = not channel.together or one.digest is False
        return at_once or one.made_at < channel.closed_at(self.now, self.zone)

    async def _send(
        self,
        name: str,
        block: NotificationBlock,
        channel: Channel,
        found: Sequence[Notice],
        due: Sequence[Notice],
    ) -> Delivered:
        told = Delivered(waiting=len(found))
        why, in_a_row, failed = "", 0, list[Notice]()
        for parcel in parcels(channel, due):
            if in_a_row == IN_A_ROW:
                break
            sent, error = await self._post(block, parcel)
            told.sent += sent
            if error:
                why, in_a_row, failed = error, in_a_row + 1, [*failed, *parcel]
            else:
                in_a_row = 0
        told.failed = len(failed)
        told.waiting -= told.sent + told.failed
        if failed:
            self._tell(told, name, failed, why)
        return told

    async def _post(self, block: NotificationBlock, parcel: Sequence[Notice]) -> tuple[int, str]:
        """Send one message; how many notices it told, and why it was not taken."""
        begun = await self._write(notices.begin, [one.key for one in parcel])
        still = [one for one in parcel if one.key in begun]  # a person may have dropped some
        if not still:
            return 0, ""
        subject, body = message(still)
        failure = await posting.post(block, subject, body, self.seconds)
        keys = [one.key for one in still]
        if failure is None:
            await self._write(notices.sent, keys, self.now)
            return len(still), ""
        not_arrived = [] if failure.unsure else [one.key for one in still if not one.is_repeat]
        await self._write(notices.failed, keys, failure.why, not_arrived=not_arrived)
        return 0, failure.why

    async def _none(
        self, name: str, found: Sequence[Notice], due: Sequence[Notice], why: str, *, tell: bool = False
    ) -> Delivered:
        """Nothing of a channel can be sent.

        Args:
            tell: By an alert, at once.
        """
        await self._write(notices.failed, [one.key for one in due], why)
        told = Delivered(waiting=len(found) - len(due), failed=len(due))
        self._tell(told, name, due, why, at_once=tell)
        return told

    def _tell(
        self, told: Delivered, name: str, failed: Sequence[Notice], why: str, *, at_once: bool = False
    ) -> None:
        what = f"Channel {name}: {counted(len(failed), 'notice')} could not be delivered: {why.rstrip('.')}."
        told.notes.append(what)
        if at_once or any(one.tries + 1 >= RUNS for one in failed):
            alerts.channel_silent(self.location_id, self.channels.rules, name, what)

    async def _write(self, write: Callable[..., _T], keys: Sequence[str], *values: Any, **more: Any) -> _T:
        def work() -> _T:
            with self.hub.write() as connection:
                return write(connection, self.location_id, keys, *values, **more)

        return await asyncio.to_thread(work)
