"""Tables keep every value whole: on one line where they are piped, a line each in a narrow terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from cli import console

ROOT = Path(__file__).parents[2]
LONG = "a-value-without-a-space-" * 20


def shown(width: int, *values: object) -> str:
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "out", Console(file=written, width=width))
        console.table("things", {"plan": "left", "about": "left", "number": "right"}, [values])
    return written.getvalue()


def test_what_is_piped_has_every_value_on_one_line() -> None:
    program = f"from cli import console; console.table('t', {{'a': 'left', 'b': 'left'}}, [('{LONG}', 'x')])"
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    assert any(LONG in line and "x" in line for line in done.stdout.splitlines())


@pytest.mark.parametrize("width", [12, 30, 60])
def test_a_narrow_terminal_gets_a_value_a_line_and_none_is_cut(width: int) -> None:
    assert shown(width, "abcdef123456", LONG, 7).splitlines()[-4:] == [
        "plan: abcdef123456",
        f"about: {LONG}",
        "number: 7",
        "",
    ]


def test_a_terminal_that_is_wide_enough_gets_a_table() -> None:
    assert "│ abcdef123456 │ people.csv │      7 │" in shown(60, "abcdef123456", "people.csv", 7)


def test_a_cell_is_text_in_words_and_neither_markup_nor_control_codes() -> None:
    line = shown(110, "[red]x[/red]\x1b[31m", ["a", None], datetime(2026, 1, 2, tzinfo=UTC))
    assert "│ [red]x[/red]�[31m │ a, - " in line
    assert "2026-01-02 00:00:00 UTC" in line
