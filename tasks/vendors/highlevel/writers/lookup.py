"""Finding what a lost create made: by its address where it has one, else by all that it said.

Nothing else tells one "Kim Lee" without an address from another. So what a record is linked to already, or
another create of this run has found or made, is never taken for this one's; and two creates of one name
never go side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from tasks.core.batch import Row
from tasks.core.change import Change, Scope
from tasks.streams import CUSTOM
from tasks.vendors.highlevel.api import contacts
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.writers.context import CLOCKS_APART, Context

BLUR = timedelta(milliseconds=250)
"""How well the moment of a sending is known by HighLevel's clock."""

AT_WORK = timedelta(minutes=5)
"""How long after it was sent a request may still take effect."""

NAMES = ("firstName", "lastName", "name")


async def contact_of(context: Context, change: Change) -> Contact | None:
    """The contact that a create would have made, asked for without the search's lag where that can be."""
    email, phone = change.value("email"), change.value("phone")
    if email or phone:
        found = await contacts.find_duplicate(context.client, email=email) if email else None
        if found is None and phone:
            found = await contacts.find_duplicate(context.client, phone=phone)
        return found

    def fits(row: Row) -> bool:
        return not row.get("email") and not row.get("phone") and is_what_we_sent(context, change, row)

    return await _by_name(context, change, fits)


def is_what_we_sent(context: Context, change: Change, row: Row) -> bool:
    """Whether a contact has all that a create said, but for what HighLevel drops without a word."""
    values = change.values()
    whole = "firstName" in values or "lastName" in values  # these win over a name beside them
    for name, value in values.items():
        if name not in context.spec.origins or (name == "name" and whole):
            continue
        now = context.spec.held(row, name)
        dropped = now is None and (name == "assignedTo" or name.startswith(CUSTOM))
        if not dropped and not context.same(name, now, value):
            return False
    return True


class Whose(Enum):
    """Whose something is that may be what was sent, by when HighLevel says that it was made."""

    OURS = "ours"
    UNKNOWN = "unknown"
    OTHERS = "others"


def whose(change: Change, added: datetime | None) -> Whose:
    """Whose something is: ours only if it is younger than the sending, as far as the clocks tell."""
    if added is None or change.sent_at is None:
        return Whose.UNKNOWN
    sent = change.sent_at.replace(microsecond=change.sent_at.microsecond // 1000 * 1000)
    if added >= sent:
        return Whose.OURS
    return Whose.UNKNOWN if added >= sent - BLUR else Whose.OTHERS


def is_touched(change: Change, updated: datetime | None) -> bool:
    """Whether anything has happened to a contact since the sending, where that is told.

    Otherwise what it holds, however much it is what was sent, is not our doing.
    """
    return updated is None or whose(change, updated) is Whose.OURS


async def free(context: Context, scope: Scope, ids: Sequence[str]) -> str | None:
    """The first that is nobody's yet; it is this one's from now on."""
    linked = await asyncio.to_thread(context.linked, scope, ids) if ids else set()
    found = next((id_ for id_ in ids if id_ not in linked and id_ not in context.claimed), None)
    if found is not None:
        context.claimed.add(found)
    return found


def turn(context: Context, change: Change) -> AbstractAsyncContextManager[Any]:
    """Wait until no other create of the same name is under way, where only the name tells them apart."""
    if change.value("email") or change.value("phone"):
        return nullcontext()
    called = " ".join(str(change.value(name) or "") for name in NAMES).casefold()
    return context.turns.setdefault(called, asyncio.Lock())


def may_be_ours_edited(change: Change, contact: Contact) -> bool:
    """Whether a contact that is not all of what we sent was made by it, and edited since.

    It has the address or the name that was sent, and came into being while the request was at work.
    """
    added = contact.date_added
    if added is None or change.sent_at is None or added > change.sent_at + AT_WORK:
        return False
    return whose(change, added) is Whose.OURS


async def edited_contact_of(context: Context, change: Change) -> Contact | None:
    """The contact without an address that a create would have made, if somebody has edited it since."""
    if change.sent_at is None or change.value("email") or change.value("phone"):
        return None
    latest = change.sent_at + AT_WORK

    def fits(row: Row) -> bool:
        added = row.get("date_added")
        if added is None or added > latest or whose(change, added) is not Whose.OURS:
            return False
        if row.get("email") or row.get("phone"):  # a person gave it one
            return is_what_we_sent(context, change, row)
        return _is_called_so(change, row)

    return await _by_name(context, change, fits)


def _is_called_so(change: Change, row: Row) -> bool:
    """Whether a contact has the name that was sent, whatever became of the rest."""
    whole = " ".join(str(change.value(name)) for name in NAMES[:2] if change.value(name))
    sent = whole or str(change.value("name") or "")
    held_name = " ".join(str(row[name]) for name in ("first_name", "last_name") if row.get(name))
    return bool(sent) and sent.casefold() == (held_name or str(row.get("name") or "")).casefold()


async def _by_name(context: Context, change: Change, fits: Callable[[Row], bool]) -> Contact | None:
    """Among the contacts that were added since, one that fits and is nobody's."""
    if change.sent_at is None:
        return None
    since = (change.sent_at - CLOCKS_APART).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    filters: list[dict[str, Any]] = [{"field": "dateAdded", "operator": "range", "value": {"gte": since}}]
    fitting: list[str] = []
    after, trail = None, contacts.trail(context.client)
    while True:
        page = await contacts.search(
            context.client, limit=contacts.PAGE_LIMIT, sort="dateAdded", after=after, filters=filters
        )
        rows = filter(None, map(context.row, page.contacts))
        fitting += [row["id"] for row in rows if fits(row)]
        if len(page.contacts) < contacts.PAGE_LIMIT:
            break
        after = trail.follow(page.contacts)
    found = await free(context, context.spec.scope, fitting)
    return None if found is None else await contacts.get(context.client, found)
