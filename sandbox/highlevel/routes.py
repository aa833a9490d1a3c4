"""Every operation that the sandbox answers."""

from __future__ import annotations

from sandbox.highlevel import (
    appointments,
    businesses,
    calendar_slots,
    consent,
    contact_tags,
    contacts,
    custom_fields,
    enrolments,
    generic,
    location_tags,
    locations,
    notes,
    oauth,
    tasks,
    users,
)

__all__ = ["ROUTES"]

ROUTES = (
    *contacts.ROUTES,
    *contact_tags.ROUTES,
    *tasks.ROUTES,
    *notes.ROUTES,
    *appointments.ROUTES,
    *businesses.ROUTES,
    *locations.ROUTES,
    *location_tags.ROUTES,
    *custom_fields.ROUTES,
    *users.ROUTES,
    *enrolments.ROUTES,
    *calendar_slots.ROUTES,
    *oauth.ROUTES,
    *consent.ROUTES,
    *generic.ROUTES,
)
