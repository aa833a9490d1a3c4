"""What may be written to tasks, notes, appointments, businesses and the location's tags.

As strict as ``writes.py``. The vendor's contract allows null nowhere here, so nothing of these can be
cleared; an empty text is what comes nearest.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, PlainSerializer

from tasks.vendors.highlevel.api.moments import iso
from tasks.vendors.highlevel.api.writes import Kept, KeptFlag, NotNull, Write

Instant = Annotated[AwareDatetime, PlainSerializer(iso)]
KeptInstant = Annotated[Instant | None, NotNull]
Colour = Annotated[str | None, NotNull, Field(pattern=r"^#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$")]
Status = Literal["new", "confirmed", "cancelled", "showed", "noshow", "invalid"]
Place = Literal["custom", "zoom", "gmeet", "phone", "address", "ms_teams", "google"]


class CrmTaskUpdate(Write):
    """Changes to a task."""

    title: Kept = None
    body: Kept = None
    due_date: KeptInstant = None
    completed: KeptFlag = None
    assigned_to: Kept = None


class CrmTaskCreate(Write):
    """A new task; HighLevel refuses one that does not say whether it is completed."""

    title: str
    due_date: Instant
    completed: bool
    body: Kept = None
    assigned_to: Kept = None


class NoteUpdate(Write):
    """Changes to a note."""

    body: Kept = None
    title: Kept = None
    color: Colour = None
    pinned: KeptFlag = None
    user_id: Kept = None


class NoteCreate(NoteUpdate):
    """A new note; the same text twice is two notes."""

    body: str


class AppointmentUpdate(Write):
    """Changes to an appointment.

    Args:
        to_notify: Whether HighLevel tells the contact; ``appointments.py`` says no unless this says yes.
        ignore_free_slot_validation: Book also where the calendar has no free slot.
    """

    calendar_id: Kept = None
    title: Kept = None
    description: Kept = None
    address: Kept = None
    assigned_user_id: Kept = None
    appointment_status: Annotated[Status | None, NotNull] = None
    meeting_location_type: Annotated[Place | None, NotNull] = None
    meeting_location_id: Kept = None
    override_location_config: KeptFlag = None
    start_time: KeptInstant = None
    end_time: KeptInstant = None
    rrule: Kept = None
    to_notify: KeptFlag = None
    ignore_date_range: KeptFlag = None
    ignore_free_slot_validation: KeptFlag = None


class AppointmentCreate(AppointmentUpdate):
    """A new appointment; half an hour long, or as the calendar has it, unless it says otherwise."""

    calendar_id: str
    contact_id: str
    start_time: Instant


class BusinessUpdate(Write):
    """Changes to a business."""

    name: Kept = None
    phone: Kept = None
    email: Kept = None
    website: Kept = None
    address: Kept = None
    city: Kept = None
    state: Kept = None
    postal_code: Kept = None
    country: Kept = None
    description: Kept = None


class BusinessCreate(BusinessUpdate):
    """A new business; names need not be unique."""

    name: str
