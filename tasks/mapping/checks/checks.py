"""The checks at work: a mapped batch in, its bad rows moved to the rejects.

What a verdict means is ``on_failure``: ``reject`` moves the rows that fail, ``drop`` takes the value out of
them, ``warn`` counts them, ``stop`` ends the run when the expectation as a whole fails (``mostly`` is taken
into account there). An expectation about the batch as a whole has no rows to move: with ``reject`` it stops
the run as well. A check that cannot be evaluated is an error of the check: its rows neither pass nor fail.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import replace
from functools import cached_property
from typing import Any

from tasks.core.batch import MappedBatch, Reject, Remark, Row, shown
from tasks.core.errors import BadMappingError, BrokenCheckError, FailedCheckError
from tasks.core.words import counted
from tasks.mapping.checks import engine
from tasks.mapping.checks.declarations import Declaration, declarations
from tasks.mapping.checks.frame import frame_of
from tasks.mapping.checks.stop import EXAMPLES, stop_if_too_bad
from tasks.mapping.language import Mapping, OnFailure
from tasks.streams import STREAMS, FieldType

PROBES: dict[FieldType, list[Any]] = {
    FieldType.TEXT: ["1", "2", "3"],
    FieldType.BOOLEAN: [True, False, True],
    FieldType.NUMBER: [1, 2, 3],
    FieldType.DATE: [dt.date(2024, 1, day) for day in (1, 2, 3)],
    FieldType.TIMESTAMP: [dt.datetime(2024, 1, day, tzinfo=dt.UTC) for day in (1, 2, 3)],
    FieldType.TEXTS: [["1"], ["2"], ["3"]],
    FieldType.OBJECT: [{"1": 1}, {"2": 2}, {"3": 3}],
    FieldType.VALUE: ["1", "2", "3"],
}
"""Harmless values of each type: a check that breaks on them breaks on everything."""

BY_ROW = frozenset(
    {
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
        "expect_column_pair_values_to_be_in_set",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_be_null",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_match_regex_list",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_not_match_regex_list",
        "expect_multicolumn_sum_to_equal",
        "expect_select_column_values_to_be_unique_within_record",
    }
)
"""Expectations whose verdict on a row depends on no other row."""

PHRASES = {
    "expect_column_value_lengths_to_equal": "is not {given[value]} characters long",
    "expect_column_values_to_be_in_set": "is none of {given[value_set]}",
    "expect_column_values_to_be_null": "should be empty",
    "expect_column_values_to_be_unique": "occurs more than once",
    "expect_column_values_to_match_regex": "does not match {given[regex]}",
    "expect_column_values_to_not_be_in_set": "is one of {given[value_set]}",
    "expect_column_values_to_not_be_null": "is empty",
    "expect_column_values_to_not_match_regex": "matches {given[regex]}",
}
"""What is wrong with a value that fails; other expectations are told by their arguments."""


class Checker:
    """A mapping's checks as a function of batches.

    Great Expectations is imported when it is probed: at the latest before its first rows.
    """

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self._stream = STREAMS[mapping.target]
        self._probed = False

    @cached_property
    def _declared(self) -> list[Declaration]:
        """Its expectations, in the mapping's order."""
        return declarations(self.mapping)

    @cached_property
    def _columns(self) -> list[str]:
        return sorted({column for declaration in self._declared for column in declaration.columns})

    @cached_property
    def _validate(self) -> engine.Validate:
        return engine.validation(self.mapping.name, [one.expectation for one in self._declared])

    @property
    def by_row(self) -> bool:
        """Whether the verdict on a row is the same whatever other rows it comes with."""
        return all(
            check.expect in BY_ROW and not (check.on_failure is OnFailure.STOP and "mostly" in check.options)
            for check in self.mapping.checks
        )

    def check(self, mapped: MappedBatch) -> MappedBatch:
        """The batch with bad rows moved to its rejects, held against ``stop_when``.

        Raises:
            TooManyRejectsError: ``stop_when`` spoke.
            FailedCheckError: A check that stops the run failed.
            BrokenCheckError: A check could not be evaluated.
        """
        checked = self.verdicts(mapped)
        stop_if_too_bad(self.mapping, checked.read, checked.rejects)
        return checked

    def verdicts(self, mapped: MappedBatch) -> MappedBatch:
        """Like :meth:`check`, without ``stop_when``: for previews of a few records."""
        if not self.mapping.checks or not mapped.rows:
            return mapped
        self.probe()
        bad: defaultdict[int, list[Remark]] = defaultdict(list)
        dropped: defaultdict[int, list[Remark]] = defaultdict(list)
        warnings, warned = mapped.warnings.copy(), mapped.warned.copy()
        for declaration, verdict in self._judged(mapped.rows):
            if not declaration.by_row or declaration.on_failure is OnFailure.STOP:
                _weigh(declaration, verdict, mapped, warnings)
            elif declaration.on_failure is OnFailure.WARN:
                found = _positions(verdict)
                warnings[declaration.label] += len(found)
                warned.update(mapped.rows[position]["id"] for position in found)
            else:
                noted = dropped if declaration.on_failure is OnFailure.DROP else bad
                for position in _positions(verdict):
                    noted[position].append(_remark(declaration, mapped.rows[position]))
        rows = _without(mapped.rows, dropped)
        for position, remarks in dropped.items():
            if lost := self._stream.lost(rows[position], remarks):
                bad[position] += [remark for remark in remarks if remark.reason in lost]
        return _sorted_out(replace(mapped, rows=rows, warnings=+warnings, warned=warned), bad, dropped)

    def probe(self) -> None:
        """Judge harmless rows, so that a check that cannot work is found before any record is read.

        Raises:
            BadMappingError: An expectation, an argument or a column is not right.
        """
        if self._probed or not self.mapping.checks:
            return
        probes = {name: PROBES[self._stream.type_of(name)] for name in self._columns}
        rows = [{name: values[index] for name, values in probes.items()} for index in range(3)]
        verdicts = self._verdicts(rows)
        problems = [
            self.mapping.error(f"`{declaration.label}` cannot be evaluated: {problem}", declaration.where)
            for declaration, verdict in verdicts
            if (problem := _exception(verdict.exception_info))
        ]
        if problems:
            raise BadMappingError.of(problems)
        self._probed = True

    def _judged(self, rows: list[Row]) -> Iterator[tuple[Declaration, engine.Verdict]]:
        for declaration, verdict in self._verdicts(rows):
            problem = _exception(verdict.exception_info)
            if problem:
                place = self.mapping.error("", declaration.where)
                raise BrokenCheckError(
                    f"{place.file}:{place.line}: `{declaration.label}` could not be evaluated: {problem}"
                )
            yield declaration, verdict

    def _verdicts(self, rows: list[Row]) -> list[tuple[Declaration, engine.Verdict]]:
        found = {
            verdict.expectation_config.meta["index"]: verdict
            for verdict in self._validate(frame_of(rows, self._columns, self._stream))
        }
        return [(declaration, found[index]) for index, declaration in enumerate(self._declared)]


def compile_checks(mapping: Mapping) -> Checker:
    """The mapping's checks, each known to work; imports Great Expectations if there are any.

    Raises:
        BadMappingError: A check is not right.
    """
    checker = Checker(mapping)
    checker.probe()
    return checker


def _exception(info: Table[str, Any]) -> str:
    """What was raised inside an expectation, empty if nothing.

    It is one entry, or a table of entries by metric, depending on where it was raised.
    """
    for entry in [info, *(value for value in info.values() if isinstance(value, dict))]:
        if entry.get("raised_exception"):
            return shown(str(entry.get("exception_message") or "an exception"), 200)
    return ""


def _positions(verdict: engine.Verdict) -> list[int]:
    """Positions of the rows that fail; also of an expectation that succeeds thanks to ``mostly``."""
    positions: list[int] = verdict.result["unexpected_index_list"]
    return positions


def _remark(declaration: Declaration, row: Row) -> Remark:
    value = ", ".join(shown(row[column]) for column in declaration.columns if row[column] is not None)
    return Remark(declaration.rule, ", ".join(declaration.columns), _problem(declaration), value)


def _problem(declaration: Declaration) -> str:
    given = {name: _argument(item) for name, item in declaration.options.items()}
    phrase = PHRASES.get(declaration.rule)
    if phrase:
        return phrase.format(given=given)
    told = ", ".join(f"{name}={item}" for name, item in given.items() if not name.startswith("column"))
    return f"fails {declaration.rule}({told})"


def _argument(value: Any) -> str:
    """An argument as the mapping has it: a regular expression's backslashes stay single."""
    return value if isinstance(value, str) and len(value) <= 80 else shown(value)  # noqa: PLR2004 - a message's


def _weigh(
    declaration: Declaration, verdict: engine.Verdict, mapped: MappedBatch, warnings: Counter[str]
) -> None:
    """A verdict on the batch as a whole."""
    if verdict.success:
        return
    if declaration.on_failure is OnFailure.WARN:
        warnings[declaration.label] += 1
        return
    positions = _positions(verdict) if declaration.by_row else []
    ids = ", ".join(str(mapped.rows[position]["id"]) for position in positions[:EXAMPLES])
    about = (
        f"{counted(len(positions), 'row')}, e.g. {ids}"
        if ids
        else f"observed {shown(verdict.result.get('observed_value'))}"
    )
    raise FailedCheckError(
        f"{mapped.mapping}: `{declaration.label}` failed: {about}",
        remedy="correct the source or the mapping, then run again; nothing of this batch was written",
    )


def _without(rows: Sequence[Row], dropped: Table[int, list[Remark]]) -> list[Row]:
    """The rows without the values that were dropped."""
    return [
        {**row, **dict.fromkeys(remark.field for remark in dropped[position])} if position in dropped else row
        for position, row in enumerate(rows)
    ]


def _sorted_out(
    mapped: MappedBatch, bad: Table[int, list[Remark]], dropped: Table[int, list[Remark]]
) -> MappedBatch:
    remarks = mapped.remarks
    if dropped:
        told = remarks or [[] for _ in mapped.rows]
        remarks = [[*some, *dropped.get(position, ())] for position, some in enumerate(told)]
    rejects = [
        Reject(mapped.rows[at]["id"], [remark.reason for remark in bad[at]], mapped.raws[at])
        for at in sorted(bad)
    ]
    good = [position for position in range(len(mapped.rows)) if position not in bad]
    return replace(
        mapped,
        rows=[mapped.rows[position] for position in good] if bad else mapped.rows,
        raws=[mapped.raws[position] for position in good] if bad else mapped.raws,
        raw_marks=[mapped.raw_marks[at] for at in good] if bad and mapped.raw_marks else mapped.raw_marks,
        remarks=[remarks[position] for position in good] if bad and remarks else remarks,
        numbers=[mapped.numbers[position] for position in good] if bad and mapped.numbers else mapped.numbers,
        rejects=mapped.rejects + rejects,
    )
