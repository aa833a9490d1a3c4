"""Who each record is: what matching found, unless the record itself says that it is somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.hub.spec import PlanSpec
from tasks.plan.current import Current
from tasks.plan.doubt import Identities
from tasks.plan.match import CANDIDATES, Match, Matcher, Tie
from tasks.plan.suggest import Suggester


@dataclass(slots=True)
class Identified:
    """What was found for rows.

    Args:
        matches: Of each row.
        current: What the mirror holds of the records that the matches name.
    """

    matches: list[Match]
    current: dict[str, Row] = field(default_factory=dict)


class Identifier:
    """Identifies rows as a plan's spec says."""

    def __init__(self, spec: PlanSpec, matcher: Matcher) -> None:
        self._matcher = matcher
        self._current = Current(spec)
        self._suggester = Suggester(spec)
        self.identities = Identities(spec)

    def identify(self, connection: sa.Connection, rows: Sequence[Row], ties: Mapping[str, Tie]) -> Identified:
        """A match for each row; what is in doubt is a conflict, with all that its keys lead to."""
        matches = self._matcher.match(connection, rows, ties)
        found = Identified(
            [self._suggester.doubted(connection, row, one) for row, one in zip(rows, matches, strict=True)]
        )
        self._read(connection, found)
        doubted = {at: why for at, row in enumerate(rows) if (why := self._doubt(found, at, row))}
        if not doubted:
            return found
        by_keys = self._matcher.match(connection, [rows[at] for at in doubted], {})
        for (at, why), other in zip(doubted.items(), by_keys, strict=True):
            own = found.matches[at].hits if found.matches[at].own else ()
            found.matches[at] = Match(hits=(*own, *other.hits), conflict=why)
        self._read(connection, found)
        return found

    def _read(self, connection: sa.Connection, found: Identified) -> None:
        named = {id_ for match in found.matches for id_ in named_by(match)} - found.current.keys()
        found.current |= self._current.rows(connection, list(named))

    def _doubt(self, found: Identified, at: int, row: Row) -> str:
        match = found.matches[at]
        current = found.current.get(match.target_id)
        if current is None or match.decided or self.identities.are_called_the_same(row, current):
            return ""
        record, contact = self.identities.of_record(row), self.identities.of_mirrored(current)
        return self.identities.doubt(record, contact, by_id=match.own)


def named_by(match: Match) -> list[str]:
    """The records that a match tells of: the counterpart, or the candidates of a conflict."""
    if match.target_id:
        return [match.target_id]
    return [id_ for hit in match.hits for id_ in hit.ids[:CANDIDATES]] if match.conflict else []
