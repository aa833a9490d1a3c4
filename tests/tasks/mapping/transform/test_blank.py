"""Words that stand for nothing, and words that only look like it."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.mapping.transform.blank import is_blank


@pytest.mark.parametrize(
    "value",
    [
        *(
            "N/A",
            "n/a",
            "NA",
            "n.a.",
            "#N/A",
            "#REF!",
            "-",
            "--",
            "\u2014",
            ".",
            "...",
            "?",
            "??",
            "*",
            "_",
            "/",
            "",
        ),
        *("none", "NONE", "null", "<null>", "(none)", "[NULL]", "nil", "NaN", "unknown", "Undefined", "\\N"),
        *("k.A.", "k. A.", "keine", "keine Angabe", "unbekannt", "inconnu", "n\xe9ant", "desconocido", "TBD"),
        *(" N/A\u200b ", "not available"),
        *("noemail@noemail.com", "no-email@example.com", "none@none.com", "NA@na.de"),
    ],
)
def test_what_says_that_there_is_nothing(value: Any) -> None:
    assert is_blank(value)


@pytest.mark.parametrize(
    "value",
    [
        "0",
        0,
        "Nadia",
        "Null Inc",
        "None of Us",
        "Nan Goldin",
        "N",
        "null@example.com",
        "nora@none.example",
        "1",
        True,
        ["-"],
        {"a": 1},
        None,
        "\U0001f642",
    ],
)
def test_what_says_something(value: Any) -> None:
    assert not is_blank(value)


def test_a_field_has_words_of_its_own() -> None:
    assert is_blank("0", ["0"])
    assert is_blank(0, ["0"])
    assert is_blank("Nobody", ["nobody"])
    assert not is_blank("NA", None, ["na"])
    assert is_blank("N/A", None, ["na"])
