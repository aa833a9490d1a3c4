"""The nearest right word to a wrong one."""

from __future__ import annotations

import pytest

from tasks.core.words import ANY, closest, did_you_mean, nearest, nearest_of_all, sentence

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
