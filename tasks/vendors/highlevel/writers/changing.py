"""How an update of fields ends, whatever kind of record it is of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tasks.core.batch import Row
from tasks.core.change import Change, FieldChange, State
from tasks.vendors.highlevel.writers import lookup
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect


class ChangedMeanwhileError(Exception):
    """Somebody changed what was to be written, between two tries of it.

    Args:
        row: The record as it is now; empty where it is gone.
    """

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row


def landed(
    context: Context,
    change: Change,
    row: Row,
    updated_at: datetime | None,
    sent: Sequence[FieldChange] | None = None,
) -> Effect | None:
    """What became of an update that nobody saw the end of, by the record now; None where it had no effect.

    One that had half of it stays planned, with what is there recorded as ours.

    Args:
        sent: The fields that were just sent, beside what is known to be written; None where that is not
            known: then all that is there may be ours.
    """
    todo, moved = context.moved(change, row)
    there = [one for one in change.fields if one not in todo and one not in moved]
    if lookup.is_touched(change, updated_at):
        change.wrote(one for one in there if sent is None or one in sent)
    written = change.result.get("written")
    if not written:
        return None
    missed = context.dropped(
        [one for one in todo if one.field in written], row
    )  # an answer told that they went
    change.result |= {"dropped": missed} if missed else {}
    todo = [one for one in todo if one.field not in missed]
    change.state = State.PLANNED if todo or moved else State.DONE
    offered = [one for one in change.fields if one in there or one.field in missed]
    origins = context.origins(offered, change.wanted, row)
    return Effect(change, row, origins=origins, link=context.link(change))


def updated(
    context: Context, change: Change, unwritten: Sequence[FieldChange], row: Row | None, told: str
) -> Effect:
    """The end of an update.

    Args:
        unwritten: Fields that were left.
        row: The record after it.
        told: Why they were.
    """
    written = [one for one in change.fields if one not in unwritten]
    change.result |= {"dropped": missed} if (missed := context.dropped(written, row)) else {}
    if unwritten:
        change.result["left"] = [one.field for one in unwritten]
        change.error = told
    change.state = State.DONE if written else State.LEFT
    origins = context.origins(written, change.wanted, row)
    return Effect(change, row, origins=origins, link=context.link(change))


def told_moved(moved: Sequence[FieldChange]) -> str:
    """Why fields were left that somebody has changed."""
    return f"changed meanwhile in HighLevel: {', '.join(one.field for one in moved)}"
