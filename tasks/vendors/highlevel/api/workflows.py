"""Workflows and campaigns: what a contact is put into, and taken out of.

Enrolment is one way: nothing tells who is in a workflow or a campaign.
"""

from __future__ import annotations

from datetime import datetime

from tasks.vendors.highlevel.api.account_records import Campaign, Workflow
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.api.moments import iso
from tasks.vendors.highlevel.client import HighLevel

_ENROLMENT = "/contacts/{contactId}/workflow/{workflowId}"
_CAMPAIGN = "/contacts/{contactId}/campaigns/{campaignId}"

LIST = Endpoint("GET", "/workflows/", "workflows.readonly")
ADD = Endpoint("POST", _ENROLMENT, "contacts.write", idempotent=False)
REMOVE = Endpoint("DELETE", _ENROLMENT, "contacts.write")
CAMPAIGNS = Endpoint("GET", "/campaigns/", "campaigns.readonly")
ADD_TO_CAMPAIGN = Endpoint("POST", _CAMPAIGN, "contacts.write", idempotent=False)
REMOVE_FROM_CAMPAIGN = Endpoint("DELETE", _CAMPAIGN, "contacts.write")
REMOVE_FROM_CAMPAIGNS = Endpoint("DELETE", "/contacts/{contactId}/campaigns/{every}", "contacts.write")
"""``removeAll`` or ``remove-all``, as the dialect has it."""


async def list_all(client: HighLevel) -> list[Workflow]:
    """The location's workflows."""
    answer = await LIST.ask(client, query={"locationId": client.location_id})
    return LIST.records(client, answer, Workflow, "workflows")


async def add(
    client: HighLevel, contact_id: str, workflow_id: str, *, event_start: datetime | None = None
) -> None:
    """Put a contact into a workflow, which may act at once: e-mails, messages, calls.

    Args:
        event_start: For workflows that count from an event.

    Raises:
        RecordNotFoundError: There is no such contact or workflow.
        UnknownOutcomeError: The answer was lost; a second time might start the workflow twice.
    """
    body = {"eventStartTime": iso(event_start)} if event_start else {}
    await ADD.do(client, {"contactId": contact_id, "workflowId": workflow_id}, json=body)


async def remove(client: HighLevel, contact_id: str, workflow_id: str) -> None:
    """Take a contact out of a workflow, also one that it is not in."""
    await REMOVE.do(client, {"contactId": contact_id, "workflowId": workflow_id}, json={})


async def list_campaigns(client: HighLevel, *, status: str = "") -> list[Campaign]:
    """The location's campaigns.

    Args:
        status: ``draft`` or ``published``; empty for both.
    """
    query = {"locationId": client.location_id} | ({"status": status} if status else {})
    return CAMPAIGNS.records(client, await CAMPAIGNS.ask(client, query=query), Campaign, "campaigns")


async def add_to_campaign(client: HighLevel, contact_id: str, campaign_id: str) -> None:
    """Put a contact into a campaign.

    Raises:
        UnknownOutcomeError: The answer was lost; a second time might start the campaign twice.
    """
    await ADD_TO_CAMPAIGN.do(client, {"contactId": contact_id, "campaignId": campaign_id}, json={})


async def remove_from_campaign(client: HighLevel, contact_id: str, campaign_id: str) -> None:
    """Take a contact out of a campaign."""
    await REMOVE_FROM_CAMPAIGN.do(client, {"contactId": contact_id, "campaignId": campaign_id})


async def remove_from_every_campaign(client: HighLevel, contact_id: str) -> None:
    """Take a contact out of all its campaigns."""
    path = {"contactId": contact_id, "every": client.dialect.every_campaign}
    await REMOVE_FROM_CAMPAIGNS.do(client, path)
