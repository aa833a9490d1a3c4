"""Checks that were found to work on this machine: to try them again takes two seconds and tells the same.

Trying them imports Great Expectations. While a mapping's fields are edited its checks mostly stay as they
are, and ``mappings validate`` answers at once.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tasks.mapping.language import Mapping
from tasks.mapping.meaning import meaning_of_checks

HOME = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "lusha-connect")  # noqa: PTH111 - it never fails
"""The user's cache folder."""

MOST = 1_000
"""How many are remembered; then from the beginning."""


class TriedChecks:
    """What is remembered in the user's cache folder; where that cannot be read or written, nothing is."""

    def __init__(self) -> None:
        self._file = HOME / "tried-checks"
        self._known: set[str] = set()
        with suppress(OSError):
            self._known = set(self._file.read_text(encoding="ascii", errors="replace").split())

    def know(self, mapping: Mapping) -> bool:
        """Whether a mapping's checks were found to work."""
        return meaning_of_checks(mapping) in self._known

    def remember(self, mapping: Mapping) -> None:
        """Keep that a mapping's checks work."""
        found = meaning_of_checks(mapping)
        self._known = {found} if len(self._known) >= MOST else self._known | {found}
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text("\n".join(sorted(self._known)), encoding="ascii")
