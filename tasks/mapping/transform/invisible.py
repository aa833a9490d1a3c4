"""Characters that nobody sees: they make two of one address or tag.

Copied from web pages, mails and chats they come along: zero-width spaces, byte order marks, direction marks,
soft hyphens.
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


def visible(text: str) -> str:
    """The text without what nobody sees, and without outer space.

    What joins letters or emoji (U+200C, U+200D) changes how a text looks, and stays.
    """
    return text.strip() if text.isascii() else _INVISIBLE.sub("", text).strip()
