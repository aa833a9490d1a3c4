"""Paging on guard against pages that repeat themselves: by ``limit`` and ``skip``, and by ``searchAfter``.

HighLevel ignores unknown parameters without a word: one misspelt or renamed, and the first page comes
again for ever. And it tells no total that can be relied on, so that the end must be read off the pages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from tasks.core.batch import Json, canonical_json
from tasks.core.errors import VendorFailedError
from tasks.vendors.highlevel.api.records import Record

R = TypeVar("R", bound=Record)

Mark: TypeAlias = "list[Any] | None"
"""A record's ``searchAfter``: a page is asked for from there on; None for the first page."""


class Trail:
    """The marks that a walk over search pages has come by; one that comes again leads in a circle.

    All of them are kept, not the last one alone: pages of different sizes end at different records, so
    that the same records may come again and again and no page look like the one before.

    Args:
        named: What is paged, for the error.
        start: Where the walk begins.
    """

    def __init__(self, named: str, start: Mark = None) -> None:
        self._named = named
        self._passed: list[str] = []
        self.begin(start)

    def begin(self, start: Mark) -> None:
        """Go on from a mark: the next of the trail, or one before that is walked from once more."""
        mark = canonical_json(start)
        if mark in self._passed:
            del self._passed[self._passed.index(mark) + 1 :]
        else:
            self._passed = [mark]
        self._mark = start

    def follow(self, records: list[Json], *, last: bool = False) -> Mark:
        """The mark that the next page begins after.

        Args:
            records: A page, as it came.
            last: Whether no page follows, so that none needs to be found.

        Raises:
            VendorFailedError: The page does not say where to go on, or leads back.
        """
        marks = (record.get("searchAfter") for record in reversed(records) if isinstance(record, dict))
        mark = next((mark for mark in marks if isinstance(mark, list) and mark), None)
        if not last and (mark is None or canonical_json(mark) in self._passed):
            raise VendorFailedError(
                f"{self._named}: a full page that does not lead on, beyond {self._mark or 'the first page'}",
                remedy="Nothing was skipped; run again, and report it if it stays.",
            )
        if mark is not None:
            self._mark = mark
            self._passed.append(canonical_json(mark))
        return self._mark


async def every(
    fetch: Callable[[int], Awaitable[list[R]]], *, named: str, smallest_page: int, start: int = 0
) -> AsyncIterator[R]:
    """Every record, each once, page by page.

    A record that moves to a later page while they are read comes once; one that moves to an earlier page,
    because something before it was deleted, is missed until the next reading: offsets cannot do better.

    Args:
        fetch: Gives the page that begins after so many records.
        named: What is paged, for the error.
        smallest_page: A page with fewer records than this is the last one. It is the size that the
            operation has by default, not the one asked for: a limit that is quietly lowered must not pass
            for the end.
        start: How many records to pass over.

    Raises:
        VendorFailedError: A page brought nothing but what was read already.
    """
    seen: set[str] = set()
    skip = start
    while True:
        page = await fetch(skip)
        fresh = [record for record in page if record.id not in seen]
        if page and not fresh:
            raise VendorFailedError(
                f"{named}: the page after {skip} records holds the same records again",
                remedy="HighLevel ignores the paging parameters; what was read before is not complete.",
            )
        seen.update(record.id for record in fresh)
        for record in fresh:
            yield record
        if len(page) < smallest_page:
            return
        skip += len(page)
