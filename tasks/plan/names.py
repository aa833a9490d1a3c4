"""Whether two names may be one person's or one company's: case, accents, order and initials do not count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import combining, normalize

from tasks.streams import Naming

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_IGNORED = frozenset(
    re.findall(
        r"\w+", "mr mrs ms miss dr prof sir herr frau mme mlle sr sra srta jr ii iii phd md mba dipl ing"
    )
)
"""Titles, which are written or left out as people like."""

_APOSTROPHE = re.compile("['`\u2018\u2019\u00b4]")


@dataclass(frozen=True, slots=True)
class Name:
    """What a record is called.

    Args:
        given: Words of the given name alone; empty where it is not known apart.
        words: All words of the name, titles left out.
        shown: For people.
    """

    given: tuple[str, ...]
    words: tuple[str, ...]
    shown: str

    def may_be(self, other: Name) -> bool:
        """Whether both may be called so: every word of the shorter one stands in the longer one."""
        return _agree(self.words, other.words)

    def is_clearly_another(self, other: Name) -> bool:
        """Whether the given names differ; where one is not known, whether no word at all is shared."""
        if self.may_be(other):
            return False
        if self.given and other.given:
            return not _agree(self.given, other.given)
        return not any(_same(one, its) for one in self.words for its in other.words)


def name_of(row: Mapping[str, Any], naming: Naming) -> Name:
    """What a row is called.

    Args:
        naming: The row's fields that name it.
    """
    given, family, whole = (str(row.get(field) or "") if field else "" for field in naming)
    if not given and naming.given and whole and not family:
        family, comma, given = whole.partition(",")
        if not comma:
            given, _, family = whole.partition(" ")
    shown = " ".join(f"{given} {family}".split()) or whole
    return Name(_words(given), _words(shown), shown)


def _words(text: str) -> tuple[str, ...]:
    joined = _APOSTROPHE.sub("", normalize("NFC", text).casefold())
    words = re.findall(r"[^\W_]+", joined)
    return tuple(word for word in words if word not in _IGNORED) or tuple(words)


def _agree(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    if "".join(map(_plain, some)) == "".join(map(_plain, others)):  # Jean-Luc, Jeanluc
        return True
    short, long = sorted((some, others), key=len)
    rest = list(long)
    for word in short:
        found = next((its for its in rest if _same(word, its)), None)
        if found is None:
            return False
        rest.remove(found)
    return True


def _same(one: str, other: str) -> bool:
    """Whether two words are one, or one is the other's initial."""
    if min(len(one), len(other)) == 1:
        return _plain(one)[0] == _plain(other)[0]
    return not _spellings(one).isdisjoint(_spellings(other))


def _spellings(word: str) -> set[str]:
    return {_plain(word), _plain(word.translate(_UMLAUTS))}


def _plain(word: str) -> str:
    apart = normalize("NFKD", word.translate(_LETTERS))
    return "".join(letter for letter in apart if not combining(letter))
