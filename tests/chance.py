"""What the random tests draw from, and how much of it: a little by default, much in ``make test-long``."""

from __future__ import annotations

import os
import random

SEED = "RANDOM_SEED"
"""The setting that draws the same again; told at the end of every session."""


def settle_seed() -> str:
    """The session's seed, for this process and those that it starts."""
    return os.environ.setdefault(SEED, str(random.randrange(10**6)))


def dice(*about: object) -> random.Random:
    """Dice of their own for what a test is about."""
    return random.Random(" ".join(map(str, (settle_seed(), *about))))


def many(name: str, few: int) -> int:
    """How many of something, e.g. ``RANDOM_KILLS``; few unless the environment says otherwise."""
    return int(os.environ.get(name) or few)
