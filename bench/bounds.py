"""How many requests reading tasks, notes and appointments takes at least, and in the naive way."""

from __future__ import annotations

from dataclasses import dataclass

CONTACTS_PAGE, TASKS_PAGE = 500, 100
LISTS = 2  # users, calendars


@dataclass(frozen=True, slots=True)
class Account:
    """How much there is in a location."""

    contacts: int
    tasks: int
    calendars: int

    def first_load(self) -> int:
        """Each contact's notes, and every list, page by page."""
        return self.contacts + _pages(self.contacts, CONTACTS_PAGE) + self._lists()

    def sync(self, moved: int) -> int:
        """The notes of the contacts that moved, these contacts, and every list."""
        return moved + _pages(moved, CONTACTS_PAGE) + self._lists()

    def naive(self) -> int:
        """Notes and appointments contact by contact, at each run."""
        return 2 * self.contacts + _pages(self.contacts, CONTACTS_PAGE) + _pages(self.tasks, TASKS_PAGE)

    def _lists(self) -> int:
        return _pages(self.tasks, TASKS_PAGE) + self.calendars + LISTS


def _pages(records: int, size: int) -> int:
    return max(1, -(-records // size))
