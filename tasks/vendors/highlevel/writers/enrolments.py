"""Putting contacts into workflows, and out of them.

HighLevel does not tell who is in a workflow, and a contact that is put into one again goes through it again:
so a join is sent once, and one whose answer was lost stays unknown. To leave once more changes nothing.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tasks.core.batch import Json
from tasks.core.change import Change, State
from tasks.core.errors import RecordNotFoundError
from tasks.hub.spec import child_id_of, child_scope
from tasks.vendors.highlevel.api import contacts, workflows
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, failed, left


class Enrolment(BaseModel):
    """What says which workflow is meant."""

    model_config = ConfigDict(strict=True, extra="forbid")

    workflowId: str = Field(min_length=1)  # noqa: N815 - the field's name
    workflow: str | None = None


def vet(values: dict[str, Json]) -> Enrolment:
    """Refuse what names no workflow.

    Raises:
        ValidationError: It does not.
    """
    return Enrolment.model_validate(values)


async def join(context: Context, change: Change) -> Effect:
    """Put a contact into a workflow, which may act at once."""
    workflow_id = str(change.value("workflowId"))
    try:
        await workflows.add(context.client, change.parent_id, workflow_id)
    except RecordNotFoundError:
        return await _gone(context, change) or failed(change, f"HighLevel has no workflow {workflow_id}")
    return _ended(context, change, workflow_id)


async def leave(context: Context, change: Change) -> Effect:
    """Take a contact out of a workflow, also one that it is not in."""
    workflow_id = next(str(one.old) for one in change.fields if one.field == "workflowId")
    try:
        await workflows.remove(context.client, change.parent_id, workflow_id)
    except RecordNotFoundError:
        gone = left(change, f"workflow {workflow_id} is gone from HighLevel: nobody is in it")
        return await _gone(context, change) or gone
    return _ended(context, change, workflow_id)


async def left_again(_context: Context, _change: Change) -> Effect | None:
    """What became of a leave that nobody saw the end of: it is sent again, without harm."""
    return None


async def _gone(context: Context, change: Change) -> Effect | None:
    """The end of a change whose contact is gone; None where it is the workflow that is missing."""
    if await contacts.exists(context.client, change.parent_id):
        return None
    return left(change, f"contact {change.parent_id} is gone from HighLevel")


def _ended(context: Context, change: Change, workflow_id: str) -> Effect:
    """A change that took effect: neither is repeated at the word of the same record, unless it is undone."""
    change.state = State.DONE
    change.target_id = f"{change.parent_id}/{workflow_id}"
    known_as = change.target_id if context.replans else ""
    return Effect(change, link=(child_scope(context.spec, change.stream), child_id_of(change), known_as))
