"""From a mapping's ``checks`` to expectations: each is built by itself, so that none is dropped unseen.

(A suite that is handed a list of declarations leaves out, without a word, those it does not know.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Where
from tasks.core.words import nearest
from tasks.mapping.checks import engine
from tasks.mapping.checks.arguments import misfit, with_moments
from tasks.mapping.language import Check, Mapping, OnFailure
from tasks.streams import STREAMS, FieldType

UNFIT = {
    "expect_column_to_exist": "the mapping compiler has seen to it",
    "expect_column_type_to_be": "every value has its field's type",
    "expect_column_values_to_be_in_type_list": "every value has its field's type",
    "expect_column_values_to_be_of_type": "every value has its field's type",
    "expect_query_results_to_match_comparison": "there is no database to ask",
    "expect_table_column_count_to_be_between": "the mapping says which fields there are",
    "expect_table_column_count_to_equal": "the mapping says which fields there are",
    "expect_table_columns_to_match_ordered_list": "the mapping says which fields there are",
    "expect_table_columns_to_match_set": "the mapping says which fields there are",
    "expect_table_row_count_to_equal_other_table": "there is no other table",
    "unexpected_rows_expectation": "there is no database to ask",
}
"""Expectations that have no meaning for a batch of rows, and why."""

INNER = frozenset(
    {
        *(
            "batch_id",
            "catch_exceptions",
            "condition_parser",
            "description",
            "id",
            "library_metadata",
            "meta",
        ),
        *("notes", "rendered_content", "result_format", "row_condition", "severity", "windows"),
    }
)
"""Arguments of every expectation that are not for mappings."""

COLUMN_WORDS = ("column", "column_A", "column_B", "column_list")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One expectation of a mapping, ready to be judged.

    Args:
        where: Its place in the mapping.
        options: Its arguments, columns included.
        columns: The columns it looks at; none for one about the batch as a whole.
        by_row: It has a verdict on each row, not only on the batch.
        expectation: Great Expectations' object.
    """

    where: Where
    rule: str
    options: dict[str, Any]
    columns: tuple[str, ...]
    by_row: bool
    on_failure: OnFailure
    expectation: Any

    @property
    def label(self) -> str:
        """``rule(column)``: what its verdicts are counted by."""
        return f"{self.rule}({', '.join(self.columns)})" if self.columns else self.rule


def declarations(mapping: Mapping) -> list[Declaration]:
    """The mapping's checks as expectations.

    Raises:
        BadMappingError: An expectation, an argument or a column is not right; all problems at once.
    """
    found: list[Declaration] = []
    problems: list[BadMappingError] = []
    for index, check in enumerate(mapping.checks):
        where: Where = ("checks", index)
        with BadMappingError.told_in(problems):
            kind = _kind(mapping, check, where)
            for options in _by_column(mapping, check, kind, where):
                with BadMappingError.told_in(problems):
                    found.append(_declared(mapping, check, kind, options, where, len(found)))
    problems += _repeated(mapping, found)
    if problems:
        raise BadMappingError.of(problems)
    return found


def _kind(mapping: Mapping, check: Check, where: Where) -> Any:
    engine.load()
    from great_expectations.expectations import registry  # noqa: PLC0415 - loaded by now

    names = set(registry.list_registered_expectation_implementations()) - UNFIT.keys()
    if check.expect in UNFIT:
        raise mapping.error(
            f"`{check.expect}` is not for mappings: {UNFIT[check.expect]}", (*where, "expect")
        )
    if check.expect not in names:
        remedy = nearest(check.expect, names)
        raise mapping.error(f"unknown expectation `{check.expect}`", (*where, "expect"), remedy)
    return registry.get_expectation_impl(check.expect)


def _by_column(mapping: Mapping, check: Check, kind: Any, where: Where) -> Iterator[dict[str, Any]]:
    """The arguments of each expectation a check stands for: ``columns`` may be several of them."""
    columns = check.options.get("columns")
    if columns is None:
        yield check.options
        return
    if not isinstance(columns, list) or not columns:
        raise mapping.error("`columns` is a list of fields", (*where, "columns"))
    rest = {name: value for name, value in check.options.items() if name != "columns"}
    if "column_list" in kind.__fields__:
        yield rest | {"column_list": columns}
    elif "column_A" in kind.__fields__ and len(columns) == 2:  # noqa: PLR2004 - a pair
        yield rest | {"column_A": columns[0], "column_B": columns[1]}
    else:
        yield from (rest | {"column": column} for column in columns)


def _declared(
    mapping: Mapping, check: Check, kind: Any, options: dict[str, Any], where: Where, index: int
) -> Declaration:
    from great_expectations.expectations import expectation as kinds  # noqa: PLC0415 - loaded by now

    words = kind.__fields__.keys() - INNER
    problems: list[BadMappingError] = []
    for word in options:
        if word not in words:
            remedy = nearest(word, words | {"expect", "on_failure", "columns"})
            problems.append(
                mapping.error(f"`{check.expect}` has no argument `{word}`", (*where, word), remedy)
            )
    columns = _columns(options)
    problems += _unknown_columns(mapping, check, options, where)
    if problems:
        raise BadMappingError.of(problems)
    types = [STREAMS[mapping.target].type_of(column) for column in columns]
    problem = misfit(check.expect, options, types)
    if problem:
        raise mapping.error(problem, where)
    declared = Declaration(
        where=where,
        rule=check.expect,
        options=options,
        columns=columns,
        by_row=issubclass(
            kind,
            kinds.ColumnMapExpectation | kinds.ColumnPairMapExpectation | kinds.MulticolumnMapExpectation,
        ),
        on_failure=check.on_failure,
        expectation=_built(mapping, check.expect, options, types, where, index),
    )
    if declared.on_failure is OnFailure.DROP and (problem := _undroppable(mapping, declared)):
        raise mapping.error(problem, (*where, "on_failure"))
    return declared


def _undroppable(mapping: Mapping, declared: Declaration) -> str:
    """Why a check cannot drop the values that fail; empty if it can."""
    if not declared.by_row or len(declared.columns) != 1:
        return f"`{declared.rule}` is not about single values: there is none to drop"
    [column] = declared.columns
    field = STREAMS[mapping.target].field(column)
    if mapping.fields[column].required or (field is not None and field.required):
        return f"`{column}` is required: its value cannot be dropped"
    return ""


def _columns(options: dict[str, Any]) -> tuple[Any, ...]:
    given = [options.get(word, []) for word in COLUMN_WORDS]
    return tuple(column for one in given for column in (one if isinstance(one, list) else [one]))


def _unknown_columns(
    mapping: Mapping, check: Check, options: dict[str, Any], where: Where
) -> Iterator[BadMappingError]:
    for word in COLUMN_WORDS:
        for column in _columns({word: options.get(word, [])}):
            if not isinstance(column, str) or column not in mapping.fields:
                place = (*where, word if word in check.options else "columns")
                remedy = nearest(str(column), mapping.fields)
                yield mapping.error(f"{shown(column)} is not a field of this mapping", place, remedy)


def _built(
    mapping: Mapping, rule: str, options: dict[str, Any], types: list[FieldType], where: Where, index: int
) -> Any:
    from great_expectations.expectations.expectation_configuration import (  # noqa: PLC0415 - loaded by now
        ExpectationConfiguration,
    )

    try:
        kwargs = with_moments(options, types)
        # The position is how a verdict finds its declaration again.
        return ExpectationConfiguration(type=rule, kwargs=kwargs, meta={"index": index}).to_domain_obj()
    except ValueError as error:
        raise mapping.error(f"`{rule}`: {_first_problem(error)}", where) from None


def _first_problem(error: ValueError) -> str:
    """What is wrong, in pydantic's words or our own."""
    details: list[dict[str, Any]] = getattr(error, "errors", list)()
    if not details:
        return str(error)
    place = ".".join(str(part) for part in details[0]["loc"] if part != "__root__")
    return f"`{place}`: {details[0]['msg']}" if place else str(details[0]["msg"])


def _repeated(mapping: Mapping, found: list[Declaration]) -> Iterator[BadMappingError]:
    seen: dict[str, Declaration] = {}
    for declaration in found:
        content = f"{declaration.rule}{sorted(declaration.options.items())}"
        if content in seen:
            yield mapping.error(f"`{declaration.label}` is checked twice", declaration.where)
        seen[content] = declaration
