"""What travels between the steps: batches of rows, rejects, and the tally of what was done.

``Batch`` is what extract hands on (the vendor's records as they came), ``MappedBatch`` what transform
and check hand on (rows of the target stream, and the rejects), ``Tally`` what every step reports.
"""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from time import perf_counter
from typing import Any, ClassVar, TypeAlias

import orjson

from tasks.core.left_out import LeftOut

Json: TypeAlias = Any
"""One parsed JSON value: object, array, string, number, boolean or null."""

Row: TypeAlias = dict[str, Any]
"""One record of a target stream: field name to value."""

Position: TypeAlias = dict[str, Any]
"""Where a paging stands: JSON, understood only by the extractor that made it."""

NO_ID = "raw:"
"""What the ids of records without a usable id begin with; a hash of their content follows."""

NOT_KEYS = "_not_keys"
"""Under which name a row tells which of its fields identify nobody, e.g. a switchboard's phone number."""

CALLED = "_called"
"""Under which name a row tells people which record it is, where its fields do not."""

BECAUSE = "_because"
"""Under which name a row tells, in words, what made it: a rule, and what set that off."""
DOUBT = "_doubt"
"""Under which name a row tells why a person must say what it is, unless one said so or a link tells."""

TIED = "_tied"
"""Under which name a row tells the counterpart that its maker found, where nothing links it to one: the id,
and by what it was found."""

UNREADABLE = "row"
"""The rule of a reject that is no record at all: no mapping makes one of it, only another file."""

_PROBLEMS = {UNREADABLE: "the row cannot be read", "highlevel": "HighLevel would refuse it"}
"""What is wrong by a rule's name, where a reason tells no more."""

BY_KEY = ("email:", "phone:")
"""What the ids of records begin with whose source has none: the address that follows stands for one."""

DEPTH_LIMIT = 200
"""Levels of nesting that JSON text is written with when the value is too deep for the interpreter."""


@dataclass(slots=True)
class Batch:
    """Records of one source stream as the vendor sent them.

    Args:
        stream: Source stream, e.g. ``highlevel.contact``.
        location_id: The HighLevel location (sub-account) they came from.
        records: One JSON value each; normally objects, but nothing is taken for granted.
        position: Where the extractor stands after this batch.
        last: True when nothing follows.
        seconds: What fetching took, waiting for the quota included.
        asked_at: When the vendor was asked for the first of them, by its own clock; None where that is not
            known.
        rejects: What the source could not read as records, in addition to these.
        parents: The records on which these hang, where the batch tells all that hangs on each of them.
    """

    stream: str
    location_id: str
    records: list[Json]
    position: Position
    last: bool = False
    seconds: float = 0.0
    asked_at: datetime | None = None
    rejects: list[Reject] = field(default_factory=list)
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row was rejected.

    Args:
        rule: The rule's name: an expectation's type, or ``shape``, ``type``, ``length``, ``clean``, ``row``.
        field: The target field it is about; empty when it is the whole record.
        message: A sentence for the person who corrects it; no whole payload.
        problem: What is wrong, the same for all values of its kind, e.g. ``is no phone number``; "" where
            that is not known, as of a reason that the hub kept.
    """

    rule: str
    field: str
    message: str
    problem: str = ""

    @property
    def label(self) -> str:
        """``rule(field)``: by what a mapping's words are found again."""
        return f"{self.rule}({self.field})" if self.field else self.rule

    @property
    def told(self) -> str:
        """The field and what is wrong with its value, in words: "phone: 'call me' is no phone number"."""
        return f"{self.field}: {self.message}" if self.field else self.message

    @property
    def kind(self) -> str:
        """The same without the value, by which reasons are counted: "phone: is no phone number"."""
        problem = self.problem or _PROBLEMS.get(self.rule, self.rule)
        return f"{self.field}: {problem}" if self.field else problem


UNKNOWN = "lead"
"""The rule of a reject that no source or mapping is to blame for: its vendor has nothing to tell of it."""


@dataclass(slots=True)
class Reject:
    """A row that failed, with its raw record and every reason.

    Args:
        record_id: The vendor's id; for a record that has none, ``raw:`` and a hash of its content.
        raw: The record as canonical JSON text, so that it can be replayed.
    """

    record_id: str
    reasons: list[Reason]
    raw: str

    @property
    def is_fault(self) -> bool:
        """Whether something is wrong with the record, or with how it is read."""
        return {reason.rule for reason in self.reasons} != {UNKNOWN}


@dataclass(frozen=True, slots=True)
class Remark:
    """What of a field's value does not go in, though its record does.

    Args:
        rule: The rule's name, as of a ``Reason``.
        problem: What is wrong with it, e.g. ``is no date``; the same for all values of its kind.
        value: What does not go in, shortened.
    """

    rule: str
    field: str
    problem: str
    value: str

    @property
    def reason(self) -> Reason:
        """The same as a reason why the record does not go in."""
        return Reason(self.rule, self.field, f"{self.value} {self.problem}".strip(), self.problem)


@dataclass(slots=True)
class MappedBatch:
    """Rows of a target stream, ready to be checked and loaded.

    ``rows[i]`` was made from ``raws[i]``. The ``read`` records of the batch are the rows, the rejects and
    the settled ones together.

    Args:
        stream: Target stream, e.g. ``hub.contact``.
        source: Source stream, e.g. ``highlevel.contact``.
        mapping: Name of the mapping that made the rows.
        raws: Canonical JSON text of each row's source record.
        raw_marks: The fingerprint of each of these texts.
        settled: Ids of records that the hub has as they are now, of which there is nothing to tell: they were
            not mapped again and have no row here.
        warned: Ids of the rows of which a check with ``on_failure: warn`` spoke.
        warnings: How often each check with ``on_failure: warn`` spoke, by label.
        numbers: Of each row, its number as a person counts it in the source; empty where nobody does.
        collapsed: Records that came twice in the batch and gave way to their newer self; not in ``read``.
        asked_at, parents: As the batch has them.
        remarks: Of each row, what of its record did not go in; empty where there is nothing to tell of any.
    """

    stream: str
    source: str
    location_id: str
    mapping: str
    rows: list[Row]
    raws: list[str]
    rejects: list[Reject] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    numbers: list[int] = field(default_factory=list)
    collapsed: int = 0
    asked_at: datetime | None = None
    parents: tuple[str, ...] = ()
    remarks: list[list[Remark]] = field(default_factory=list)
    raw_marks: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    warned: set[str] = field(default_factory=set)

    @property
    def ids(self) -> list[str]:
        """What its records are filed under, rows, rejects and settled ones alike."""
        mapped = [row["id"] for row in self.rows] + [reject.record_id for reject in self.rejects]
        return mapped + self.settled

    @property
    def quiet(self) -> set[str]:
        """Ids of the rows of which there is nothing to tell: no value was left out, no check warned."""
        told = {row["id"] for row, some in zip(self.rows, self.remarks, strict=bool(self.remarks)) if some}
        return {row["id"] for row in self.rows} - told - self.warned

    @property
    def read(self) -> int:
        """How many source records this batch came from."""
        return len(self.rows) + len(self.rejects) + len(self.settled)

    def left_out(self) -> LeftOut:
        """The values that did not go in of rows that do."""
        found = LeftOut()
        concerned = {one.field for remarks in self.remarks for one in remarks}
        for row, remarks in zip(self.rows, self.remarks, strict=bool(self.remarks)):
            for one in remarks:
                found.note(one.field, one.problem, one.value)
            told = {one.field for one in remarks}
            for name in concerned:
                found.count(name, lost=name in told and row[name] is None, kept=row[name] is not None)
        return found


def canonical_json(value: Json) -> str:
    """One spelling per JSON value: sorted keys, no spaces; lone surrogates stay as escapes.

    ``str`` values with NUL or lone surrogates are kept (escaped), so a raw record is never lost.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, ValueError):
        # orjson refuses lone surrogates and integers beyond 64 bits; the standard library does not.
        return _spelled_out(value)


def _spelled_out(value: Json) -> str:
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    except (TypeError, ValueError, RecursionError):
        # Keys of mixed kinds, integers of thousands of digits, or nesting beyond the interpreter's stack.
        return json.dumps(_tamed(value, 0), sort_keys=True, separators=(",", ":"))


def _tamed(value: Json, depth: int) -> Json:
    if depth == DEPTH_LIMIT:
        return "…"
    if isinstance(value, dict):
        return {str(key): _tamed(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_tamed(item, depth + 1) for item in value]
    return value if value is None or isinstance(value, str | bool | float) else shown(value)


def shown(value: Json, limit: int = 80) -> str:
    """How a value looks in a message: texts in quotes (NUL and lone surrogates escaped), cut to ``limit``."""
    try:
        text = _REPR.repr(value)
    except (ValueError, RecursionError):  # an integer of more than 4,300 digits has no repr
        text = f"<{type(value).__name__}>"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


class _Shown(reprlib.Repr):
    """A value's text as JSON has it where Python writes it otherwise; texts are in single quotes."""

    def repr_bool(self, value: bool, _level: int) -> str:
        return str(value).lower()

    def repr_NoneType(self, _value: None, _level: int) -> str:  # noqa: N802 - found by the type's name
        return "null"

    def repr_date(self, value: date, _level: int) -> str:
        return value.isoformat()

    repr_datetime = repr_date


_REPR = _Shown()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 80


def in_one_text(raws: Sequence[str]) -> str:
    """The text of raw records that belong together: of several a list."""
    return raws[0] if len(raws) == 1 else f"[{','.join(raws)}]"


def fingerprint(text: str) -> str:
    """Short content hash (128 bit, hex) by which unchanged records are known."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(slots=True)
class Tally:
    """What was done, counted; adds up over batches.

    ``read = mapped + rejected + merged``; of a run that loads the hub, which merges nothing,
    ``mapped = created + updated + unchanged``. ``dropped`` are values that records went in without, ``notes``
    what was assumed about the source. ``more`` is what only one automation tells, e.g. its plan.
    """

    read: int = 0
    mapped: int = 0
    rejected: int = 0
    merged: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    requests: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    dropped: LeftOut = field(default_factory=LeftOut)
    notes: list[str] = field(default_factory=list)
    more: dict[str, Json] = field(default_factory=dict)

    COUNTS: ClassVar[tuple[str, ...]] = (
        "read",
        "mapped",
        "rejected",
        "merged",
        "created",
        "updated",
        "unchanged",
        "deleted",
        "requests",
    )

    def add(self, other: Tally) -> None:
        """Add ``other`` to this tally, in place."""
        for name in self.COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for step, seconds in other.seconds.items():
            self.seconds[step] = self.seconds.get(step, 0.0) + seconds
        self.reasons.update(other.reasons)
        self.warnings.update(other.warnings)
        self.dropped.add(other.dropped)
        self.notes += [note for note in other.notes if note not in self.notes]
        self.more |= other.more

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the seconds of the ``with`` body to ``step``."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + perf_counter() - start

    def counts(self) -> dict[str, int]:
        """The plain counts by name."""
        return {name: getattr(self, name) for name in self.COUNTS}

    def told(self) -> str:
        """What was done, in words, e.g. ``500 read, 490 mapped``; empty where nothing was."""
        return ", ".join(f"{number:,} {name}" for name, number in self.done().items())

    def done(self) -> dict[str, int]:
        """How much was done, by what; without what there is none of, and without the requests."""
        done = {name: number for name, number in self.counts().items() if name != "requests"}
        applied = self.more.get("applied", {})
        done |= {how: number for how, number in applied.items() if not how.endswith(" planned")}
        done |= {f"{what} removed": number for what, number in self.more.get("removed", {}).items()}
        return {name: number for name, number in done.items() if number}
