"""Tags of one cell: what stands between them, and which of them are one though it holds a comma.

A cell's separator is the strongest it has: a comma within a list of semicolons belongs to its tag.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from contextlib import suppress

from tasks.mapping.transform.invisible import visible

SEPARATORS = (":::", "\n", "\t", ";", "|", "\uff1b", "\uff0c", "\u3001", ",")
"""What stands between tags, the strongest first: Google's, line breaks, Outlook's, and so on."""

LIST_LIMIT = 10_000
"""Characters up to which a text is tried as a list."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_STAND_IN = "\x1f"


def split_tags(text: str, separator: str | None = None) -> list[str]:
    """The tags of a text: a list as programs write one, or as people do.

    Args:
        separator: What stands between them, where the text is not to tell.
    """
    said = visible(text.replace("\r\n", "\n").replace("\r", "\n"))
    listed = _as_program(said)
    if listed is not None:
        return listed
    if separator is None:
        bare = _QUOTED.sub("", said)
        separator = next((one for one in SEPARATORS if one in bare), ",")
    [parts] = csv.reader(
        [said.replace("\n", " ").replace(separator, _STAND_IN)]
        if separator != "\n"
        else [said.replace("\n", _STAND_IN)],
        delimiter=_STAND_IN,
        skipinitialspace=True,
    )
    return [_grouped(part.replace(_STAND_IN, separator)) for part in parts]


def _as_program(said: str) -> list[str] | None:
    """The tags of a JSON array, or of Python's way to write one; None for other text."""
    if not (said.startswith("[") and said.endswith("]")) or len(said) > LIST_LIMIT:
        return None
    for read in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            found = read(said)
            if isinstance(found, list):
                return [str(one) for one in found if isinstance(one, str | int | float)]
    return None


def _grouped(tag: str) -> str:
    """A tag without the star that Google puts before the groups of its own."""
    return visible(tag).removeprefix("* ").strip()
