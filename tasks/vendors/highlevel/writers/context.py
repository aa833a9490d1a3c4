"""What HighLevel's writers work with: the client, and a contact as it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tasks.core.batch import Json, Row
from tasks.core.errors import StoppedError
from tasks.streams import Operation
from tasks.vendors.highlevel.api import contacts
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.protocols import WriteContext, Writer

CLOCKS_APART = timedelta(minutes=2)
"""How far HighLevel's clock may be behind ours where a record's age is judged."""


@dataclass(slots=True)
class Context(WriteContext):
    """What HighLevel's writers work with.

    Args:
        client: Of the location.
        writers: What carries out changes of an operation.
    """

    client: HighLevel = field(kw_only=True)
    writers: Callable[[Context, Operation], Writer] = field(kw_only=True)

    def writer(self, operation: Operation) -> Writer:
        """What carries out changes of an operation."""
        return self.writers(self, operation)

    def now(self) -> datetime:
        """Now, by HighLevel's clock."""
        return self.client.now()

    def earliest(self) -> datetime:
        """Now, by HighLevel's clock, as early as it may be."""
        return self.client.earliest()

    async def answers(self) -> bool:
        """Whether HighLevel answers at all; then a failure is that of the record it was about."""
        try:
            await contacts.search(self.client, limit=1, sort="dateAdded")
        except StoppedError:
            return False
        return True

    async def row_of(self, contact_id: str) -> Row | None:
        """The contact as it is now; None where its row cannot be told.

        Raises:
            RecordNotFoundError: HighLevel has it no more.
        """
        if contact_id in self.current:
            return self.current[contact_id]
        return self.read(await contacts.get(self.client, contact_id))

    def read(self, contact: Contact) -> Row | None:
        """A contact of an answer as the mirror's row."""
        return self.row(contact.raw)

    def row(self, contact: Json) -> Row | None:
        """A contact as the mirror's row, with the name that search and a create's answer leave out."""
        row = self.read_row(contact)
        if row is not None and not row.get("name"):
            row["name"] = " ".join(filter(None, (row.get("first_name"), row.get("last_name")))) or None
        return row
