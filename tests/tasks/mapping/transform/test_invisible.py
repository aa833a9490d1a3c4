"""What nobody sees."""

from __future__ import annotations

import pytest

from tasks.mapping.transform.invisible import visible


@pytest.mark.parametrize("mark", list("\u200b\ufeff\u200e\u200f\u202a\u202e\u2066\u2069\u2060\xad"))
def test_what_nobody_sees_goes(mark: str) -> None:
    assert visible(f"{mark}ada{mark}@x {mark}") == "ada@x"


@pytest.mark.parametrize(
    "text", ["ada", "\U0001f468\u200d\U0001f469", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"]
)
def test_what_joins_letters_and_emoji_stays(text: str) -> None:
    assert visible(text) == text
