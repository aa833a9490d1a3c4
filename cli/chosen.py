"""``lusha-connect --connection NAME …``: a whole command for another location than the environment's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

FIELDS = ("location_id", "highlevel_credential", "highlevel_url", "highlevel_version")
"""The settings in which a connection differs from the environment."""

_names: list[str] = []


@contextmanager
def chosen(name: str) -> Iterator[None]:
    """In the ``with`` body the environment is that of a connection which the hub keeps.

    Raises:
        BadConfigurationError: There is no such connection.
    """
    from tasks.core.settings import PREFIX
    from tasks.hub import connections

    settings = connections.settings_for(name)
    ours = {f"{PREFIX}{field.upper()}": getattr(settings, field) for field in FIELDS}
    before = {variable: os.environ.get(variable) for variable in ours}
    os.environ.update(ours)
    _names.append(name)
    try:
        yield
    finally:
        _names.pop()
        for variable, value in before.items():
            os.environ.pop(variable)
            os.environ.update({} if value is None else {variable: value})


def words(name: str = "") -> str:
    """How a next command is to begin, so that it is for the same location; "" for the environment's."""
    found = name or next(reversed(_names), "")
    return f"--connection {found} " if found else ""
