"""Which leads a run works on, as its parameters say: refused where they say none, or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.core.errors import BadConfigurationError
from tasks.core.settings import Settings
from tasks.edge.leads import OpenSource
from tasks.extract.files import open_file
from tasks.extract.lead_rows import as_read, lead_rows
from tasks.mapping.language import MAPPINGS, find_mapping
from tasks.mapping.lead_search import load_search
from tasks.run.lead_sources import Gaps, Given, Inbox, LeadSource, Search
from tasks.run.leads import Lead, LeadRun
from tasks.streams.lead import LUSHA_CONTACT


@dataclass(frozen=True, slots=True)
class Source:
    """Where leads are to come from.

    Args:
        source: ``inbox`` or ``search``; empty for a file.
        how: Of a file: ``columns``, ``sheet``, ``encoding`` and ``delimiter``.
    """

    file: str
    source: str
    table: str
    search: str
    how: Mapping[str, Any]

    @property
    def named(self) -> str:
        """For the ledger."""
        return self.file or {"inbox": f"table {self.table}", "search": f"search {self.search}"}.get(
            self.source, ""
        )

    async def open(self, run: LeadRun, settings: Settings) -> LeadSource:
        """Open it; free.

        Raises:
            BadConfigurationError: Neither or both are given, or it cannot be used.
            BadMappingError: The saved search is not there, or does not say what it means.
        """
        if bool(self.file) == bool(self.source):
            raise BadConfigurationError(
                "Give either a file or a source.",
                remedy="Fill in one of the two parameters, e.g. file=leads.csv or source=inbox.",
            )
        if self.file:
            return await self._of_file(run, settings)
        if self.source == "inbox":
            inbox = Inbox(run.lane, run.spender, table=self.table)
            await inbox.open()
            return inbox
        found = load_search(find_mapping(self.search, MAPPINGS, what="saved search"))
        return Search(run.lane, run.spender, search=found)

    async def _of_file(self, run: LeadRun, settings: Settings) -> Given:
        opened = open_file(self.file, stream=LUSHA_CONTACT, location_id=settings.location(), **self.how)
        run.lane.session.run.tally.more["file"] = as_read(opened.reading).plain()
        found = await lead_rows(opened)
        leads = [Lead(f"row {one.number}", one.record) for one in found.people]
        return Given(f"file {self.file}", leads, found.rejects)


def gaps(ids: Sequence[str], most: int) -> OpenSource:
    """Contacts that lack something.

    Args:
        ids: Of single contacts; empty for all.
        most: Of them, at most.
    """

    async def opened(run: LeadRun, _settings: Settings) -> LeadSource:
        return Gaps(run, ids, most)

    return opened
