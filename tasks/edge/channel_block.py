"""A Prefect block for any address that Apprise knows; Prefect's own are for one service each."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from apprise import Apprise, NotifyFormat
from prefect.blocks.abstract import NotificationBlock, NotificationError
from pydantic import Field, HttpUrl, PrivateAttr, SecretStr


class LushaConnectChannel(NotificationBlock):
    """Where notices of rules go: e-mail, Slack, Teams, Discord, JSON, and all else that Apprise knows.

    Example:
        Save one, and name it among a rules file's ``channels``, as ``lusha-connect-channel/BLOCK_NAME``:

        ```python
        from tasks.edge.channel_block import LushaConnectChannel

        channel = LushaConnectChannel(url="mailtos://user:password@example.com?to=sales@example.com")
        channel.save("BLOCK_NAME")
        channel = LushaConnectChannel.load("BLOCK_NAME")
        ```
    """

    _block_type_name = "Lusha Connect channel"
    _block_type_slug = "lusha-connect-channel"  # the server knows saved blocks by it: never change it
    _description = "Where notices of rules go: any address of Apprise (e-mail, Slack, Teams, Discord, …)."
    _logo_url = None
    _documentation_url = HttpUrl("https://appriseit.com/services/")

    url: SecretStr = Field(
        description="The address as Apprise writes it, e.g."
        " mailtos://user:password@example.com?to=sales@example.com."
    )

    _apprise: Apprise = PrivateAttr(default_factory=Apprise)

    def block_initialization(self) -> None:
        """Take the address in.

        Raises:
            ValueError: Apprise knows no such address, or would leave a part of it out.
        """
        with _kept_back() as noted:
            known = self._apprise.add(self.url.get_secret_value())
        if not known:
            raise ValueError("Apprise knows no such address.")
        if any(one.levelno >= logging.WARNING for one in noted):
            raise ValueError("Apprise does not understand all of the address: is each receiver right?")

    async def notify(self, body: str, subject: str | None = None) -> None:
        """Send a message as plain text, whatever the service would make of it.

        Raises:
            NotificationError: It was not taken; only within ``raise_on_failure``.
        """
        taken = await self._apprise.async_notify(
            body=body, title=subject or "", body_format=NotifyFormat.TEXT
        )
        if not taken and self._raise_on_failure:
            raise NotificationError("\n".join(entry.message for entry in taken.logs()))


@contextmanager
def _kept_back() -> Iterator[list[logging.LogRecord]]:
    """What Apprise would log: it quotes an address that it does not understand, secrets and all."""
    noted: list[logging.LogRecord] = []

    def keep(record: logging.LogRecord) -> bool:
        noted.append(record)
        return False

    log = logging.getLogger("apprise")
    log.addFilter(keep)
    try:
        yield noted
    finally:
        log.removeFilter(keep)
