"""What a location knows by name: workflows with their status, tags, users, calendars, businesses."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.connection import HighLevelConnection
from tasks.vendors.protocols import Called


def called(talk: Any, stream: str) -> list[Called]:
    async def go(client: HighLevel) -> list[Called]:
        return [one async for one in HighLevelConnection(client).called(stream)]

    found: list[Called] = talk(go)
    return found


def test_workflows_tell_whether_they_are_published(talk: Any) -> None:
    there = talk.vendor.records("workflows")
    assert called(talk, "highlevel.workflow") == [
        Called(one["id"], one["name"], status=one["status"]) for one in there
    ]
    assert {one["status"] for one in there} == {"draft", "published"}


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("highlevel.tag", "tags"),
        ("highlevel.user", "users"),
        ("highlevel.calendar", "calendars"),
        ("highlevel.business", "businesses"),
    ],
)
def test_all_that_others_refer_to_is_listed_by_id_and_name(talk: Any, stream: str, kind: str) -> None:
    there = {one["id"]: one["name"] for one in talk.vendor.records(kind)}
    found = {one.id: one.name for one in called(talk, stream)}
    assert found
    assert found == there


def test_what_a_location_does_not_list_is_nothing(talk: Any) -> None:
    assert called(talk, "highlevel.note") == []
