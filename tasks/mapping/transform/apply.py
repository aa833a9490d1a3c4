"""A compiled mapping at work: a batch of records in, rows and rejects out.

The way of a good record is one pass over the fields; only when a field refuses is the record gone
through again, to gather every reason. Nothing that a record holds raises out of here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Mapping as Table
from typing import NamedTuple, TypeAlias

from tasks.core.batch import (
    NO_ID,
    NOT_KEYS,
    Batch,
    Json,
    MappedBatch,
    Reason,
    Reject,
    Remark,
    Row,
    canonical_json,
    fingerprint,
    shown,
)
from tasks.mapping.language import Mapping
from tasks.mapping.transform.fill import Fill
from tasks.mapping.transform.partial import Partial
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.streams import STREAMS, Source

ID_LIMIT = 255
"""Longest record id that a reject is filed under; a longer one is no id."""


Settled: TypeAlias = Callable[[Table[str, str]], Collection[str]]
"""Given records' ids and the fingerprints of their texts, the ids of those that need not be mapped again."""


class _Outcome(NamedTuple):
    """What becomes of a record, its text and the fingerprint of that, and what does not go in of it."""

    result: Row | Reject
    raw: str
    remarks: list[Remark]
    warnings: list[str]
    mark: str


class Mapper:
    """A mapping as a function of records.

    Args:
        fills: Target field and what fills it, in the mapping's order.
        telling: Fields of whose values there may be something to tell.
    """

    def __init__(
        self,
        mapping: Mapping,
        source: Source,
        fills: list[tuple[str, Fill]],
        telling: Collection[str] = (),
    ) -> None:
        self.mapping = mapping
        self.source = source
        self._stream = STREAMS[mapping.target]
        self._fills = fills
        self._telling = telling

    def apply(self, batch: Batch, settled: Settled = lambda _marks: ()) -> MappedBatch:
        """Map a batch; ``read`` of the result is its rows and rejects together, the batch's own included.

        Records that are settled are only named.

        Where a mirror is filled, a record that comes twice in a batch counts once, the newer by
        ``date_updated`` or else the later, be it row or reject; ``collapsed`` tells how many gave way.
        What is to be planned is handed on row by row: the plan merges rows that are the same.

        Raises:
            BadMappingError: The batch is of another stream than the mapping reads.
        """
        if batch.stream != self.mapping.source:
            raise self.mapping.error(f"reads {self.mapping.source}, not {batch.stream}", ("source",))
        mapped = MappedBatch(
            stream=self.mapping.target,
            source=batch.stream,
            location_id=batch.location_id,
            mapping=self.mapping.name,
            rows=[],
            raws=[],
            rejects=list(batch.rejects),
            asked_at=batch.asked_at,
            parents=batch.parents,
        )
        outcomes: Iterable[_Outcome]
        if self._stream.mirror is None:
            outcomes, numbers = list(map(self._map, batch.records)), self._numbers(batch.records)
        else:
            outcomes, numbers = _newest(self._unsettled(batch.records, mapped.settled, settled)), []
        for at, outcome in enumerate(outcomes):
            if isinstance(outcome.result, Reject):
                mapped.rejects.append(outcome.result)
                continue
            mapped.rows.append(outcome.result)
            mapped.raws.append(outcome.raw)
            mapped.raw_marks.append(outcome.mark)
            if outcome.warnings:
                mapped.warnings.update(outcome.warnings)
                mapped.warned.add(outcome.result["id"])
            mapped.remarks.append(outcome.remarks)
            mapped.numbers += numbers[at : at + 1]
        if not any(mapped.remarks):
            mapped.remarks = []
        mapped.collapsed = len(batch.records) + len(batch.rejects) - mapped.read
        return mapped

    def _unsettled(self, records: Sequence[Json], known: list[str], settled: Settled) -> list[_Outcome]:
        """What becomes of the records that are not settled; ``known`` takes the ids of those that are."""
        raws = list(map(self._raw, records))
        marks = list(map(fingerprint, raws))
        ids = [self._own_id(record) for record in records]
        once = Counter(ids)
        known += settled({id_: mark for id_, mark in zip(ids, marks, strict=True) if id_ and once[id_] == 1})
        spared = set(known)
        each = zip(ids, records, raws, marks, strict=True)
        return [self._map(record, raw, mark) for id_, record, raw, mark in each if id_ not in spared]

    def _numbers(self, records: Sequence[Json]) -> list[int]:
        """The numbers of a source's records, where it counts them."""
        key = self.source.number
        return [record.get(key, 0) if type(record) is dict else 0 for record in records] if key else []

    def rows(self, records: Iterable[Json]) -> list[Row | Reject]:
        """One row or reject for each record, in order: for previews and records that are kept."""
        return [self._map(record).result for record in records]

    def one(self, record: Json) -> tuple[Row | Reject, str]:
        """A single record's row or reject, and the record's text as it is kept."""
        outcome = self._map(record)
        return outcome.result, outcome.raw

    def _map(self, record: Json, raw: str | None = None, mark: str = "") -> _Outcome:
        raw = self._raw(record) if raw is None else raw
        if type(record) is not dict:
            reason = Reason("shape", "", f"{shown(record)} is no record", "is no record")
            return _Outcome(Reject(f"{NO_ID}{fingerprint(raw)}", [reason], raw), raw, [], [], mark)
        try:
            row = {name: fill(record) for name, fill in self._fills}
        except RefusedValueError:
            return _Outcome(Reject(self._id(record, raw), self._reasons(record), raw), raw, [], [], mark)
        parts = [(name, part) for name in self._telling if type(part := row[name]) is Partial]
        return self._told(row, raw, mark, parts) if parts else _Outcome(row, raw, [], [], mark)

    def _told(self, row: Row, raw: str, mark: str, parts: list[tuple[str, Partial]]) -> _Outcome:
        """The outcome of a record of which there is something to tell."""
        row |= {name: part.value for name, part in parts}
        for name, text in ((name, text) for _, part in parts for name, text in part.moved.items()):
            row[name] = text if row[name] is None else f"{text}\n{row[name]}"
        not_keys = [name for name, part in parts if not part.is_key]
        if not_keys and self._stream.target is not None:  # the mirror's rows hold columns alone
            row[NOT_KEYS] = not_keys
        remarks = [Remark(rule, name, *told) for name, part in parts for rule, *told in part.left_out]
        if lost := self._stream.lost(row, remarks):
            return _Outcome(Reject(row["id"], lost, raw), raw, [], [], mark)
        warnings = [f"{rule}({name})" for name, part in parts for rule in part.warnings]
        return _Outcome(row, raw, remarks, warnings, mark)

    def _raw(self, record: Json) -> str:
        if type(record) is dict and not self.source.volatile.isdisjoint(record):
            record = {key: value for key, value in record.items() if key not in self.source.volatile}
        return canonical_json(record)

    def _id(self, record: Row, raw: str) -> str:
        return self._own_id(record) or f"{NO_ID}{fingerprint(raw)}"

    def _own_id(self, record: Json) -> str:
        """A record's id, "" where it has none that could be one."""
        found = record.get(self.source.id) if type(record) is dict else None
        return found if type(found) is str and len(found) <= ID_LIMIT and found.isprintable() else ""

    def _reasons(self, record: Row) -> list[Reason]:
        reasons = []
        for name, fill in self._fills:
            try:
                fill(record)
            except RefusedValueError as refused:
                reasons.append(Reason(refused.rule, name, refused.message, refused.problem))
        return reasons


def _newest(outcomes: list[_Outcome]) -> Iterable[_Outcome]:
    """The outcomes, one per record id; what has no id stands for itself."""
    if len({_key(outcome.result) for outcome in outcomes}) == len(outcomes):
        return outcomes
    kept: dict[str | int, _Outcome] = {}
    for place, outcome in enumerate(outcomes):
        key: str | int = place if _key(outcome.result).startswith(NO_ID) else _key(outcome.result)
        before = kept.get(key)
        if before is None or not _newer(before.result, outcome.result):
            kept[key] = outcome
    return kept.values()


def _key(outcome: Row | Reject) -> str:
    key: str = outcome.record_id if isinstance(outcome, Reject) else outcome["id"]
    return key


def _newer(one: Row | Reject, other: Row | Reject) -> bool:
    """Whether ``one`` is newer than ``other``, which came after it."""
    if isinstance(one, Reject) or isinstance(other, Reject):
        return False
    left, right = one.get("date_updated"), other.get("date_updated")
    return left is not None and right is not None and left > right
