"""What a location knows by name: the records that others refer to, as HighLevel lists them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from tasks.streams import HIGHLEVEL_BUSINESS
from tasks.streams.account import CALENDAR, TAG, USER, WORKFLOW
from tasks.vendors.highlevel.api import businesses, calendars, tags, users, workflows
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.protocols import Called


async def _businesses(client: HighLevel) -> AsyncIterator[Called]:
    async for business in businesses.list_all(client):
        yield Called(business.id, business.name or "", business.website or "")


async def _users(client: HighLevel) -> AsyncIterator[Called]:
    for user in await users.list_all(client):
        whole = " ".join(filter(None, (user.first_name, user.last_name)))
        yield Called(user.id, user.name or whole, email=user.email or "")


async def _calendars(client: HighLevel) -> AsyncIterator[Called]:
    for calendar in await calendars.list_all(client):
        yield Called(calendar.id, calendar.name or "")


async def _workflows(client: HighLevel) -> AsyncIterator[Called]:
    for workflow in await workflows.list_all(client):
        yield Called(workflow.id, workflow.name or "", status=workflow.status or "")


async def _tags(client: HighLevel) -> AsyncIterator[Called]:
    for tag in await tags.list_all(client):
        yield Called(tag.id, tag.name or "")


CALLED: dict[str, Callable[[HighLevel], AsyncIterator[Called]]] = {
    HIGHLEVEL_BUSINESS.name: _businesses,
    USER: _users,
    CALENDAR: _calendars,
    WORKFLOW: _workflows,
    TAG: _tags,
}
"""By stream."""
