"""HighLevel's tasks: of one contact, and of the whole location.

On a contact's operations a task has seven fields; only the location's search tells when it was added and
changed, and it is the only way to find a task without its contact. There is no filter by date.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from tasks.core.batch import Json
from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api.activity_writes import CrmTaskCreate, CrmTaskUpdate
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.api.paging import every
from tasks.vendors.highlevel.api.records import CrmTask
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.retry import Check

PAGE_LIMIT = 100
DEFAULT_PAGE = 25

_READ, _WRITE = "contacts.readonly", "contacts.write"
_ALL, _ONE = "/contacts/{contactId}/tasks", "/contacts/{contactId}/tasks/{taskId}"

LIST = Endpoint("GET", _ALL, _READ)
CREATE = Endpoint("POST", _ALL, _WRITE, idempotent=False)
GET = Endpoint("GET", _ONE, _READ)
UPDATE = Endpoint("PUT", _ONE, _WRITE)
DELETE = Endpoint("DELETE", _ONE, _WRITE)
COMPLETE = Endpoint("PUT", _ONE + "/completed", _WRITE)
SEARCH = Endpoint("POST", "/locations/{locationId}/tasks/search", "locations/tasks.readonly")


async def of_contact(client: HighLevel, contact_id: str) -> list[CrmTask]:
    """All tasks of a contact; there are no pages."""
    answer = await LIST.ask(client, {"contactId": contact_id})
    return LIST.records(client, answer, CrmTask, "tasks")


async def get(client: HighLevel, contact_id: str, task_id: str) -> CrmTask:
    """One task.

    Raises:
        RecordNotFoundError: There is no such task, or no such contact.
    """
    answer = await GET.ask(client, _path(contact_id, task_id))
    return GET.record(client, answer, CrmTask, "task")


async def create(client: HighLevel, contact_id: str, task: CrmTaskCreate) -> CrmTask:
    """Make a task.

    Raises:
        UnknownOutcomeError: The answer was lost; compare ``of_contact`` before making it again.
    """
    answer = await CREATE.ask(client, {"contactId": contact_id}, json=task.payload(client.dialect))
    return CREATE.record(client, answer, CrmTask, "task")


async def update(client: HighLevel, contact_id: str, task_id: str, changes: CrmTaskUpdate) -> CrmTask:
    """Change the fields that are set; the task after it."""
    answer = await UPDATE.ask(client, _path(contact_id, task_id), json=changes.payload(client.dialect))
    return UPDATE.record(client, answer, CrmTask, "task")


async def complete(client: HighLevel, contact_id: str, task_id: str, *, completed: bool = True) -> CrmTask:
    """Mark a task as completed, or as not completed; the task after it."""
    answer = await COMPLETE.ask(client, _path(contact_id, task_id), json={"completed": completed})
    return COMPLETE.record(client, answer, CrmTask, "task")


async def delete(client: HighLevel, contact_id: str, task_id: str, *, again: Check | None = None) -> bool:
    """Delete a task; False where it was gone already.

    Args:
        again: As ``HighLevel.call`` has it.
    """
    try:
        await DELETE.do(client, _path(contact_id, task_id), again=again)
    except RecordNotFoundError:
        return False
    return True


async def search(
    client: HighLevel,
    *,
    contact_ids: Sequence[str] = (),
    assigned_to: Sequence[str] = (),
    completed: bool | None = None,
    query: str = "",
    business_id: str = "",
    limit: int = PAGE_LIMIT,
    start: int = 0,
) -> AsyncIterator[CrmTask]:
    """Every task of the location that fits, a page at a time.

    Args:
        contact_ids: Only these contacts' tasks.
        assigned_to: Only tasks of these users.
        query: Only tasks whose title has this text.
        limit: Tasks on a page; the vendor's own limit is not published, its default is 25.
        start: How many tasks to pass over.
    """
    wanted: dict[str, Json] = {
        "contactId": list(contact_ids),
        "assignedTo": list(assigned_to),
        "query": query,
        "businessId": business_id,
    }
    body = {key: value for key, value in wanted.items() if value}
    if completed is not None:
        body["completed"] = completed

    async def page(skip: int) -> list[CrmTask]:
        paged = {**body, "limit": limit, "skip": skip}
        answer = await SEARCH.ask(client, {"locationId": client.location_id}, json=paged)
        return SEARCH.records(client, answer, CrmTask, "tasks")

    async for task in every(page, named=SEARCH.template, smallest_page=min(limit, DEFAULT_PAGE), start=start):
        yield task


def _path(contact_id: str, task_id: str) -> dict[str, str]:
    return {"contactId": contact_id, "taskId": task_id}
