"""Writing what hangs on a contact: HighLevel never tells two equal ones apart, so the contact's list decides.

A create whose answer was lost is looked for in that list before it is sent again. What came as a field of a
contact is linked to that record by a fingerprint of its content; what was planned for itself, by its own id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tasks.core.batch import Json, Row
from tasks.core.change import Change, State
from tasks.core.errors import (
    BadCredentialError,
    RecordNotFoundError,
)
from tasks.hub.spec import child_id_of, child_scope
from tasks.streams import NOTE, TASK
from tasks.streams.content import NOT_SET
from tasks.vendors.highlevel import contact_payload
from tasks.vendors.highlevel.api import crm_tasks, notes
from tasks.vendors.highlevel.api.activity_writes import CrmTaskUpdate, NoteCreate, NoteUpdate
from tasks.vendors.highlevel.api.records import Appointment, CrmTask, Note
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.writers import lookup, making
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.highlevel.writers.lookup import Whose
from tasks.vendors.protocols import Effect, left
from tasks.vendors.retry import Check

Activity = Note | CrmTask | Appointment
Moment = datetime | None

Content = dict[str, Json]
"""Field to plain value."""


class _Remove(Protocol):
    """Deletes one of a contact; False where it was gone already."""

    async def __call__(self, client: HighLevel, contact_id: str, id_: str, /, *, again: Check) -> bool: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of activity is written and found again.

    Args:
        called: One of them, for people.
        holds: What of it somebody may change.
        added: When activities of a contact were added, by id; None where that is not told.
        get: One of a contact, as it is now.
        change: Writes fields; what it is after that.
        whole: The record with all that HighLevel tells of it, from one of a contact.
        vet: Makes the body of a create and of an update, and refuses what HighLevel would.
    """

    called: str
    stream: str
    make: Callable[[HighLevel, str, Content], Awaitable[Activity]]
    of_contact: Callable[[HighLevel, str], Awaitable[Any]]
    remove: _Remove
    is_it: Callable[[Content, Any], bool]
    holds: Callable[[Any], dict[str, Json]]
    added: Callable[[HighLevel, str, Sequence[Any]], Awaitable[Mapping[str, Moment]]]
    get: Callable[[HighLevel, str, str], Awaitable[Activity]]
    change: Callable[[HighLevel, str, str, Content], Awaitable[Activity]]
    whole: Callable[[HighLevel, str, Any], Awaitable[Json]]
    vet: tuple[Callable[[Content], object], Callable[[Content], object]]


async def create(context: Context, change: Change, kind: Kind) -> Effect:
    """Make a note or a task of a contact, once."""
    content = change.values()

    async def send() -> Effect:
        return _done(context, change, kind, await kind.make(context.client, change.parent_id, content))

    async def made_before() -> Effect | None:
        return await _made_before(context, change, kind, content)

    async def there() -> Effect | None:
        return await _there_already(context, change, kind, content) if change.look_first else None

    try:
        return await making.make_once(change, kind.called, send, made_before, there)
    except RecordNotFoundError:
        return left(change, f"contact {change.parent_id} is gone from HighLevel")


async def resolve(context: Context, change: Change, kind: Kind) -> Effect | None:
    """What became of a create whose answer nobody saw; None where it had no effect."""
    try:
        return await _made_before(context, change, kind, change.values())
    except RecordNotFoundError:
        return left(change, f"contact {change.parent_id} is gone from HighLevel")


async def delete(context: Context, change: Change, kind: Kind) -> Effect:
    """Delete a note or a task that a plan made, unless it was edited since."""

    async def unedited() -> Any:
        found = await _there(context, change, kind)
        if found is not None and _is_edited(change, kind, found):
            raise _EditedError
        return found

    try:
        found = await unedited()
        if found is not None:
            await kind.remove(context.client, change.parent_id, found.id, again=unedited)
    except _EditedError:
        return left(change, f"the {kind.called} was edited since")
    return _deleted(context, change, kind)


class _EditedError(Exception):
    """Somebody edited what was to be deleted, before it or between two tries of it."""


def _is_edited(change: Change, kind: Kind, found: Activity) -> bool:
    made = change.result.get("made")
    if made is not None:
        return _set(made) != _set(kind.holds(found))
    return not kind.is_it(_before(change), found)


def _set(held: Mapping[str, Json]) -> Content:
    return {name: value for name, value in held.items() if value not in NOT_SET}


async def deleted(context: Context, change: Change, kind: Kind) -> Effect | None:
    """The end of a delete that nobody saw the end of; None where the note or task is there."""
    return _deleted(context, change, kind) if await _there(context, change, kind) is None else None


async def _there(context: Context, change: Change, kind: Kind) -> Any:
    try:
        listed = await kind.of_contact(context.client, change.parent_id)
    except RecordNotFoundError:
        return None
    return next((one for one in listed if one.id == change.target_id), None)


def _deleted(context: Context, change: Change, kind: Kind) -> Effect:
    change.state = State.DONE
    if is_own(context, change):
        return Effect(change, gone=True, link=(context.spec.scope, change.record_id, ""))
    return Effect(change, link=(child_scope(context.spec, kind.stream), child_id_of(change), ""))


async def _made_before(context: Context, change: Change, kind: Kind, content: Content) -> Effect | None:
    """The end of a create whose answer was lost, where the contact has what was sent.

    Only what is younger than the sending is ours. Where that cannot be told it is taken as made, so that
    nothing is doubled, and said so: it is never deleted.
    """
    maybe: list[Activity] = []
    async for _ in making.looks(context, change):
        listed = await kind.of_contact(context.client, change.parent_id)
        fitting = [one for one in listed if kind.is_it(content, one)]
        added = await kind.added(context.client, change.parent_id, fitting) if fitting else {}
        whose = [lookup.whose(change, added.get(one.id)) for one in fitting]
        ours = [one for one, its in zip(fitting, whose, strict=True) if its is Whose.OURS]
        maybe = [one for one, its in zip(fitting, whose, strict=True) if its is Whose.UNKNOWN]
        if found := await _free(context, kind, ours):
            return _done(context, change, kind, found)
    if found := await _free(context, kind, maybe):
        change.result["adopted"] = "unknown"
        return _done(context, change, kind, found)
    return None


async def _there_already(context: Context, change: Change, kind: Kind, content: Content) -> Effect | None:
    """The end of a create of what the contact has: from an import whose hub was lost, or a person's own."""
    listed = await kind.of_contact(context.client, change.parent_id)
    found = await _free(context, kind, [one for one in listed if kind.is_it(content, one)])
    if found is None:
        return None
    change.result["adopted"] = True
    return _done(context, change, kind, found)


async def _free(context: Context, kind: Kind, fitting: Sequence[Activity]) -> Activity | None:
    id_ = await lookup.free(context, child_scope(context.spec, kind.stream), [one.id for one in fitting])
    return next((one for one in fitting if one.id == id_), None)


def _done(context: Context, change: Change, kind: Kind, made: Activity) -> Effect:
    change.state = State.DONE
    context.claimed.add(made.id)
    change.target_id, change.result["made"] = made.id, kind.holds(made)
    if is_own(context, change):
        row = row_of(context, change, made)
        change.result |= {"dropped": missed} if (missed := context.dropped(change.fields, row)) else {}
        origins = context.origins(change.fields, change.wanted, row)
        return Effect(change, row, partial=True, origins=origins, link=context.link(change))
    return Effect(change, link=(child_scope(context.spec, kind.stream), child_id_of(change), made.id))


def is_own(context: Context, change: Change) -> bool:
    """Whether a change is of what its plan writes, and not of what hangs on that."""
    return change.stream == context.spec.target


def row_of(context: Context, change: Change, found: Activity) -> Row | None:
    """One of a contact as the mirror's row, as far as an answer tells it."""
    return context.read_row({"contactId": change.parent_id, **found.raw})


def _before(change: Change) -> Content:
    return {one.field: one.old for one in change.fields}


async def _make_note(client: HighLevel, contact_id: str, note: Content) -> Note:
    return await notes.create(client, contact_id, NoteCreate.model_validate(note))


async def _make_task(client: HighLevel, contact_id: str, task: Content) -> CrmTask:
    return await crm_tasks.create(client, contact_id, contact_payload.task(task))


async def _change_note(client: HighLevel, contact_id: str, id_: str, fields: Content) -> Note:
    return await notes.update(client, contact_id, id_, NoteUpdate.model_validate(fields))


async def _change_task(client: HighLevel, contact_id: str, id_: str, fields: Content) -> CrmTask:
    if fields.keys() == {"completed"}:
        return await crm_tasks.complete(client, contact_id, id_, completed=bool(fields["completed"]))
    return await crm_tasks.update(client, contact_id, id_, CrmTaskUpdate.model_validate(fields))


async def as_it_is(_client: HighLevel, contact_id: str, found: Activity) -> Json:
    """A record that is whole already."""
    return {"contactId": contact_id, **found.raw}


async def _whole_task(client: HighLevel, contact_id: str, found: CrmTask) -> Json:
    listed = crm_tasks.search(client, contact_ids=[contact_id])
    return await anext((task.raw async for task in listed if task.id == found.id), found.raw)


def _is_note(wanted: Content, note: Note) -> bool:
    return (note.body or "").strip() == str(wanted["body"]).strip()


def _is_task(wanted: Content, task: CrmTask) -> bool:
    asked = contact_payload.task(wanted)
    return (task.title, task.body or "", task.due_date) == (asked.title, asked.body or "", asked.due_date)


def _note_holds(note: Note) -> dict[str, Json]:
    return {"body": note.body, "title": note.title, "color": note.color, "pinned": bool(note.pinned)}


def _task_holds(task: CrmTask) -> dict[str, Json]:
    due = task.due_date.isoformat() if task.due_date else None
    told = {"title": task.title, "body": task.body or "", "assignedTo": task.assigned_to}
    return {**told, "completed": bool(task.completed), "dueDate": due}


async def _notes_added(_client: HighLevel, _contact_id: str, some: Sequence[Note]) -> dict[str, Moment]:
    return {note.id: note.date_added for note in some}


async def _tasks_added(client: HighLevel, contact_id: str, _some: Sequence[CrmTask]) -> dict[str, Moment]:
    """A contact's list does not tell it; the location's search does, by a scope of its own."""
    try:
        return {task.id: task.date_added async for task in crm_tasks.search(client, contact_ids=[contact_id])}
    except BadCredentialError:
        return {}


NOTES = Kind(
    called="note",
    stream=NOTE.name,
    make=_make_note,
    of_contact=notes.of_contact,
    remove=notes.delete,
    is_it=_is_note,
    holds=_note_holds,
    added=_notes_added,
    get=notes.get,
    change=_change_note,
    whole=as_it_is,
    vet=(NoteCreate.model_validate, NoteUpdate.model_validate),
)
TASKS = Kind(
    called="task",
    stream=TASK.name,
    make=_make_task,
    of_contact=crm_tasks.of_contact,
    remove=crm_tasks.delete,
    is_it=_is_task,
    holds=_task_holds,
    added=_tasks_added,
    get=crm_tasks.get,
    change=_change_task,
    whole=_whole_task,
    vet=(contact_payload.task, CrmTaskUpdate.model_validate),
)
