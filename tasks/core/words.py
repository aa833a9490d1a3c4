"""Words for people: the right one that comes nearest to a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Any

FEW = 12
"""So many right words fit on a line."""

NEAR, ANY = 0.6, 0.0
"""How alike a word must be: enough to be a slip, or not at all."""


def closest(word: str, words: Iterable[str], *, most: int = 1, likeness: float = NEAR) -> list[str]:
    """The right words that come nearest to a wrong one, the nearest first; none where none is near.

    Args:
        most: How many at most.
        likeness: How alike they must be, 0 to 1.
    """
    folded = {known.casefold(): known for known in words}
    return [folded[near] for near in get_close_matches(word.casefold(), folded, n=most, cutoff=likeness)]


def did_you_mean(word: str, words: Iterable[str], *, most: int = 1, likeness: float = NEAR) -> str:
    """The question after a misspelt word, "did you mean `a` or `b`?"; "" where none is near."""
    near = closest(word, words, most=most, likeness=likeness)
    return f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""


def nearest(word: str, words: Iterable[str]) -> str:
    """The remedy for a misspelt word: the nearest right one, or the right ones if they are few."""
    known = sorted(words)
    few = f"one of: {', '.join(known)}" if 0 < len(known) <= FEW else ""
    return did_you_mean(word, known) or few


def nearest_of_all(word: str, words: Iterable[str]) -> str:
    """The remedy for a misspelt word as sentences: the nearest right one, and all of them."""
    known = list(words)
    return f"{sentence(did_you_mean(word, known))} All of them: {', '.join(known)}.".strip()


def counted(number: int, one: str) -> str:
    """A number of things: "1 change", "2,500 changes"."""
    return f"{number:,} {one}{'s' * (number != 1)}"


def in_words(value: Any) -> str:
    """A value for reading: never as a programming language writes it; "-" for nothing."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {in_words(item)}" for key, item in value.items()) or "-"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(in_words, value)) or "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} {value.tzname() or ''}".rstrip()
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    named = {None: "-", True: "yes", False: "no"}
    return named[value] if value is None or isinstance(value, bool) else str(value)


def sentence(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]
