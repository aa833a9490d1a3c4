"""Reading a location's businesses: all of them, since HighLevel lists them by no date."""

from __future__ import annotations

from tasks.core.batch import Json
from tasks.core.errors import RecordNotFoundError
from tasks.streams import HIGHLEVEL_BUSINESS
from tasks.vendors.highlevel.api import businesses
from tasks.vendors.highlevel.readers.lists import ListReader, ListSource


class BusinessReader(ListReader):
    """Reads a location's businesses."""

    stream = HIGHLEVEL_BUSINESS.name

    def source(self) -> ListSource:
        """All businesses."""
        return ListSource(
            self.client, self.stream, lambda start: businesses.list_all(self.client, start=start)
        )

    async def one(self, id_: str, _parent: str = "") -> Json:
        """A business as it is now; None where there is none."""
        try:
            return (await businesses.get(self.client, id_)).raw
        except RecordNotFoundError:
            return None
