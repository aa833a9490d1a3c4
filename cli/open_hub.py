"""The hub of the settings, for the commands that read or write it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.core.settings import load_settings
from tasks.hub import schema
from tasks.hub.engine import Hub


@contextmanager
def open_hub() -> Iterator[Hub]:
    """The settings' hub, current in its schema."""
    hub = Hub(load_settings().hub_url)
    try:
        schema.require_current(hub)
        yield hub
    finally:
        hub.close()
