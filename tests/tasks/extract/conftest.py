"""Files for tests: text and bytes as they are, workbooks by their rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to_file


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Saves rows as ``people.xlsx``; further sheets by name."""

    def save(rows: list[list[Any]], **sheets: list[list[Any]]) -> Path:
        book = openpyxl.Workbook()
        for at, (name, cells) in enumerate({"People": rows, **sheets}.items()):
            sheet = book.create_sheet(name, at)
            for row in cells:
                sheet.append(row)
        del book["Sheet"]
        book.save(tmp_path / "people.xlsx")
        return tmp_path / "people.xlsx"

    return save
