"""``stop_when``: a source gone wrong stops the run before anything of the batch is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tasks.core.batch import Reject
from tasks.core.errors import TooManyRejectsError
from tasks.core.words import counted
from tasks.mapping.language import Mapping

EXAMPLES = 3
"""Record ids told per reason."""


def stop_if_too_bad(mapping: Mapping, read: int, rejects: Sequence[Reject]) -> None:
    """Hold what was rejected against the mapping's ``stop_when``; below ``min_rows`` anything passes.

    Of whom a vendor has nothing to tell, that counts for nothing.

    Args:
        read: How many records there were, the rejected ones among them.

    Raises:
        TooManyRejectsError: Its rejected share is reached; the message tells the reasons, most
            frequent first, each with a few record ids.
    """
    limit = mapping.stop_when
    faults = [one for one in rejects if one.is_fault]
    read -= len(rejects) - len(faults)
    if limit is None or read < limit.min_rows or not faults:
        return
    share = len(faults) / read
    if share < limit.rejected_share:
        return
    counts, examples = reasons(faults)
    told = "; ".join(
        f"{label} {counted(count, 'time')} (e.g. {', '.join(examples[label])})"
        for label, count in counts.items()
    )
    raise TooManyRejectsError(
        f"{mapping.name}: {len(faults)} of {read} records rejected, {share:.0%}; the mapping "
        f"stops at {limit.rejected_share:.0%}. {told}",
        remedy="correct the source or the mapping, then run again; nothing of this batch was written",
        counts=counts,
        examples=examples,
    )


def reasons(rejects: Sequence[Reject]) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Rejected records by reason, most frequent first, and up to three record ids of each."""
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for reject in rejects:
        for label in {reason.label for reason in reject.reasons}:
            counts[label] += 1
            ids = examples.setdefault(label, [])
            if len(ids) < EXAMPLES:
                ids.append(reject.record_id)
    return dict(counts.most_common()), examples
