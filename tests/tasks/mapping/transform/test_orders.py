"""The order of a column's dates, by what its values prove."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tasks.mapping.language import Mapping
from tasks.mapping.transform.orders import Columns

Load = Callable[..., Mapping]


@pytest.fixture
def columns(mapping_of: Load) -> Columns:
    return Columns(mapping_of("date_of_birth: {from: born, clean: [blank, birthday]}"))


def born(*dates: str | int | None) -> list[dict[str, str | int | None]]:
    return [{"born": date} for date in dates]


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["2/3/1990", "28/2/1990"], "dmy"),
        (["28.02.1990", "2/3/1990", None, "N/A", 32932, "1990-02-28"], "dmy"),
        (["2/28/90", "2/3/1990"], "mdy"),
        (["2/28/90", "28/2/1990", "2/3/1990"], None),
        (["2/3/1990", "4/5/1991"], None),
    ],
)
def test_one_value_proves_it_and_two_that_contradict_each_other_prove_nothing(
    columns: Columns, dates: list[str | int | None], order: str | None
) -> None:
    columns.look(born(*dates))
    assert columns.options() == ({"date_of_birth": {"order": order}} if order else {})


def test_what_was_concluded_is_told_where_it_matters(columns: Columns) -> None:
    columns.look(born("28/2/1990", "28/3/1990"))
    assert columns.notes() == []
    columns.look(born("2/3/1990"))
    [note] = columns.notes()
    assert note == (
        "date_of_birth: dates such as 2/3/1990 are read as day/month,"
        " as 2 other values of the column can only be."
    )


@pytest.mark.parametrize("options", ["order: mdy", "format: '%d/%m/%Y'", "epoch: seconds"])
def test_what_the_mapping_says_itself_is_not_looked_for(mapping_of: Load, options: str) -> None:
    assert not Columns(mapping_of(f"date_of_birth: {{from: born, clean: {{date: {{{options}}}}}}}"))
    assert not Columns(mapping_of("city: {from: born, clean: text}"))


def test_a_record_that_is_none_proves_nothing(mapping_of: Load) -> None:
    columns = Columns(mapping_of("date_of_birth: {from: 'length(born)', clean: date}"))
    columns.look([None, "x", {"born": 3}])
    assert columns.options() == {}
