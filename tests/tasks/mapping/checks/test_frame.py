"""Rows as a data frame: types come from the stream, never from the values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tasks.mapping.checks.frame import DTYPES, frame_of
from tasks.streams import HUB_CONTACT, FieldType


def of(kind: FieldType) -> str:
    return next(name for name in HUB_CONTACT.fields if HUB_CONTACT.type_of(name) is kind)


def test_every_type_of_field_has_one_of_pandas() -> None:
    assert set(DTYPES) == set(FieldType)


@pytest.mark.parametrize("kind", [FieldType.TEXT, FieldType.BOOLEAN, FieldType.DATE, FieldType.TIMESTAMP])
def test_a_column_that_is_empty_here_is_still_of_its_type(kind: FieldType) -> None:
    name = of(kind)
    frame = frame_of([{name: None}, {name: None}], [name], HUB_CONTACT)
    assert str(frame[name].dtype) == DTYPES[kind]
    assert frame[name].isna().all()


def test_only_the_columns_that_are_asked_for_a_line_for_each_row() -> None:
    rows: list[dict[str, Any]] = [{"id": "a", "email": "x"}, {"id": "b", "email": None}]
    frame = frame_of(rows, ["email"], HUB_CONTACT)
    assert (list(frame.columns), list(frame.index), frame["email"][0]) == (["email"], [0, 1], "x")


def test_moments_are_without_their_zone() -> None:
    moment, day = of(FieldType.TIMESTAMP), of(FieldType.DATE)
    rows = [{moment: datetime(2026, 1, 2, 3, tzinfo=UTC), day: date(2026, 1, 2)}]
    frame = frame_of(rows, [moment, day], HUB_CONTACT)
    assert frame[moment][0].isoformat() == "2026-01-02T03:00:00"
    assert frame[day][0].isoformat() == "2026-01-02T00:00:00"


def test_of_no_rows_there_is_a_frame_too() -> None:
    assert len(frame_of([], ["email"], HUB_CONTACT)) == 0
