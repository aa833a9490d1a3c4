"""Paging by ``limit`` and ``skip``, on guard against pages that repeat themselves.

HighLevel ignores unknown query parameters without a word: one misspelt or renamed, and the first page
comes again for ever. And it tells no total, so that the end must be read off the pages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from tasks.errors import VendorFailedError
from tasks.highlevel.records import Record

R = TypeVar("R", bound=Record)


async def every(
    fetch: Callable[[int], Awaitable[list[R]]], *, named: str, smallest_page: int
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

    Raises:
        VendorFailedError: A page brought nothing but what was read already.
    """
    seen: set[str] = set()
    skip = 0
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
