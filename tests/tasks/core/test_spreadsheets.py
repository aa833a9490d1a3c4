"""What a spreadsheet program would run as a formula is text in an export, and itself again in an import."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.spreadsheets import neutralised, restored


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x.example","Ada")',
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1,2)",
        "\tx",
        "\rx",
        " =1+1",
        "\uff1d1",
        "-",
        "+49 30 (0) x",
        "-1+1",
        "+1-212-555-0101",
    ],
)
def test_what_would_be_run_is_made_text_and_taken_back(text: str) -> None:
    assert neutralised(text) == f"'{text}"
    assert restored(neutralised(text)) == text


@pytest.mark.parametrize(
    "text",
    ["+12125550101", "+1 212 555 0101", "+49 (30) 901820", "-5", "-12.50", "+3", "Ada", "O'Neil", "'tis", ""],
)
def test_numbers_phones_and_other_text_stay_as_they_are(text: str) -> None:
    assert neutralised(text) == restored(text) == text


def test_a_number_that_a_spreadsheet_user_marked_as_text_is_the_number() -> None:
    assert restored("'+12125550101") == "+12125550101"


@given(st.text(st.sampled_from("'=+-@\t\n Ab1\uff1d"), max_size=6))
def test_export_and_import_give_back_any_text(text: str) -> None:
    written = neutralised(text)
    assert not written.lstrip(" ").startswith(("=", "@", "\t", "\n", "\uff1d"))
    assert restored(written) == text
