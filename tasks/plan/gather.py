"""Which records of a source are the same, over all of its batches: these are merged, and one goes on.

Records are the same that share an id or a key, unless one contradicts the other (``doubt.py``), or a person
or HighLevel knows them as two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tasks.core.batch import BY_KEY, DOUBT, MappedBatch, Row, in_one_text
from tasks.core.change import Change, Verb
from tasks.hub import links
from tasks.hub.spec import PlanSpec
from tasks.plan.doubt import Identities
from tasks.plan.keys import as_compared, identifies, title
from tasks.plan.match import Tie
from tasks.plan.merge import merged
from tasks.plan.record_store import RecordStore


@dataclass(slots=True, eq=False)
class Record:
    """A record of the source: one row of it, or several that are the same.

    Args:
        raws: Its source records' text.
        numbers: Of its rows, as a person counts them; none where nobody does.
        tie: What is known of its counterpart by the ids of its rows.
    """

    row: Row
    raws: list[str]
    numbers: list[int]
    tie: Tie | None = None

    @property
    def id(self) -> str:
        """By which it is planned."""
        return str(self.row["id"])

    @property
    def raw(self) -> str:
        """Its text: of several a list."""
        return in_one_text(self.raws)

    @property
    def called(self) -> str:
        """For people."""
        return f"row {self.numbers[0]:,}" if self.numbers else f"record {self.id}"


@dataclass(slots=True)
class Gathered:
    """What a batch comes to.

    Args:
        records: To be planned, or planned anew.
        again: Ids of records of earlier batches that were planned: they are merged with others now.
        merged: One for each row that was merged with another.
        doubts: Why a record is not the same as another that shares a key with it, by its id.
    """

    records: dict[str, Record] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)
    merged: list[Change] = field(default_factory=list)
    doubts: dict[str, str] = field(default_factory=dict)

    @property
    def ties(self) -> dict[str, Tie]:
        """What is known of the records' counterparts."""
        return {id_: record.tie for id_, record in self.records.items() if record.tie is not None}


class Gatherer:
    """Gathers the records of a plan's batches."""

    def __init__(self, spec: PlanSpec, identities: Identities) -> None:
        self._spec = spec
        self._identities = identities
        self._keys = [key for key in spec.match if key != "link"]
        self._store = RecordStore()
        self._holder: dict[str, str] = {}  # an id or a key → the record that has it
        self._into: dict[str, str] = {}  # a record that was merged → the one that goes on
        self._new_holder: dict[str, str] = {}  # likewise, of the batch at hand
        self._new_into: dict[str, str] = {}
        self._loaded: dict[str, Record] = {}  # of those before, what this batch meets

    def ids(self, rows: Sequence[Row]) -> list[str]:
        """The ids under which rows may go on: their own, and that by name where an id was there before."""
        seen: set[str] = set()
        found = []
        for row in map(self._with_its_id, rows):
            id_ = row["id"]
            found.append(id_)
            if id_ in seen or f"id {id_}" in self._holder:
                found.append(self._identities.under_its_name(row)["id"])
            seen.add(id_)
        return found

    def _with_its_id(self, row: Row) -> Row:
        """A row by the id that it is known by.

        One that is made of an address stands for whoever has that address: the name tells them apart.
        """
        return self._identities.under_its_name(row) if row["id"].startswith(BY_KEY) else row

    def gather(self, batch: MappedBatch, ties: Mapping[str, Tie]) -> Gathered:
        """Gather a batch; nothing is remembered of it until it is ``kept``."""
        self._new_holder, self._new_into, self._loaded = {}, {}, {}
        found = Gathered()
        numbers = batch.numbers or [0] * len(batch.rows)
        for row, raw, number in zip(batch.rows, batch.raws, numbers, strict=True):
            self._take(Record(self._with_its_id(row), [raw], [number] if number else []), ties, found)
        return found

    def keep(self, found: Gathered) -> None:
        """Remember a batch that was planned."""
        self._holder |= self._new_holder
        self._into |= self._new_into
        self._store.put(
            (id_, [one.row, one.raws, one.numbers, one.tie and one.tie.told()])
            for id_, one in found.records.items()
        )

    def _take(self, record: Record, ties: Mapping[str, Tie], found: Gathered) -> None:
        same = self._holders([f"id {record.id}"], found)
        if same and (why := self._why_not(record, same[0])):
            record.row = self._identities.under_its_name(record.row)
            found.doubts[record.id] = why
            same = self._holders([f"id {record.id}"], found)
        record.tie = ties.get(record.id)
        keys = self._keys_of(record) if not _is_doubted(record) else []
        for other in self._holders(keys, found):
            if other in same or _known_apart(record, other):
                continue
            if why := self._why_not(record, other):
                found.doubts.setdefault(record.id, why)
            else:
                same.append(other)
        for key in (f"id {record.id}", *keys):
            if key not in self._holder:
                self._new_holder.setdefault(key, record.id)
        for other in (*same[1:], record) if same else ():
            self._merge(same[0], other, found)
        if not same:
            found.records[record.id] = record

    def _keys_of(self, record: Record) -> list[str]:
        row = record.row
        keys = [key for key in self._keys if identifies(row, key)]
        found = [f"{key} {as_compared(self._spec, key, str(row[key]))}" for key in keys]
        tied = record.tie is not None and record.tie.is_there
        return [*found, f"{self._spec.called[0]} {record.tie.target_id}"] if tied and record.tie else found

    def _holders(self, keys: Sequence[str], found: Gathered) -> list[Record]:
        """The records that have these keys."""
        holders: dict[str, Record] = {}
        for key in keys:
            if not (id_ := self._new_holder.get(key) or self._holder.get(key, "")):
                continue
            while id_ in self._new_into or id_ in self._into:
                id_ = self._new_into.get(id_) or self._into[id_]
            if id_ not in holders:
                holders[id_] = found.records.get(id_) or self._before(id_)
        return list(holders.values())

    def _before(self, id_: str) -> Record:
        """A record of an earlier batch."""
        if id_ not in self._loaded:
            row, raws, numbers, tie = self._store.get(id_)
            self._loaded[id_] = Record(row, raws, numbers, Tie(*tie) if tie else None)
        return self._loaded[id_]

    def _why_not(self, record: Record, other: Record) -> str:
        """Why two records that share something are not the same; empty where they are."""
        if record.tie is not None and record.tie.decides and record.tie == other.tie:
            return ""
        by_id = record.id == other.id and not record.id.startswith(BY_KEY)
        mine, its = (self._identities.of_record(one.row, one.called) for one in (record, other))
        return self._identities.doubt(mine, its, by_id=by_id)

    def _merge(self, first: Record, later: Record, found: Gathered) -> None:
        """Merge a record into one that came before it."""
        shared = [key for key in self._keys_of(later) if key in self._keys_of(first)] or [f"id {later.id}"]
        first.row, left_over = merged(self._spec, first.row, later.row)
        first.raws, first.numbers = [*first.raws, *later.raws], [*first.numbers, *later.numbers]
        first.tie = first.tie or later.tie
        why = f"{later.called} is the same as {first.called}: {', '.join(map(_in_words, shared))}"
        label = self._spec.label(later.row)
        trace = Change(self._spec.target, Verb.MERGED, later.id, label=label, kept=left_over, why=why)
        found.merged.append(trace)
        if found.records.get(later.id) is later:
            del found.records[later.id]
        found.records[first.id] = first
        if later.id != first.id:
            self._new_into[later.id] = first.id
        planned = [one.id for one in (first, later) if self._is_planned(one.id)]
        found.again += [id_ for id_ in dict.fromkeys(planned) if id_ not in found.again]

    def _is_planned(self, id_: str) -> bool:
        """Whether a record of an earlier batch goes by this id, and was not merged with another before."""
        return self._holder.get(f"id {id_}") == id_ and id_ not in self._into


def _is_doubted(record: Record) -> bool:
    """Whether a person must say what the record is: nothing is merged with it."""
    tie = record.tie
    certain = tie is not None and (tie.decides or tie.target_id == links.SPLIT)
    return bool(record.row.get(DOUBT)) and not certain


def _known_apart(one: Record, other: Record) -> bool:
    """Whether two records are known not to be the same: a person said so, or they have two counterparts."""
    if one.tie is None or other.tie is None:
        return any(record.tie is not None and record.tie.target_id == links.SPLIT for record in (one, other))
    return one.tie.target_id != other.tie.target_id or one.tie.target_id == links.SPLIT


def _in_words(key: str) -> str:
    name, _, value = key.partition(" ")
    return f"{title(name)} {value}"
