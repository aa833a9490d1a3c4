"""Workbooks: what their cells hold, and which sheet is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.core.errors import BadConfigurationError
from tasks.extract.files import open_file
from tests.tasks.extract.reading import records


def test_a_workbook_keeps_zeros_and_numbers_whole(workbook: Callable[..., Path]) -> None:
    day, moment = dt.date(1815, 12, 10), dt.datetime(2024, 1, 31, 22, 30)  # noqa: DTZ001 - a sheet has no zones
    header = ["Name", "Phone", "ZIP", "Birthday", "Updated at", "VIP", "Score", "Time", "Took"]
    ada = ["Ada", 49151234567, "01067", dt.date(1915, day.month, day.day), moment, True, 1.5]
    path = workbook([[], header, [*ada, dt.time(8, 30), dt.timedelta(hours=30)], [], ["Bob", "#N/A"]])
    found = records(path)
    assert found[0] == {
        "name": "Ada",
        "phone": 49151234567,
        "postal_code": "01067",
        "date_of_birth": "1915-12-10",
        "updated_at": "2024-01-31T22:30:00",
        "vip": True,
        "score": 1.5,
        "time": "08:30:00",
        "took": "1 day, 6:00:00",
        "id": "phone:49151234567",
        "_row": 3,
    }
    assert (found[1]["name"], found[1]["_row"]) == ("Bob", 5)


def test_a_sheet_is_the_first_or_the_one_that_is_named(workbook: Callable[..., Path]) -> None:
    path = workbook([["Name"], ["Ada"]], Leads=[["Name"], ["Bob"]], Empty=[])
    assert [records(path)[0]["name"], records(path, sheet="Leads")[0]["name"]] == ["Ada", "Bob"]
    with pytest.raises(BadConfigurationError, match=r"no sheet `leads`.\n.*People, Leads, Empty"):
        open_file(path, sheet="leads")
    with pytest.raises(BadConfigurationError, match="sheet `Empty` is empty"):
        open_file(path, sheet="Empty")


def test_a_workbook_is_known_by_its_content(workbook: Callable[..., Path]) -> None:
    path = workbook([["Name"], ["Ada"]])
    assert records(path.rename(path.with_suffix(".xls")))[0]["name"] == "Ada"
