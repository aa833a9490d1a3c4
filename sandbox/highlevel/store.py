"""The contacts of the sub-account, as they truly are at this instant.

Reads by id and the duplicate rules look here; search looks at its own, possibly older, view.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from email.utils import formatdate

from sandbox.highlevel.shapes import Row

__all__ = ["Clock", "ContactStore", "Lookup"]


class Clock:
    """The vendor's clock in milliseconds: never backwards, never before the generated data end.

    Args:
        earliest: When the generated data end.
        ahead: Seconds by which it is ahead of this machine's clock.
    """

    def __init__(self, earliest: int, ahead: float = 0.0) -> None:
        self._earliest = self._last = earliest
        self._ahead = round(ahead * 1000)
        self._header = (0, b"")

    def now(self) -> int:
        """This instant."""
        self._last = max(self._last, time.time_ns() // 1_000_000 + self._ahead)
        return self._last

    def reset(self) -> None:
        """Forget how far it was: the data are the generated ones again."""
        self._last = self._earliest

    def reach(self, instant: int) -> None:
        """Never be earlier than this."""
        self._last = max(self._last, instant)

    def header(self) -> bytes:
        """This instant as the header ``Date`` tells it: the second that has begun."""
        second = self.now() // 1000
        if second != self._header[0]:
            self._header = (second, formatdate(second, usegmt=True).encode())
        return self._header[1]


class Lookup:
    """Which contacts hold a value, in the order in which they came by it."""

    def __init__(self, ids: dict[str, tuple[str, ...]] | None = None) -> None:
        self._ids: dict[str, tuple[str, ...]] = ids or {}

    def add(self, value: str, contact_id: str) -> None:
        """Note that a contact holds a value."""
        if value:
            self._ids[value] = (*self._ids.get(value, ()), contact_id)

    def discard(self, value: str, contact_id: str) -> None:
        """Note that a contact no longer holds a value."""
        left = tuple(held for held in self._ids.get(value, ()) if held != contact_id)
        if left:
            self._ids[value] = left
        else:
            self._ids.pop(value, None)

    def holders(self, value: str) -> tuple[str, ...]:
        """The contacts that hold a value."""
        return self._ids.get(value, ())

    def copy(self) -> Lookup:
        """A copy to change independently."""
        return Lookup(dict(self._ids))


class ContactStore:
    """All contacts by id, e-mail address and phone number, and the ids of the deleted ones.

    Args:
        generated: The contacts to begin with, and to go back to on reset.
        on_change: Told of every write: the contact's id and its new row, None when deleted.
    """

    def __init__(self, generated: Iterable[Row], on_change: Callable[[str, Row | None], None]) -> None:
        self._on_change = on_change
        self._pristine: dict[str, Row] = {}
        self._pristine_emails, self._pristine_phones = Lookup(), Lookup()
        for row in generated:
            self._pristine[row.id] = row
            self._pristine_phones.add(row.phone, row.id)
            for email in (row.email, *row.emails):
                self._pristine_emails.add(email, row.id)
        self.reset()

    def reset(self) -> None:
        """Back to the generated contacts."""
        self.rows = dict(self._pristine)
        self.deleted: set[str] = set()
        self.emails = self._pristine_emails.copy()
        self.phones = self._pristine_phones.copy()

    def replace(self, rows: Iterable[Row]) -> None:
        """Hold these contacts and no others, as if there never had been others."""
        self.rows, self.deleted = {}, set()
        self.emails, self.phones = Lookup(), Lookup()
        for row in rows:
            self._hold(row)

    def put(self, row: Row) -> None:
        """Create or replace a contact."""
        self._forget(row.id)
        self._hold(row)
        self._on_change(row.id, row)

    def delete(self, contact_id: str) -> None:
        """Delete a contact, which must be there."""
        self._forget(contact_id)
        del self.rows[contact_id]
        self.deleted.add(contact_id)
        self._on_change(contact_id, None)

    def _hold(self, row: Row) -> None:
        self.rows[row.id] = row
        self.phones.add(row.phone, row.id)
        for email in (row.email, *row.emails):
            self.emails.add(email, row.id)

    def _forget(self, contact_id: str) -> None:
        old = self.rows.get(contact_id)
        if old is None:
            return
        self.phones.discard(old.phone, contact_id)
        for email in (old.email, *old.emails):
            self.emails.discard(email, contact_id)
