"""Which of two words on a record is the newer: the mirror's, or what a read brings.

A read may begin before a write of ours and be stored after it, and HighLevel's search goes on giving a
contact as it was for some seconds after a write. Stored, such a read would undo our write in the mirror, and
what we wrote would look like somebody's edit. So every row says as of when it is known, by HighLevel's own
clock, which dates its records, and an older word is not stored; the next read brings the newer one. Where the
clock is too coarse to tell, as right after a write of tags, the record itself is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tasks.core.batch import Row
from tasks.core.change import plain
from tasks.hub.provenance import same
from tasks.vendors.protocols import MirrorMapping

GONE = "gone"
"""Fingerprint of a mirrored record that was deleted: no content has it, so a return is a change."""

PARTIAL = "partial"
"""Fingerprint of a record that we made and that was never read whole: the next read completes it."""

PATCHED = "patched"
"""Fingerprint of a mirrored record of which we know one new field: the next read completes it."""

PARTIAL_PATCHED = "partial, patched"
"""Fingerprint of a record that we made, never read whole, and know a new field of."""

UNSETTLED = (GONE, PARTIAL, PATCHED, PARTIAL_PATCHED)
"""Fingerprints of rows that are not what the record's text gives."""

SEARCH_LAG = timedelta(minutes=10)
"""After so long, HighLevel's search gives what HighLevel holds."""

SEARCH_SHOWS = timedelta(seconds=30)
"""After so long, HighLevel's search shows a write as a rule."""

RESOLUTION = timedelta(seconds=2)
"""How exactly it is known when a record was patched: the answer tells whole seconds, and not its date."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows were read.

    Args:
        mapping: What made them; None where that is not known.
        asked_at: When the vendor was asked for them, by its own clock; None where that is not known.
        lag: How far its answer may be behind what it holds.
    """

    mapping: MirrorMapping | None = None
    asked_at: datetime | None = None
    lag: timedelta = SEARCH_LAG

    def as_of(self, row: Row) -> datetime | None:
        """As of when a row is known: its own date, unless that lies in the future."""
        told: datetime | None = row.get("date_updated")
        if told is None or self.asked_at is None:
            return told
        return min(told, self.asked_at + SEARCH_LAG)  # what changed while a batch was read is no future


def is_older(row: Row, held: Row, reading: Reading, patchable: Sequence[str], *, partial: bool) -> bool:
    """Whether a read is older than what the mirror holds of the same record.

    Args:
        held: The mirror's row, whole.
        patchable: The columns that are written without an answer that tells the whole record.
        partial: The row is what the answer to a create told, which is not all.
    """
    known_at, told = held["known_at"], row.get("date_updated")
    if known_at is None or told is None:
        return False
    version = min(known_at, held["date_updated"] or known_at)
    if partial and held["fingerprint"] != GONE:
        return bool(told <= version)
    if reading.asked_at is not None and reading.asked_at - reading.lag >= known_at:
        return False  # whatever was known then, this answer knew as well
    return bool(told < version) or (told < known_at + RESOLUTION and _denies(row, held, patchable))


def is_doubtful(row: Row, held: Row, reading: Reading) -> bool:
    """Whether a read that is taken for older may be the newer word all the same.

    Somebody may change a record within the second after we wrote to it; a workflow that our tag starts does.
    """
    known_at, told = held["known_at"], row.get("date_updated")
    if reading.asked_at is None or held["fingerprint"] == GONE:
        return False
    since = max(known_at - RESOLUTION, held["date_updated"] or known_at - RESOLUTION)
    return bool(told >= since and reading.asked_at >= known_at + SEARCH_SHOWS)


def _denies(row: Row, held: Row, patchable: Sequence[str]) -> bool:
    """Whether a read lacks what we know to have happened: a deletion, or a write that was not read back."""
    mark = held["fingerprint"]
    if mark == GONE:
        return True
    patched = mark in (PATCHED, PARTIAL_PATCHED)
    return patched and any(not same(plain(held[name]), plain(row.get(name))) for name in patchable)
