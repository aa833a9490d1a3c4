"""How a file was read, told to the person before anything is written.

One table of its columns and a few sentences, as data; a terminal and Prefect's page show the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from tasks.core.batch import Json
from tasks.core.words import counted
from tasks.extract.columns import Column
from tasks.extract.garbled import Garbled
from tasks.extract.picking import Picker
from tasks.extract.tables import Table
from tasks.extract.weighing import CALLING_CODE

UNUSED = "not imported"
"""What a column is taken for that fills nothing."""

LISTED = 30
"""Columns without a use that are told one by one."""


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """How one column was read.

    Args:
        header: As in the file.
        name: Its key in each record; empty for one that is left out.
        field: The field that it fills; empty for none.
        why: What that rests on.
        examples: Some of its values.
        values: How many it has.
        left_over: How many of these are not taken, because their row has another value of that field.
        imported: Whether the mapping reads it.
    """

    header: str
    name: str
    field: str
    why: str
    examples: tuple[str, ...]
    values: int
    left_over: int
    imported: bool = True

    @property
    def used(self) -> bool:
        """Whether anything is made of it."""
        return bool(self.name) and self.imported

    @property
    def taken_for(self) -> str:
        """What it is taken for, in words."""
        if not self.name:
            return "left out"
        if not self.imported:
            return f"{self.field or self.name}: {UNUSED}"
        return self.field or self.name


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file was read.

    Args:
        file: Its path.
        rows: Records in it.
        facts: How it is written: ``encoding``, ``delimiter``, ``sheet``, ``header`` (the row).
        notes: Sentences of what was guessed, left out or found damaged.
        columns: One for each of its columns.
    """

    file: str
    rows: int
    facts: dict[str, str | int]
    notes: tuple[str, ...]
    columns: tuple[ColumnReading, ...]

    def read_by(self, names: frozenset[str]) -> Reading:
        """The same, with what a mapping that reads these names imports of it."""
        if "phone" in names and any(one.field == "phone" for one in self.columns):
            names |= {CALLING_CODE}
        columns = (replace(one, imported=bool({one.name, one.field} & names)) for one in self.columns)
        return replace(self, columns=tuple(columns))

    def plain(self) -> dict[str, Json]:
        """As data."""
        return asdict(self)

    @classmethod
    def of(cls, plain: dict[str, Json]) -> Reading:
        """From data."""
        columns = tuple(
            ColumnReading(**one | {"examples": tuple(one["examples"])}) for one in plain["columns"]
        )
        return cls(**plain | {"notes": tuple(plain["notes"]), "columns": columns})

    def says(self, field: str) -> bool:
        """Whether a column with values is taken for a field."""
        return any(one.used and one.values and field in {one.field, one.name} for one in self.columns)

    def head(self) -> str:
        """How it is written, in one line."""
        facts = [_fact(what, fact) for what, fact in self.facts.items()]
        return ", ".join([*facts, counted(self.rows, "row")])

    def table(self) -> list[tuple[tuple[str, str, str, str], bool]]:
        """Its columns: header, what it is taken for, why, for example; and whether that is nothing."""
        shown = [one for one in self.columns if one.values or one.header]
        some = [one for one in shown if one.used] + [one for one in shown if not one.used][:LISTED]
        return [
            ((one.header, one.taken_for, one.why, ", ".join(one.examples[:2])), not one.used) for one in some
        ]

    def sentences(self) -> list[str]:
        """What was guessed, left out, left over or found damaged."""
        headers = [one.header for one in self.columns]
        over = [
            f"Column{f' {at}' * (headers.count(one.header) > 1)} `{one.header}`: {one.left_over:,} of"
            f" {counted(one.values, 'value')} left over, where the row has another"
            f" {one.field.replace('_', ' ')}."
            for at, one in enumerate(self.columns, 1)
            if one.left_over and one.used
        ]
        none = (
            "No column is taken for a field; if the first row is a record, put one above it that names them."
        )
        nothing = [] if any(one.field for one in self.columns) else [none]
        unused = [one for one in self.columns if (one.values or one.header) and not one.used]
        more = len(unused) - LISTED
        out = [f"{len(unused):,} columns are not imported, {more:,} of them not shown."] if more > 0 else []
        return [*nothing, *self.notes, *over, *out]


def reading_of(file: str, table: Table, columns: Sequence[Column], picker: Picker) -> Reading:
    """Look through all rows of a table, and tell how they are read."""
    garbled = Garbled()
    for row in table.rows():
        if not row.problem:
            picker.count(row.cells)
            garbled.look_at(row)
    told = tuple(
        ColumnReading(
            column.header,
            column.name,
            column.field,
            column.why,
            column.examples,
            picker.filled[at],
            picker.left_over[at],
        )
        for at, column in enumerate(columns)
    )
    return Reading(file, table.total, table.facts, (*table.notes, *garbled.told()), told)


def _fact(what: str, fact: str | int) -> str:
    return f"{what} in row {fact}" if isinstance(fact, int) else f"{what} `{fact}`"
