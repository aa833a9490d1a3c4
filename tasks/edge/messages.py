"""What a channel is sent: one message for each notice, or a digest of several; plain text.

Each notice ends in a short reference, the same whenever it is sent: so a repeat is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tasks.core.words import counted
from tasks.hub.notices import Notice
from tasks.mapping.channels import Channel

LONGEST = 1_900
"""Characters of a message: Discord takes 2,000, the others more."""

TEXT, SUBJECT = 1_500, 120
"""Characters of one notice's text and subject; what is longer is shortened."""

MOST = 20
"""Notices in one digest."""


def parcels(channel: Channel, due: Sequence[Notice]) -> Iterator[list[Notice]]:
    """The notices that make a message each, those that were never tried first.

    Notices that failed equally often share a digest: so one that is never taken holds up no later ones.
    """
    ordered = sorted(due, key=lambda one: (one.tries, one.made_at, one.key))
    for _, tried in groupby(ordered, key=lambda one: one.tries):
        shared: list[Notice] = []
        for one in tried:
            if not (channel.together if one.digest is None else one.digest):
                yield [one]
            elif shared and (len(shared) == MOST or len(_digest([*shared, one])) > LONGEST):
                yield shared
                shared = [one]
            else:
                shared.append(one)
        if shared:
            yield shared


def message(notices: Sequence[Notice]) -> tuple[str, str]:
    """Subject and body of the message that tells some notices."""
    if len(notices) == 1:
        [one] = notices
        return _subject(one), _body(_shortened(one.text, TEXT), one)
    return counted(len(notices), "notice"), _digest(notices)


def _digest(notices: Sequence[Notice]) -> str:
    return "\n\n".join(_body(_told(one), one) for one in notices)


def _told(one: Notice) -> str:
    """A notice among others: its subject, and its text where that says more."""
    text = _shortened(one.text, TEXT)
    return f"{_subject(one)}\n{text}" if one.subject.strip() else text


def _subject(one: Notice) -> str:
    lines = (one.subject.strip() or one.text.strip()).splitlines()
    return _shortened(lines[0] if lines else one.rule, SUBJECT)


def _body(text: str, one: Notice) -> str:
    reference = f"{'(repeat possible) ' if one.is_repeat else ''}ref {one.reference}"
    return "\n".join(filter(None, (text, one.link, reference)))


def _shortened(text: str, length: int) -> str:
    text = text.strip()
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
