"""Writing notes and tasks: HighLevel never tells two equal ones apart, so the contact's list decides.

What was made is linked to its record by a fingerprint of its content; a create whose answer was lost is
looked for in the contact's list before it is sent again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tasks.batch import Json
from tasks.change import Change, State
from tasks.errors import InvalidRequestError, RecordNotFoundError, UnknownOutcomeError
from tasks.highlevel import contact_payload, crm_tasks, notes
from tasks.highlevel.activity_writes import NoteCreate
from tasks.highlevel.client import HighLevel
from tasks.highlevel.records import CrmTask, Note
from tasks.load import contacts as contact_writer
from tasks.load import lookup
from tasks.load.desk import Desk, failed, left
from tasks.load.effect import Effect
from tasks.plan_spec import NOTE, TASK, activity_id, activity_scope

Activity = Note | CrmTask


@dataclass(frozen=True, slots=True)
class _Way:
    """How one kind of activity is written and found again."""

    field: str
    stream: str
    make: Callable[[HighLevel, str, Json], Awaitable[Activity]]
    of_contact: Callable[[HighLevel, str], Awaitable[Any]]
    remove: Callable[[HighLevel, str, str], Awaitable[bool]]
    is_it: Callable[[Json, Any], bool]


async def create(desk: Desk, change: Change, way: _Way) -> Effect:
    """Make a note or a task of a contact, once."""
    content = change.value(way.field)
    try:
        if change.state is State.SENDING:
            found = await _made_before(desk, change, way, content)
            if found is not None:
                return _done(desk, change, way, content, found)
        for _ in range(2):
            try:
                made = await way.make(desk.client, change.target_id, content)
            except UnknownOutcomeError:
                found = await _made_before(desk, change, way, content)
                if found is not None:
                    return _done(desk, change, way, content, found)
            except InvalidRequestError as error:
                found = await _made_before(desk, change, way, content)
                if found is None:
                    return failed(change, error.what)
                return _done(desk, change, way, content, found)
            else:
                return _done(desk, change, way, content, made.id)
    except RecordNotFoundError:
        return left(change, f"contact {change.target_id} is gone from HighLevel")
    raise UnknownOutcomeError(
        f"Two answers in a row were lost to a {way.field} of {change.label}.",
        remedy="Nothing is doubled; apply the plan again to go on.",
    )


async def resolve(desk: Desk, change: Change, way: _Way) -> Effect | None:
    """What became of a create whose answer nobody saw; None where it had no effect."""
    content = change.value(way.field)
    try:
        found = await _made_before(desk, change, way, content)
    except RecordNotFoundError:
        return left(change, f"contact {change.target_id} is gone from HighLevel")
    return None if found is None else _done(desk, change, way, content, found)


async def delete(desk: Desk, change: Change, way: _Way) -> Effect:
    """Delete a note or a task that a plan made, unless it was edited since."""
    found = await _there(desk, change, way)
    if found is not None:
        if not way.is_it(change.fields[0].old, found):
            return left(change, f"the {way.field} was edited since")
        await way.remove(desk.client, change.target_id, found.id)
    return _deleted(desk, change, way)


async def deleted(desk: Desk, change: Change, way: _Way) -> Effect | None:
    """The end of a delete that nobody saw the end of; None where the note or task is there."""
    return _deleted(desk, change, way) if await _there(desk, change, way) is None else None


async def _there(desk: Desk, change: Change, way: _Way) -> Any:
    try:
        listed = await way.of_contact(desk.client, change.target_id)
    except RecordNotFoundError:
        return None
    return next((one for one in listed if one.id == str(change.result["id"])), None)


def _deleted(desk: Desk, change: Change, way: _Way) -> Effect:
    change.state = State.DONE
    record = activity_id(change.record_id, change.fields[0].old)
    return Effect(change, link=(activity_scope(desk.spec, way.stream), record, ""))


async def _made_before(desk: Desk, change: Change, way: _Way, content: Json) -> str | None:
    """What may be the one that was sent; a contact's tasks do not tell when they were added."""
    async for _ in contact_writer.looks(change):
        listed = await way.of_contact(desk.client, change.target_id)
        fitting = [
            str(one.id)
            for one in listed
            if way.is_it(content, one) and lookup.is_fresh(change, one.date_added)
        ]
        found = await lookup.free(desk, activity_scope(desk.spec, way.stream), fitting)
        if found is not None:
            return found
    return None


def _done(desk: Desk, change: Change, way: _Way, content: Json, made: str) -> Effect:
    change.state = State.DONE
    desk.claimed.add(made)
    change.result |= {"id": made}
    record = activity_id(change.record_id, content)
    return Effect(change, link=(activity_scope(desk.spec, way.stream), record, made))


async def _make_note(client: HighLevel, contact_id: str, body: Json) -> Note:
    return await notes.create(client, contact_id, NoteCreate(body=body))


async def _make_task(client: HighLevel, contact_id: str, task: Json) -> CrmTask:
    return await crm_tasks.create(client, contact_id, contact_payload.task(task))


def _is_note(body: Json, note: Note) -> bool:
    return (note.body or "").strip() == str(body).strip()


def _is_task(wanted: Json, task: CrmTask) -> bool:
    asked = contact_payload.task(wanted)
    return (task.title, task.body or "", task.due_date) == (asked.title, asked.body or "", asked.due_date)


NOTES = _Way("note", NOTE, _make_note, notes.of_contact, notes.delete, _is_note)
TASKS = _Way("task", TASK, _make_task, crm_tasks.of_contact, crm_tasks.delete, _is_task)
