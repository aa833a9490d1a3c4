"""The catalogs of all vendors as one. It is data alone: no client is loaded."""

from __future__ import annotations

from tasks.vendors.catalog.actions import Action, unknown
from tasks.vendors.highlevel.catalog import catalog as highlevel
from tasks.vendors.highlevel.catalog.catalog import Trigger
from tasks.vendors.lusha import catalog as lusha

VENDORS = ("highlevel", "lusha")


def actions() -> dict[str, Action]:
    """Every action that can be called, by name."""
    return {**highlevel.load_catalog().actions, **lusha.load_catalog()}


def triggers() -> dict[str, Trigger]:
    """Every event that a vendor sends, by name."""
    return {**highlevel.load_catalog().triggers}


def find(name: str) -> Action | Trigger:
    """An action or a trigger by its name.

    Raises:
        BadConfigurationError: There is none; the nearest ones are told.
    """
    every: dict[str, Action | Trigger] = {**actions(), **triggers()}
    if name not in every:
        raise unknown(name, every)
    return every[name]


def action(name: str) -> Action:
    """An action by its name.

    Raises:
        BadConfigurationError: There is none, or it is an event, which nobody calls.
    """
    found = find(name)
    if isinstance(found, Trigger):
        raise highlevel.no_call(found)
    return found
