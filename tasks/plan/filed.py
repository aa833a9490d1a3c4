"""A plan's rejects by the id that they are filed under: rows of one id together, none in another's place."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.core.batch import Reason, Reject, in_one_text


class Filed:
    """What was rejected so far."""

    def __init__(self) -> None:
        self._raws: dict[str, list[str]] = {}
        self._reasons: dict[str, list[Reason]] = {}

    def together(self, found: Sequence[Reject]) -> list[Reject]:
        """Rejects, each with what was filed under its id before; the same ones again change nothing."""
        for reject in found:
            raws = self._raws.setdefault(reject.record_id, [])
            raws += [raw for raw in [reject.raw] if raw not in raws]
            reasons = self._reasons.setdefault(reject.record_id, [])
            reasons += [reason for reason in reject.reasons if reason not in reasons]
        ids = dict.fromkeys(reject.record_id for reject in found)
        return [Reject(id_, list(self._reasons[id_]), in_one_text(self._raws[id_])) for id_ in ids]
