"""The generated notes, tasks and appointments of the generated contacts, where they are asked for.

On average a contact has one and a half notes, one and a half tasks and half an appointment. A few of each are
as people and other programs leave them: a note of HTML, a task that is nobody's, a title of blanks, an
appointment that was cancelled.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from sandbox.highlevel.account import LATEST, fresh_id
from sandbox.highlevel.shapes import Document, iso

__all__ = ["activity"]

_DAY = 86_400_000


class Share:
    """How many of the records have what."""

    APPOINTMENT = 0.5
    BODY = 0.5
    PINNED = 0.1
    COMPLETED = 0.6
    ASSIGNED = 0.8


_TITLES = ("Call back", "Send the offer", "Ask for the papers", "Prepare the visit", "  ")
_TEXTS = (
    "Wants a demo next week.",
    "Spoke on the phone;\nprefers e-mail.",
    "<p>Met at the <b>fair</b>.</p>",
    "Asked for références & prices, soon.",
)
_STATES = ("new", "confirmed", "confirmed", "showed", "noshow", "cancelled")


def activity(
    seed: int, contact_ids: Iterable[str], users: list[Document], calendars: list[Document], location_id: str
) -> dict[str, list[Document]]:
    """Notes, tasks and appointments by kind, in the shape in which they are kept."""
    dice = random.Random(f"activity {seed}")  # noqa: S311 - invented data
    found: dict[str, list[Document]] = {"notes": [], "tasks": [], "appointments": []}
    for contact_id in contact_ids:
        hangs = {"contactId": contact_id, "locationId": location_id}
        for _ in range(dice.randrange(4)):
            found["notes"].append(_note(dice, users, contact_id))
        for _ in range(dice.randrange(4)):
            found["tasks"].append(hangs | _task(dice, users))
        if dice.random() < Share.APPOINTMENT:
            found["appointments"].append(hangs | _appointment(dice, users, calendars))
    return found


def _note(dice: random.Random, users: list[Document], contact_id: str) -> Document:
    dated = _dated(dice)
    return {
        "id": fresh_id(dice),
        "body": dice.choice(_TEXTS),
        "userId": dice.choice(users)["id"],
        "contactId": contact_id,
        "pinned": dice.random() < Share.PINNED,
        **dated,
    }


def _task(dice: random.Random, users: list[Document]) -> Document:
    dated = _dated(dice)
    task: Document = {
        "id": fresh_id(dice),
        "title": dice.choice(_TITLES),
        "dueDate": iso(LATEST + dice.randrange(-60, 60) * _DAY),
        "completed": dice.random() < Share.COMPLETED,
        "deleted": False,
        **dated,
    }
    if dice.random() < Share.BODY:
        task["body"] = dice.choice(_TEXTS)
    if dice.random() < Share.ASSIGNED:
        task["assignedTo"] = dice.choice(users)["id"]
    return task


def _appointment(dice: random.Random, users: list[Document], calendars: list[Document]) -> Document:
    calendar = dice.choice(calendars)
    start = LATEST + dice.randrange(-90, 90) * _DAY + dice.randrange(16) * _DAY // 48
    return {
        "id": fresh_id(dice),
        "calendarId": calendar["id"],
        "groupId": calendar["groupId"],
        "title": "Appointment",
        "startTime": iso(start),
        "endTime": iso(start + _DAY // 48),
        "appointmentStatus": dice.choice(_STATES),
        "assignedUserId": dice.choice(users)["id"],
        "isRecurring": False,
        **_dated(dice),
    }


def _dated(dice: random.Random) -> Document:
    added = LATEST - dice.randrange(1, 400 * _DAY)
    return {"dateAdded": iso(added), "dateUpdated": iso(added + int(dice.random() * (LATEST - added)))}
