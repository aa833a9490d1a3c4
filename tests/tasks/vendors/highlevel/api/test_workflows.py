"""Workflows over the line: a contact comes and goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api import workflows
from tasks.vendors.highlevel.client import HighLevel

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def first_contact(talk: Any) -> str:
    return str(talk.vendor.records("contacts")[0]["id"])


def test_workflows_take_a_contact_and_let_it_go(talk: Any) -> None:
    contact = first_contact(talk)

    async def go(client: HighLevel) -> None:
        welcome = (await workflows.list_all(client))[0]
        await workflows.add(client, contact, welcome.id, event_start=NOON)
        await workflows.remove(client, contact, welcome.id)
        with pytest.raises(RecordNotFoundError, match="Workflow"):
            await workflows.add(client, contact, "no such workflow")

    talk(go)
    assert talk.vendor.records("enrolments") == []
