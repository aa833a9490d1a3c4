"""Which functions carry out each operation, and find out what became of a change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tasks.core.change import Change, Key, Verb
from tasks.streams import ENROLMENT, HIGHLEVEL_BUSINESS, HIGHLEVEL_CONTACT, Operation
from tasks.vendors.highlevel.writers import (
    activities,
    activity_updates,
    appointments,
    businesses,
    contacts,
    enrolments,
    groups,
    removal,
    updates,
)
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, Writer


@dataclass(frozen=True, slots=True)
class _Row:
    """The functions of one operation; those that go in groups have no ``send``."""

    resolve: tuple[Callable[[Context, Change], Awaitable[Effect | None]], ...]
    send: Callable[[Context, Change], Awaitable[Effect]] | None = None
    send_group: Callable[[Context, Sequence[Change]], Awaitable[list[Effect]]] | None = None


def _hanging(kind: activities.Kind) -> dict[Key, _Row]:
    """How a kind of record is written that hangs on a contact."""
    return {
        (kind.stream, Verb.CREATE, ""): _Row(
            (partial(activities.resolve, kind=kind),), partial(activities.create, kind=kind)
        ),
        (kind.stream, Verb.DELETE, ""): _Row(
            (partial(activities.deleted, kind=kind),), partial(activities.delete, kind=kind)
        ),
        (kind.stream, Verb.UPDATE, ""): _Row(
            (partial(activity_updates.landed, kind=kind),), partial(activity_updates.update, kind=kind)
        ),
    }


_CONTACT, _BUSINESS = HIGHLEVEL_CONTACT.name, HIGHLEVEL_BUSINESS.name

_TABLE: dict[Key, _Row] = {
    (_CONTACT, Verb.CREATE, ""): _Row((contacts.settle, contacts.settle_edited), contacts.create),
    (_CONTACT, Verb.UPDATE, ""): _Row((updates.landed,), updates.update),
    (_CONTACT, Verb.ADD, "tags"): _Row((groups.landed,), send_group=groups.send),
    (_CONTACT, Verb.REMOVE, "tags"): _Row((groups.landed,), send_group=groups.send),
    (_CONTACT, Verb.UPDATE, "business"): _Row((groups.landed,), send_group=groups.send),
    (_CONTACT, Verb.DELETE, ""): _Row((removal.deleted,), removal.delete),
    (_BUSINESS, Verb.CREATE, ""): _Row((businesses.resolve,), businesses.create),
    (_BUSINESS, Verb.UPDATE, ""): _Row((businesses.landed,), businesses.update),
    (_BUSINESS, Verb.DELETE, ""): _Row((businesses.deleted,), businesses.delete),
    **_hanging(activities.NOTES),
    **_hanging(activities.TASKS),
    (activities.TASKS.stream, Verb.COMPLETE, "completed"): _Row(
        (partial(activity_updates.landed, kind=activities.TASKS),),
        partial(activity_updates.update, kind=activities.TASKS),
    ),
    **_hanging(appointments.APPOINTMENTS),
    (ENROLMENT.name, Verb.CREATE, ""): _Row((), enrolments.join),
    (ENROLMENT.name, Verb.DELETE, ""): _Row((enrolments.left_again,), enrolments.leave),
}


def writer(context: Context, operation: Operation) -> Writer:
    """What carries out changes of an operation."""
    row = _TABLE[operation.key]
    return Writer(
        tuple(partial(resolve, context) for resolve in row.resolve),
        None if row.send is None else partial(row.send, context),
        None if row.send_group is None else partial(row.send_group, context),
    )
