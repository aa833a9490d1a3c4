"""A Prefect block for any address that Apprise knows; Prefect's own are for one service each."""

from __future__ import annotations

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
            ValueError: Apprise knows no such address.
        """
        if not self._apprise.add(self.url.get_secret_value()):
            raise ValueError("Apprise knows no such address.")

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
