"""Which functions carry out a change of each kind, and find out what became of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tasks.core.change import Change, Kind
from tasks.vendors.highlevel.writers import activities, contacts, groups, removal, updates
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, Writer


@dataclass(frozen=True, slots=True)
class _Row:
    """The functions of one kind; those that go in groups have no ``send``."""

    resolve: tuple[Callable[[Context, Change], Awaitable[Effect | None]], ...]
    send: Callable[[Context, Change], Awaitable[Effect]] | None = None
    send_group: Callable[[Context, Sequence[Change]], Awaitable[list[Effect]]] | None = None


_NOTES, _TASKS = activities.NOTES, activities.TASKS

_TABLE: dict[Kind, _Row] = {
    Kind.CREATE: _Row((contacts.settle, contacts.settle_edited), contacts.create),
    Kind.UPDATE: _Row((updates.landed,), updates.update),
    Kind.TAG_ADD: _Row((groups.landed,), send_group=groups.send),
    Kind.TAG_REMOVE: _Row((groups.landed,), send_group=groups.send),
    Kind.LINK_BUSINESS: _Row((groups.landed,), send_group=groups.send),
    Kind.CREATE_NOTE: _Row(
        (partial(activities.resolve, way=_NOTES),), partial(activities.create, way=_NOTES)
    ),
    Kind.CREATE_TASK: _Row(
        (partial(activities.resolve, way=_TASKS),), partial(activities.create, way=_TASKS)
    ),
    Kind.DELETE: _Row((removal.deleted,), removal.delete),
    Kind.DELETE_NOTE: _Row(
        (partial(activities.deleted, way=_NOTES),), partial(activities.delete, way=_NOTES)
    ),
    Kind.DELETE_TASK: _Row(
        (partial(activities.deleted, way=_TASKS),), partial(activities.delete, way=_TASKS)
    ),
}


def writer(context: Context, kind: Kind) -> Writer:
    """What carries out changes of a kind."""
    row = _TABLE[kind]
    return Writer(
        tuple(partial(resolve, context) for resolve in row.resolve),
        None if row.send is None else partial(row.send, context),
        None if row.send_group is None else partial(row.send_group, context),
    )
