"""``stop_when``: a source gone wrong stops the run before anything of the batch is written."""

from __future__ import annotations

from collections import Counter

from tasks.core.batch import MappedBatch
from tasks.core.errors import TooManyRejectsError
from tasks.core.words import counted
from tasks.mapping.language import Mapping

EXAMPLES = 3
"""Record ids told per reason."""


def stop_if_too_bad(mapping: Mapping, batch: MappedBatch) -> None:
    """Hold a batch against the mapping's ``stop_when``; batches below ``min_rows`` pass.

    Raises:
        TooManyRejectsError: Its rejected share is reached; the message tells the reasons, most
            frequent first, each with a few record ids.
    """
    limit = mapping.stop_when
    if limit is None or batch.read < limit.min_rows or not batch.rejects:
        return
    share = len(batch.rejects) / batch.read
    if share < limit.rejected_share:
        return
    counts, examples = reasons(batch)
    told = "; ".join(
        f"{label} {counted(count, 'time')} (e.g. {', '.join(examples[label])})"
        for label, count in counts.items()
    )
    raise TooManyRejectsError(
        f"{mapping.name}: {len(batch.rejects)} of {batch.read} records rejected, {share:.0%}; the mapping "
        f"stops at {limit.rejected_share:.0%}. {told}",
        remedy="correct the source or the mapping, then run again; nothing of this batch was written",
        counts=counts,
        examples=examples,
    )


def reasons(batch: MappedBatch) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Rejected records by reason, most frequent first, and up to three record ids of each."""
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for reject in batch.rejects:
        for label in {reason.label for reason in reject.reasons}:
            counts[label] += 1
            ids = examples.setdefault(label, [])
            if len(ids) < EXAMPLES:
                ids.append(reject.record_id)
    return dict(counts.most_common()), examples
