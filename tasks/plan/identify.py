"""Who each record is: what matching found, unless the record itself says that it is somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tasks.core.batch import BY_KEY, Row
from tasks.hub.spec import PlanSpec
from tasks.plan.current import Current
from tasks.plan.doubt import Faces, doubt
from tasks.plan.match import CANDIDATES, Match, Matcher, Tie


@dataclass(slots=True)
class Identified:
    """What was found for rows.

    Args:
        rows: As they were given, but for the id of one whose id is not its own alone.
        matches: Of each row.
        current: What the mirror holds of the records that the matches name.
    """

    rows: list[Row]
    matches: list[Match]
    current: dict[str, Row] = field(default_factory=dict)


class Identifier:
    """Identifies rows as a plan's spec says."""

    def __init__(self, spec: PlanSpec, matcher: Matcher) -> None:
        self._matcher = matcher
        self._current = Current(spec)
        self.faces = Faces(spec)

    def identify(self, connection: sa.Connection, rows: Sequence[Row], ties: Mapping[str, Tie]) -> Identified:
        """A match for each row; what is in doubt is a conflict.

        An id that is made of an address stands for whoever has that address. Where it leads to somebody of
        another name, the name becomes part of the id, and what a person decides holds for that name alone.
        """
        found = Identified(list(rows), self._matcher.match(connection, rows, ties))
        self._read(connection, found)
        doubted = {at: why for at in range(len(rows)) if (why := self._doubt(found, at))}
        if not doubted:
            return found
        before = {at: found.matches[at] for at in doubted}
        again = [
            self.faces.under_its_name(row) if row["id"].startswith(BY_KEY) else row
            for row in (rows[at] for at in doubted)
        ]
        by_name = [row["id"] for row in again if row["id"].startswith(BY_KEY)]
        known = self._matcher.ties(connection, by_name) if by_name else {}
        for at, row, match in zip(doubted, again, self._matcher.match(connection, again, known), strict=True):
            found.rows[at], found.matches[at] = row, match
        self._read(connection, found)
        for at, why in doubted.items():
            if before[at].own:
                hits = (*before[at].hits, *found.matches[at].hits)
                found.matches[at] = Match(hits=hits, conflict=why)
            elif why := self._doubt(found, at):
                found.matches[at] = Match(hits=found.matches[at].hits, conflict=why)
        self._read(connection, found)
        return found

    def _read(self, connection: sa.Connection, found: Identified) -> None:
        named = {id_ for match in found.matches for id_ in named_by(match)} - found.current.keys()
        found.current |= self._current.rows(connection, list(named))

    def _doubt(self, found: Identified, at: int) -> str:
        row, match = found.rows[at], found.matches[at]
        current = found.current.get(match.target_id)
        if current is None or match.sure or self.faces.are_called_the_same(row, current):
            return ""
        record, contact = self.faces.of_record(row), self.faces.of_mirrored(current)
        return doubt(record, contact, by_id=match.own)


def named_by(match: Match) -> list[str]:
    """The records that a match tells of: the counterpart, or the candidates of a conflict."""
    if match.target_id:
        return [match.target_id]
    return [id_ for hit in match.hits for id_ in hit.ids[:CANDIDATES]] if match.conflict else []
