"""Copies of a hub in PostgreSQL that is filled already: quicker than filling each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from tests.databases import Databases

COPY = "used"
"""Always of this name, so that an engine need not learn anew how every statement is compiled."""


class Copies:
    """One copy at a time.

    Args:
        databases: The server that they are on.
        fill: Fills the database of a URL, once.
    """

    def __init__(self, databases: Databases, fill: Callable[[str], None]) -> None:
        self._databases = databases
        self._template = databases.template(fill)
        self._held = ExitStack()

    def fresh(self) -> str:
        """URL of a new copy; the one before is no more."""
        self.close()
        return self._held.enter_context(self._databases.copy(self._template, COPY))

    def close(self) -> None:
        """End the present copy."""
        self._held.close()
