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
    InvalidRequestError,
    RecordNotFoundError,
    UnknownOutcomeError,
)
from tasks.hub.spec import activity_id, activity_scope
from tasks.streams import NOTE, TASK
from tasks.vendors.highlevel import contact_payload
from tasks.vendors.highlevel.api import crm_tasks, notes
from tasks.vendors.highlevel.api.activity_writes import NoteCreate
from tasks.vendors.highlevel.api.records import CrmTask, Note
from tasks.vendors.highlevel.client import Check, HighLevel
from tasks.vendors.highlevel.writers import contacts as contact_writer
from tasks.vendors.highlevel.writers import lookup
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.highlevel.writers.lookup import Whose
from tasks.vendors.protocols import Effect, failed, left

Activity = Note | CrmTask
Moment = datetime | None


class _Remove(Protocol):
    """Deletes a note or a task of a contact; False where it was gone already."""

    async def __call__(self, client: HighLevel, contact_id: str, id_: str, /, *, again: Check) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Way:
    """How one kind of activity is written and found again.

    Args:
        holds: What of it somebody may change.
        added: When activities of a contact were added, by id; None where that is not told.
    """

    field: str
    stream: str
    make: Callable[[HighLevel, str, Json], Awaitable[Activity]]
    of_contact: Callable[[HighLevel, str], Awaitable[Any]]
    remove: _Remove
    is_it: Callable[[Json, Any], bool]
    holds: Callable[[Any], dict[str, Json]]
    added: Callable[[HighLevel, str, Sequence[Any]], Awaitable[Mapping[str, Moment]]]


async def create(context: Context, change: Change, way: _Way) -> Effect:
    """Make a note or a task of a contact, once."""
    content = change.value(way.field)
    try:
        if change.state is State.SENDING and (found := await _made_before(context, change, way, content)):
            return found
        if change.look_first and (found := await _there_already(context, change, way, content)):
            return found
        for _ in range(2):
            try:
                made = await way.make(context.client, change.target_id, content)
            except UnknownOutcomeError:
                if found := await _made_before(context, change, way, content):
                    return found
            except InvalidRequestError as error:
                return await _made_before(context, change, way, content) or failed(change, error.what)
            else:
                return _done(context, change, way, content, made)
    except RecordNotFoundError:
        return left(change, f"contact {change.target_id} is gone from HighLevel")
    raise UnknownOutcomeError(
        f"Two answers in a row were lost to a {way.field} of {change.label}.",
        remedy="Nothing is doubled; apply the plan again to go on.",
    )


async def resolve(context: Context, change: Change, way: _Way) -> Effect | None:
    """What became of a create whose answer nobody saw; None where it had no effect."""
    try:
        return await _made_before(context, change, way, change.value(way.field))
    except RecordNotFoundError:
        return left(change, f"contact {change.target_id} is gone from HighLevel")


async def delete(context: Context, change: Change, way: _Way) -> Effect:
    """Delete a note or a task that a plan made, unless it was edited since."""

    async def unedited() -> Any:
        found = await _there(context, change, way)
        if found is not None and _is_edited(change, way, found):
            raise _EditedError
        return found

    try:
        found = await unedited()
        if found is not None:
            await way.remove(context.client, change.target_id, found.id, again=unedited)
    except _EditedError:
        return left(change, f"the {way.field} was edited since")
    return _deleted(context, change, way)


class _EditedError(Exception):
    """Somebody edited what was to be deleted, before it or between two tries of it."""


def _is_edited(change: Change, way: _Way, found: Activity) -> bool:
    made = change.result.get("made")
    return (made is not None and made != way.holds(found)) or not way.is_it(change.fields[0].old, found)


async def deleted(context: Context, change: Change, way: _Way) -> Effect | None:
    """The end of a delete that nobody saw the end of; None where the note or task is there."""
    return _deleted(context, change, way) if await _there(context, change, way) is None else None


async def _there(context: Context, change: Change, way: _Way) -> Any:
    try:
        listed = await way.of_contact(context.client, change.target_id)
    except RecordNotFoundError:
        return None
    return next((one for one in listed if one.id == str(change.result["id"])), None)


def _deleted(context: Context, change: Change, way: _Way) -> Effect:
    change.state = State.DONE
    record = activity_id(change.record_id, change.fields[0].old)
    return Effect(change, link=(activity_scope(context.spec, way.stream), record, ""))


async def _made_before(context: Context, change: Change, way: _Way, content: Json) -> Effect | None:
    """The end of a create whose answer was lost, where the contact has what was sent.

    Only what is younger than the sending is ours. Where that cannot be told it is taken as made, so that
    nothing is doubled, and said so: it is never deleted.
    """
    maybe: list[Activity] = []
    async for _ in contact_writer.looks(context, change):
        listed = await way.of_contact(context.client, change.target_id)
        fitting = [one for one in listed if way.is_it(content, one)]
        added = await way.added(context.client, change.target_id, fitting) if fitting else {}
        whose = [lookup.whose(change, added.get(one.id)) for one in fitting]
        ours = [one for one, its in zip(fitting, whose, strict=True) if its is Whose.OURS]
        maybe = [one for one, its in zip(fitting, whose, strict=True) if its is Whose.UNKNOWN]
        if found := await _free(context, way, ours):
            return _done(context, change, way, content, found)
    if found := await _free(context, way, maybe):
        change.result["adopted"] = "unknown"
        return _done(context, change, way, content, found)
    return None


async def _there_already(context: Context, change: Change, way: _Way, content: Json) -> Effect | None:
    """The end of a create of what the contact has: from an import whose hub was lost, or a person's own."""
    listed = await way.of_contact(context.client, change.target_id)
    found = await _free(context, way, [one for one in listed if way.is_it(content, one)])
    if found is None:
        return None
    change.result["adopted"] = True
    return _done(context, change, way, content, found)


async def _free(context: Context, way: _Way, fitting: Sequence[Activity]) -> Activity | None:
    id_ = await lookup.free(context, activity_scope(context.spec, way.stream), [one.id for one in fitting])
    return next((one for one in fitting if one.id == id_), None)


def _done(context: Context, change: Change, way: _Way, content: Json, made: Activity) -> Effect:
    change.state = State.DONE
    context.claimed.add(made.id)
    change.result |= {"id": made.id, "made": way.holds(made)}
    record = activity_id(change.record_id, content)
    return Effect(change, link=(activity_scope(context.spec, way.stream), record, made.id))


async def _make_note(client: HighLevel, contact_id: str, body: Json) -> Note:
    return await notes.create(client, contact_id, NoteCreate(body=body))


async def _make_task(client: HighLevel, contact_id: str, task: Json) -> CrmTask:
    return await crm_tasks.create(client, contact_id, contact_payload.task(task))


def _is_note(body: Json, note: Note) -> bool:
    return (note.body or "").strip() == str(body).strip()


def _is_task(wanted: Json, task: CrmTask) -> bool:
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


NOTES = _Way("note", NOTE, _make_note, notes.of_contact, notes.delete, _is_note, _note_holds, _notes_added)
TASKS = _Way(
    "task", TASK, _make_task, crm_tasks.of_contact, crm_tasks.delete, _is_task, _task_holds, _tasks_added
)
