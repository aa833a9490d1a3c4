"""Tasks over the line: made, changed, completed, found and deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.vendors.highlevel.api import crm_tasks
from tasks.vendors.highlevel.api.activity_writes import CrmTaskCreate, CrmTaskUpdate
from tasks.vendors.highlevel.client import HighLevel
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def first_contact(talk: Any) -> str:
    return str(talk.vendor.records("contacts")[0]["id"])


def test_a_task_is_made_changed_completed_found_and_deleted(talk: Any) -> None:
    contact = first_contact(talk)

    async def go(client: HighLevel) -> None:
        new = CrmTaskCreate(title="Call back", due_date=NOON, completed=False, body="about the offer")
        made = await crm_tasks.create(client, contact, new)
        assert unconfirmed(new, made) == ()
        assert await crm_tasks.get(client, contact, made.id) == made
        changes = CrmTaskUpdate(title="Write back", due_date=NOON + timedelta(days=1))
        assert unconfirmed(changes, await crm_tasks.update(client, contact, made.id, changes)) == ()
        done = await crm_tasks.complete(client, contact, made.id)
        assert done.completed
        assert not (await crm_tasks.complete(client, contact, made.id, completed=False)).completed
        assert [task.id for task in await crm_tasks.of_contact(client, contact)] == [made.id]
        found = [task async for task in crm_tasks.search(client, contact_ids=[contact], query="write")]
        assert [task.id for task in found] == [made.id]
        assert found[0].date_updated is not None
        assert [task async for task in crm_tasks.search(client, completed=True)] == []
        assert await crm_tasks.delete(client, contact, made.id)
        assert not await crm_tasks.delete(client, contact, made.id)

    talk(go)
