"""What a person calls something that the hub keeps: its id, any part of it that no other has, or ``last``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tasks.core.errors import BadConfigurationError
from tasks.core.remedies import by_command
from tasks.core.words import counted, did_you_mean, sentence

LAST = "last"
"""The word for the newest."""

CANDIDATES = 5
"""Of those that a word may mean, so many are named."""

NEAR = 0.7
"""How alike an id must be to a word that is none; ids without meaning are all a little alike."""

RECENT = 200
"""Among so many of the newest the nearest id is looked for."""


def several(what: str, word: str, found: Sequence[tuple[str, str]]) -> BadConfigurationError:
    """The refusal of a word that may mean several things.

    Args:
        what: What they are, in the singular, e.g. ``plan``.
        found: Id of each, and what it is, for people.
    """
    named = "; ".join(f"{id_} ({about})" for id_, about in found[:CANDIDATES])
    more = f"; and {counted(rest, 'other')}" if (rest := len(found) - CANDIDATES) > 0 else ""
    return BadConfigurationError(
        f"Several {what}s match {word!r}: {named}{more}.", remedy="Give more of the id."
    )


def none(what: str, word: str, known: Iterable[str], command: str) -> BadConfigurationError:
    """The refusal of a word that means nothing.

    Args:
        what: What was looked for, in the singular, e.g. ``plan``.
        known: Ids that there are.
        command: What lists them, without the program's name.
    """
    near = sentence(did_you_mean(word, known, likeness=NEAR))
    listed = f"For all of them, {by_command(command)}"
    return BadConfigurationError(f"There is no {what} {word!r}.", remedy=f"{near} {listed}".strip())
