"""Every operation that the sandbox answers."""

from __future__ import annotations

from sandbox import (
    appointments,
    businesses,
    consent,
    contact_tags,
    contacts,
    generic,
    locations,
    notes,
    oauth,
    tasks,
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
    *oauth.ROUTES,
    *consent.ROUTES,
    *generic.ROUTES,
)
