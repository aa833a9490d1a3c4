"""Writing notes and tasks: HighLevel never tells two equal ones apart, so the contact's list decides.

What was made is linked to its record by a fingerprint of its content; a create whose answer was lost is
looked for in the contact's list before it is sent again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tasks.core.batch import Json
from tasks.core.change import Change, State
from tasks.core.errors import (
    BadCredentialError,
    RecordNotFoundError,
)
from tasks.hub.spec import child_id_of, child_scope
from tasks.streams import NOTE, TASK
from tasks.vendors.highlevel import contact_payload
from tasks.vendors.highlevel.api import crm_tasks, notes
from tasks.vendors.highlevel.api.activity_writes import NoteCreate
from tasks.vendors.highlevel.api.records import CrmTask, Note
from tasks.vendors.highlevel.client import Check, HighLevel
from tasks.vendors.highlevel.writers import lookup, making
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.highlevel.writers.lookup import Whose
from tasks.vendors.protocols import Effect, left

Activity = Note | CrmTask
Moment = datetime | None

Content = dict[str, Json]
"""Field to plain value."""


class _Remove(Protocol):
    """Deletes a note or a task of a contact; False where it was gone already."""

    async def __call__(self, client: HighLevel, contact_id: str, id_: str, /, *, again: Check) -> bool: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of activity is written and found again.

    Args:
        called: One of them, for people.
        holds: What of it somebody may change.
        added: When activities of a contact were added, by id; None where that is not told.
    """

    called: str
    stream: str
    make: Callable[[HighLevel, str, Content], Awaitable[Activity]]
    of_contact: Callable[[HighLevel, str], Awaitable[Any]]
    remove: _Remove
    is_it: Callable[[Content, Any], bool]
    holds: Callable[[Any], dict[str, Json]]
    added: Callable[[HighLevel, str, Sequence[Any]], Awaitable[Mapping[str, Moment]]]


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
    return (made is not None and made != kind.holds(found)) or not kind.is_it(_before(change), found)


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
    return Effect(change, link=(child_scope(context.spec, kind.stream), child_id_of(change), made.id))


def _before(change: Change) -> Content:
    return {one.field: one.old for one in change.fields}


async def _make_note(client: HighLevel, contact_id: str, note: Content) -> Note:
    return await notes.create(client, contact_id, NoteCreate(body=note["body"]))


async def _make_task(client: HighLevel, contact_id: str, task: Content) -> CrmTask:
    return await crm_tasks.create(client, contact_id, contact_payload.task(task))


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
    "note", NOTE.name, _make_note, notes.of_contact, notes.delete, _is_note, _note_holds, _notes_added
)
TASKS = Kind(
    "task", TASK.name, _make_task, crm_tasks.of_contact, crm_tasks.delete, _is_task, _task_holds, _tasks_added
)
