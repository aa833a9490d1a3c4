"""Workbooks: what their cells hold, and which sheet is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.styles import Font

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


def sentences(path: Path, **options: str) -> list[str]:
    return open_file(path, **options).reading.sentences()


def test_sheets_that_are_not_read_are_told(workbook: Callable[..., Path]) -> None:
    path = workbook([["Name"], ["Ada"]], Old=[["Name"], ["Bob"], [], ["Cy"]], Empty=[])
    assert sentences(path) == ["Sheet `Old` with 3 rows is not read; sheet=Old reads it instead."]
    assert open_file(path, sheet="Old").reading.facts == {"sheet": "Old", "header": 1}


def test_a_cover_is_no_table(workbook: Callable[..., Path]) -> None:
    path = workbook(
        [["This workbook holds our contacts."], ["See the next sheet."]], Leads=[["Name"], ["Bob"]]
    )
    assert records(path)[0]["name"] == "Bob"
    assert sentences(path) == ["Sheet `People` with 2 rows is not read; sheet=People reads it instead."]


def test_of_several_sheets_the_first_with_known_columns_is_read(workbook: Callable[..., Path]) -> None:
    pivot = [["Row Labels", "Count"], ["NY", 5]]
    path = workbook(
        pivot, Leads=[["Name", "Email"], ["Bob", "b@x.com"]], More=[["Name", "Email"], ["Cy", ""]]
    )
    assert records(path)[0]["name"] == "Bob"
    assert len(sentences(path)) == 2


def test_formulas_without_a_result_are_counted_by_column(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Name", "Email", "Phone"], ["Ada", '=A2&"@x.com"', "=1+1"], ["Bea", '=A3&"@x.com"', "+1 2"]):
        sheet.append(row)
    book.save(tmp_path / "people.xlsx")
    told = sentences(tmp_path / "people.xlsx")
    assert [one.partition(". ")[0] for one in told] == [
        "Column B `Email`: formulas without a stored result, read as empty: 2",
        "Column C `Phone`: formulas without a stored result, read as empty: 1",
    ]


def test_formulas_with_a_result_are_what_they_come_to(workbook: Callable[..., Path], tmp_path: Path) -> None:
    path = in_sheet(
        workbook([["Name", "Email"], ["Ada", "?"]]),
        b'<c r="B2" t="inlineStr"><is><t>?</t></is></c>',
        b'<c r="B2" t="str"><f>A2&amp;"@x.com"</f><v>ada@x.com</v></c><c r="C2" t="str"><f>""</f><v></v></c>',
    )
    assert (records(path)[0]["email"], sentences(path)) == ("ada@x.com", [])


def test_cells_that_do_not_say_where_they_are_count_as_well(workbook: Callable[..., Path]) -> None:
    path = workbook([["Name"], ["Ada"]], Old=[["Name"]])
    in_sheet(path, b' r="A1"', b"", number=2)
    assert sentences(path) == ["Sheet `Old` with 1 row is not read; sheet=Old reads it instead."]


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD1"])
def test_a_formatted_cell_far_off_is_nothing(workbook: Callable[..., Path], cell: str) -> None:
    path = stray(workbook([["Name"], ["Ada"]]), cell, None)
    assert (records(path)[0]["name"], sentences(path)) == ("Ada", [])


def test_a_value_far_off_is_refused_by_the_cell_s_name(workbook: Callable[..., Path]) -> None:
    path = stray(workbook([["Name"], ["Ada"]]), "XFD1048576", " ")
    with pytest.raises(BadConfigurationError, match="reaches to XFD1048576 and XFD1048576") as caught:
        open_file(path)
    assert "Delete what stands there" in caught.value.remedy


def test_two_values_far_off_in_two_directions_are_refused(workbook: Callable[..., Path]) -> None:
    path = stray(stray(workbook([["Name"], ["Ada"]]), "XFD1", "x"), "A1048576", "x")
    with pytest.raises(BadConfigurationError, match="reaches to XFD1 and A1048576"):
        open_file(path)


def test_a_value_off_that_makes_a_grid_of_nothing_is_refused(workbook: Callable[..., Path]) -> None:
    path = stray(workbook([["Name"], *(["Ada"] for _ in range(9_000))]), "ZZ50", " ")
    with pytest.raises(BadConfigurationError, match="reaches to ZZ50 and A9001"):
        open_file(path)


def test_a_value_somewhat_off_costs_nothing(workbook: Callable[..., Path]) -> None:
    path = stray(workbook([["Name"], ["Ada"]]), "AZ900", "x")
    assert [record.get("name") for record in records(path)] == ["Ada", None]


def test_another_sheet_that_reaches_too_far_does_not_matter(workbook: Callable[..., Path]) -> None:
    path = stray(workbook([["Name", "City"], ["Ada", "Ulm"]], Old=[["x"]]), "XFD1048576", "x", sheet="Old")
    assert records(path)[0]["name"] == "Ada"
    assert sentences(path) == ["Sheet `Old` with 2 rows is not read; sheet=Old reads it instead."]
    with pytest.raises(BadConfigurationError, match="sheet `Old` reaches to XFD1048576"):
        open_file(path, sheet="Old")


@pytest.mark.parametrize(("before", "refused"), [(0, False), (1_048_000, True)])
def test_an_opendocument_sheet_that_reaches_too_far_is_refused(
    tmp_path: Path, before: int, refused: bool
) -> None:
    path = opendocument(tmp_path / "people.ods", before)
    if not refused:
        assert [record.get("name") for record in records(path)] == ["Ada", None]
        return
    with pytest.raises(BadConfigurationError, match="reaches to XFD1048002 and XFD1048002"):
        open_file(path)


def opendocument(path: Path, before: int) -> Path:
    """A workbook with a name, and a value far to the right after so many empty rows."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row>{}</table:table-row>"
    empty = (
        '<table:table-cell table:number-columns-repeated="16383"/>'
        if before
        else cell.format("") + "<table:table-cell/>"
    )
    gap = (
        f'<table:table-row table:number-rows-repeated="{before - 1}"><table:table-cell/></table:table-row>'
        if before
        else ""
    )
    rows = row.format(cell.format("Name")) + row.format(cell.format("Ada")) + gap
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    body = f'<table:table table:name="People">{rows}{row.format(empty + cell.format("x"))}</table:table>'
    with ZipFile(path, "w") as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet>{body}</office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    return path


def stray(path: Path, cell: str, value: str | None, sheet: str = "People") -> Path:
    """The workbook with one more cell, empty but formatted or with a value."""
    book = openpyxl.load_workbook(path)
    book[sheet][cell].font = Font(bold=True)
    book[sheet][cell] = value
    book.save(path)
    return path


def in_sheet(path: Path, old: bytes, new: bytes, number: int = 1) -> Path:
    """The workbook with another text in one of its sheets."""
    part = f"xl/worksheets/sheet{number}.xml"
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path
