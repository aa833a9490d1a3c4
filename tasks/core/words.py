"""Words for people: the right one that comes nearest to a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

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


def nearest(word: str, words: Iterable[str]) -> str:
    """The remedy for a misspelt word: the nearest right one, or the right ones if they are few."""
    known = sorted(words)
    if close := closest(word, known):
        return f"did you mean `{close[0]}`?"
    return f"one of: {', '.join(known)}" if 0 < len(known) <= FEW else ""
