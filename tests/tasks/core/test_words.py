"""The nearest right word to a wrong one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tasks.core.words import ANY, closest, did_you_mean, in_words, nearest, nearest_of_all, sentence

WORDS = ["overwrite", "fill_empty", "newest", "add", "never"]


@pytest.mark.parametrize(
    ("word", "right"), [("overwrit", "overwrite"), ("NEWEST", "newest"), ("fill-empty", "fill_empty")]
)
def test_a_slip_is_told_with_the_word_that_was_meant(word: str, right: str) -> None:
    assert closest(word, WORDS) == [right]
    assert nearest(word, WORDS) == f"did you mean `{right}`?"


def test_a_word_that_is_near_to_none_is_told_all_of_them_if_they_are_few() -> None:
    assert closest("zzz", WORDS) == []
    assert nearest("zzz", WORDS) == "one of: add, fill_empty, never, newest, overwrite"
    assert nearest("zzz", map(str, range(100))) == ""
    assert closest("zzz", WORDS, likeness=ANY) != []


def test_several_are_told_the_nearest_first() -> None:
    assert closest("create_contacts", ["create_contact", "create_note", "x"], most=2)[0] == "create_contact"


def test_a_remedy_in_sentences_tells_the_nearest_and_all() -> None:
    told = nearest_of_all("newst", WORDS)
    assert told == "Did you mean `newest`? All of them: overwrite, fill_empty, newest, add, never."
    assert nearest_of_all("zzz", WORDS) == "All of them: overwrite, fill_empty, newest, add, never."
    near = did_you_mean("create_contacts", ["create_contact", "create_contact_2"], most=2)
    assert near == "did you mean `create_contact` or `create_contact_2`?"
    assert sentence("did you mean `firstName`?") == "Did you mean `firstName`?"
    assert sentence("") == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1, "1"),
        (2.0, "2"),
        (2.5, "2.5"),
        ([], "-"),
        (["a", None, ["b"]], "a, -, b"),
        ({"a": True, "b": {"c": 1}}, "a: yes, b: c: 1"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04:00 UTC"),
    ],
)
def test_a_value_is_shown_in_words_and_not_as_a_programming_language_writes_it(
    value: Any, words: str
) -> None:
    assert in_words(value) == words
