"""A message to a notification block, and what became of it: never silence, never a secret in the reason."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import httpx
from prefect.blocks.abstract import NotificationBlock, NotificationError
from prefect.blocks.core import Block
from prefect.blocks.notifications import AbstractAppriseNotificationBlock
from prefect.client.orchestration import get_client

from tasks.core.errors import BadConfigurationError
from tasks.edge import alerts

LONGEST_REASON = 300

SHARED_LOG = "it was not taken; of all channels that were at work, Apprise noted "
"""Before the reason of Prefect's own blocks on Apprise: each hears what became of the others, too."""

_ADDRESS = re.compile(r"\S+://\S+")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message was not taken.

    Args:
        unsure: It may have arrived all the same.
    """

    why: str
    unsure: bool


async def load(name: str) -> NotificationBlock:
    """A saved notification block.

    Args:
        name: ``TYPE/NAME``, e.g. ``slack-webhook/sales``.

    Raises:
        BadConfigurationError: There is none, or it cannot be used.
    """
    # Here, because Apprise takes long to import; Prefect knows a block's class once it is.
    import tasks.edge.channel_block  # noqa: F401, PLC0415

    try:
        found = await Block.aload(name)
    except (ValueError, RuntimeError):  # there is none, or it is not what its class needs
        async with get_client() as client:
            await alerts.find_block(client, name)
        raise BadConfigurationError(
            f"The notification block {name!r} cannot be used: its fields are not what it needs.",
            remedy="Open it in the Prefect UI (Blocks), and correct it.",
        ) from None
    if not isinstance(found, NotificationBlock):
        raise BadConfigurationError(
            f"The block {name!r} notifies nobody.",
            remedy="Name a notification block, e.g. slack-webhook/sales.",
        )
    return found


async def post(block: NotificationBlock, subject: str, body: str, seconds: float) -> Failure | None:
    """Send a message; why it was not taken, None where it was.

    Args:
        seconds: How long that may take.
    """
    try:
        async with asyncio.timeout(seconds):
            with block.raise_on_failure():  # without it a dead channel is silent
                await block.notify(body, subject)
    except TimeoutError:
        return Failure(f"no answer within {seconds:g} seconds", unsure=True)
    except Exception as error:  # noqa: BLE001 - a block may raise anything, and the other channels go on
        return Failure(
            _reason(block, error), unsure=not isinstance(error, httpx.HTTPStatusError | httpx.ConnectError)
        )
    return None


def _reason(block: NotificationBlock, error: Exception) -> str:
    """What an error says, without addresses: they are the secrets of most channels.

    Of errors that are not known only the name is told: httpx, for one, quotes a header that cannot be sent.
    """
    if isinstance(error, httpx.HTTPStatusError):
        return f"the answer was {error.response.status_code} {error.response.reason_phrase}".strip()
    if isinstance(error, NotificationError):
        shared = SHARED_LOG if isinstance(block, AbstractAppriseNotificationBlock) else ""
        told = shared + error.log if error.log else "it was not taken"
    elif isinstance(error, OSError | httpx.NetworkError | httpx.TimeoutException):
        told = f"{type(error).__name__}: {error}"
    else:
        told = type(error).__name__
    return " ".join(_ADDRESS.sub("(address)", told).split())[:LONGEST_REASON]
