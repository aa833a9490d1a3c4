"""Workflows: what a contact is put into, and taken out of.

Enrolment is one way: nothing tells who is in a workflow.
"""

from __future__ import annotations

from datetime import datetime

from tasks.vendors.highlevel.api.account_records import Workflow
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.api.moments import iso
from tasks.vendors.highlevel.client import HighLevel

_ENROLMENT = "/contacts/{contactId}/workflow/{workflowId}"

LIST = Endpoint("GET", "/workflows/", "workflows.readonly")
ADD = Endpoint("POST", _ENROLMENT, "contacts.write", idempotent=False)
REMOVE = Endpoint("DELETE", _ENROLMENT, "contacts.write")


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
