"""Which function carries out a change of each kind, and which finds out what became of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from tasks.core.change import Change, Kind
from tasks.load.record import Effect
from tasks.vendors.highlevel.writers import activities, contacts, groups, removal, updates
from tasks.vendors.highlevel.writers.desk import Desk

Send = Callable[[Desk, Change], Awaitable[Effect]]
Resolve = Callable[[Desk, Change], Awaitable[Effect | None]]

SINGLE: dict[Kind, Send] = {
    Kind.CREATE: contacts.create,
    Kind.UPDATE: updates.update,
    Kind.DELETE: removal.delete,
    Kind.CREATE_NOTE: partial(activities.create, way=activities.NOTES),
    Kind.CREATE_TASK: partial(activities.create, way=activities.TASKS),
    Kind.DELETE_NOTE: partial(activities.delete, way=activities.NOTES),
    Kind.DELETE_TASK: partial(activities.delete, way=activities.TASKS),
}
"""What carries out a change of each kind; the others go in groups."""

RESOLVING: dict[Kind, tuple[Resolve, ...]] = {
    Kind.CREATE: (contacts.settle, contacts.settle_edited),
    Kind.UPDATE: (updates.landed,),
    Kind.TAG_ADD: (groups.landed,),
    Kind.TAG_REMOVE: (groups.landed,),
    Kind.LINK_BUSINESS: (groups.landed,),
    Kind.CREATE_NOTE: (partial(activities.resolve, way=activities.NOTES),),
    Kind.CREATE_TASK: (partial(activities.resolve, way=activities.TASKS),),
    Kind.DELETE: (removal.deleted,),
    Kind.DELETE_NOTE: (partial(activities.deleted, way=activities.NOTES),),
    Kind.DELETE_TASK: (partial(activities.deleted, way=activities.TASKS),),
}
"""What finds out whether an interrupted change took effect, one after the other; None where it did not."""
