"""Alerts: Prefect automations that tell of failed and late runs, refused credentials, silent channels."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.events import emit_event
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.settings import PREFECT_UI_URL

from tasks.core.errors import BadConfigurationError
from tasks.core.words import nearest, sentence

OURS = "prefect.tag.lusha-connect"
"""The tag of our deployments, as events name it."""

REFUSED = "lusha-connect.credential.refused"
"""The event that a run leaves whose token HighLevel refuses."""

SILENT = "lusha-connect.channel.silent"
"""The event that a run leaves which cannot deliver a channel's notices."""

_EACH = {"posture": Posture.Reactive, "threshold": 1, "within": timedelta(0)}
_ONCE_A_DAY = {
    "posture": Posture.Reactive,
    "threshold": 1,
    "within": timedelta(days=1),
    "for_each": {"prefect.resource.id"},
}
"""For each location, or channel; its runs may fail every few minutes until somebody comes."""

_RUN = "{{ flow_run.name }} ({{ flow.name }}): {{ flow_run.state.name }}.\n{{ flow_run.state.message }}\n"
_CREDENTIAL = (
    "{{ event.payload.automation }}, location {{ event.payload.location }}:\n{{ event.payload.message }}"
)

_CHANNEL = "{{ event.payload.rules }}, location {{ event.payload.location }}:\n{{ event.payload.message }}"


def credential_refused(automation: str, location_id: str, message: str) -> None:
    """Tell Prefect that HighLevel refuses a location's credential.

    Args:
        message: What is refused and what to do, in one line; without the credential.
    """
    emit_event(
        REFUSED,
        resource={
            "prefect.resource.id": f"lusha-connect.location.{location_id or 'unknown'}",
            "prefect.resource.name": f"location {location_id or 'unknown'}",
        },
        payload={"automation": automation, "location": location_id, "message": message},
    )


def channel_silent(location_id: str, rules: str, channel: str, message: str) -> None:
    """Tell Prefect that a channel of a rules file takes no notices.

    Args:
        message: How many wait and why, in one line; without a secret.
    """
    emit_event(
        SILENT,
        resource={
            "prefect.resource.id": f"lusha-connect.channel.{location_id}.{rules}.{channel}",
            "prefect.resource.name": f"channel {channel} of {rules}",
        },
        payload={"rules": rules, "location": location_id, "message": message},
    )


async def apply(client: PrefectClient, channel: str) -> list[str]:
    """Set up the alerts, or bring those that are there up to date; one paused in the UI stays paused.

    Args:
        channel: The notification block that tells them, as ``TYPE/NAME``.

    Returns:
        Their names.

    Raises:
        BadConfigurationError: There is no such block, or the server cannot send by it.
    """
    block = await find_own_block(client, channel)
    wanted = _alerts(block)
    for one in wanted:
        there = await client.read_automations_by_name(one.name)
        if there:
            one.enabled = there[0].enabled
            await client.update_automation(there[0].id, one)
        else:
            await client.create_automation(one)
    return [one.name for one in wanted]


async def find_own_block(client: PrefectClient, channel: str) -> UUID:
    """The id of a saved block by which the Prefect server itself can notify: one of Prefect's own types.

    Raises:
        BadConfigurationError: There is none, or its type is one that only our workers know.
    """
    if channel.startswith("lusha-connect-"):
        raise BadConfigurationError(
            f"Alerts cannot go through {channel!r}: the server that sends them does not know its type.",
            remedy="Name a block of a type of Prefect's own, e.g. slack-webhook/NAME or custom-webhook/NAME.",
        )
    return await find_block(client, channel)


async def find_block(client: PrefectClient, channel: str) -> UUID:
    """The id of a saved block that can notify.

    Args:
        channel: ``TYPE/NAME``, e.g. ``slack-webhook/ops``.

    Raises:
        BadConfigurationError: There is none.
    """
    known = {
        f"{one.block_type.slug}/{one.name}": one.id
        for one in await client.read_block_documents(limit=None, include_secrets=False)
        if one.block_type and one.block_schema and "notify" in one.block_schema.capabilities
    }
    if channel not in known:
        raise BadConfigurationError(
            f"There is no notification block {channel!r} on the Prefect server.",
            remedy=sentence(nearest(channel, known))
            or "Make one in the Prefect UI (Blocks, e.g. Slack Webhook), and name it as slack-webhook/NAME.",
        )
    return known[channel]


def _alerts(block: UUID) -> list[AutomationCore]:
    # A server need not know under which address people reach it; who deploys does.
    run = f"{_RUN}{PREFECT_UI_URL.value()}/runs/flow-run/{{{{ flow_run.id }}}}"
    ours = ResourceSpecification({"prefect.resource.id": OURS})
    runs = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})
    locations = ResourceSpecification({"prefect.resource.id": "lusha-connect.location.*"})
    channels = ResourceSpecification({"prefect.resource.id": "lusha-connect.channel.*"})
    ended = {"prefect.flow-run.Failed", "prefect.flow-run.Crashed"}
    return [
        _alert(
            "a run failed", run, block, EventTrigger(expect=ended, match=runs, match_related=ours, **_EACH)
        ),
        _alert(
            "a run is late",
            run,
            block,
            EventTrigger(expect={"prefect.flow-run.Late"}, match=runs, match_related=ours, **_EACH),
        ),
        _alert(
            "a credential is refused",
            _CREDENTIAL,
            block,
            EventTrigger(expect={REFUSED}, match=locations, **_ONCE_A_DAY),
        ),
        _alert(
            "a channel takes no notices",
            _CHANNEL,
            block,
            EventTrigger(expect={SILENT}, match=channels, **_ONCE_A_DAY),
        ),
    ]


def _alert(name: str, body: str, block: UUID, trigger: EventTrigger) -> AutomationCore:
    name = f"Lusha Connect: {name}"
    action = SendNotification(block_document_id=block, subject=name, body=body)
    return AutomationCore(
        name=name, description="Made by `lusha-connect deploy`.", trigger=trigger, actions=[action]
    )
