"""The hub of the settings, for the commands that read or write it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.core.settings import load_settings
from tasks.hub import schema
from tasks.hub.engine import Hub


@contextmanager
def open_hub(*, make: bool = False) -> Iterator[Hub]:
    """The settings' hub, current in its schema.

    Args:
        make: Whether one is made where hubs usually are.
    """
    hub = Hub(load_settings().hub_url)
    try:
        schema.require_current(hub, make=make)
        yield hub
    finally:
        hub.close()
