"""Secrets taken out of what is shown: answers and requests on a screen or in an artifact.

HighLevel's records may hold credentials of other systems (a custom value, a provider's key), and the
artifact of a run is read by everybody who can open the Prefect UI. A page's cursor is no secret, though
it is called a token.
"""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "(hidden)"

_SECRET_NAME = re.compile(r"token|secret|password|authorization|api_?key|private_?key", re.IGNORECASE)
_CURSOR_NAME = re.compile(r"page_?token", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"\bpit-[\w-]{8,}|\bBearer\s+[\w.~+/=-]{8,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*", re.IGNORECASE
)
"""Private integration tokens, authorization headers, JSON web tokens."""


def redact(value: Any, name: str = "") -> Any:
    """A JSON value without its secrets.

    Args:
        name: The key that the value has in the object around it.
    """
    if isinstance(value, dict):
        return {key: redact(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [redact(item, name) for item in value]
    if value and isinstance(value, str):
        if _SECRET_NAME.search(name) and not _CURSOR_NAME.search(name):
            return HIDDEN
        return _SECRET_TEXT.sub(HIDDEN, value)
    return value
