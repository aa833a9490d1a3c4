"""Which rules did something for which records: so that each does it once for each change of state.

A firing is kept for ever, as links are: without it a rule would do again what was done. Of a rule and a
record there is one, the last; how often the rule fired is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.hub.tables import firings, plans, turns
from tasks.hub.upsert import among


class FiringState(StrEnum):
    """How a rule stands to a record."""

    FIRED = "fired"  # it did its part; not again until its condition was false once
    BEGUN = "begun"  # a part is planned; the other parts come when that is done, whatever its condition
    WAITS = "waits"  # something has to be there first, e.g. a business that a person decides about
    ENDED = "ended"  # its condition has been false since: it may fire again


@dataclass(frozen=True, slots=True)
class Firing:
    """What a rule did for a record.

    Args:
        rules: The file's name, e.g. ``first_tasks``.
        rule: The rule's key.
        subject: Id of the record that was judged.
        stream: Of that record's mirror.
        about: The contact that it is about; the record itself where it hangs on none.
        n: How often the rule has fired for it.
        line: Of the rule in its file.
        seq: The journal entry that set it off; None where the rule worked through all records.
        chain: The rules whose effects led to it, as ``file.rule``, the first of them first.
    """

    rules: str
    rule: str
    subject: str
    stream: str
    about: str
    n: int
    line: int
    seq: int | None
    chain: tuple[str, ...]
    run_id: str
    fired_at: datetime
    state: FiringState = FiringState.FIRED

    @property
    def name(self) -> str:
        """``file.rule``."""
        return f"{self.rules}.{self.rule}"


def of_subjects(
    connection: sa.Connection, location_id: str, rules: str, subjects: Sequence[str]
) -> dict[tuple[str, str], Firing]:
    """The firings of a file's rules for some records, by rule and record."""
    mine = (firings.c.location_id == location_id, firings.c.rules == rules)
    query = sa.select(firings).where(*mine, among(connection, firings.c.subject, subjects))
    found = map(_firing, connection.execute(query).mappings())
    return {(one.rule, one.subject): one for one in found}


UNFINISHED = (FiringState.BEGUN, FiringState.WAITS)
"""States of a firing of which more is to come."""


def unfinished(connection: sa.Connection, location_id: str, rules: str, stream: str) -> dict[str, list[str]]:
    """By rule of a file, the ids of the records for which it waits, or has begun."""
    mine = (
        firings.c.location_id == location_id,
        firings.c.rules == rules,
        firings.c.stream == stream,
        firings.c.state.in_([state.value for state in UNFINISHED]),
    )
    query = sa.select(firings.c.rule, firings.c.subject).where(*mine).order_by(firings.c.subject)
    found: dict[str, list[str]] = {}
    for rule, subject in connection.execute(query):
        found.setdefault(rule, []).append(subject)
    return found


def behind(
    connection: sa.Connection, location_id: str, plan_ids: Iterable[str]
) -> dict[tuple[str, str], list[Firing]]:
    """The firings that led to plans, by plan and the record that they are about."""
    ids = sorted(set(plan_ids))
    if not ids:
        return {}
    query = (
        sa.select(plans.c.id.label("plan_id"), firings)
        .join(firings, firings.c.run_id == plans.c.run_id)
        .where(firings.c.location_id == location_id, among(connection, plans.c.id, ids))
    )
    found: dict[tuple[str, str], list[Firing]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault((row["plan_id"], row["about"]), []).append(_firing(row))
    return found


def keep(connection: sa.Connection, location_id: str, made: Iterable[Firing]) -> None:
    """Keep firings, each in place of the one of before, within the caller's transaction."""
    rows = [
        {name: getattr(one, name) for name in _KEPT}
        | {"location_id": location_id, "state": one.state.value, "chain": list(one.chain)}
        for one in made
    ]
    if not rows:
        return
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(firings)
    changing = {name: insert.excluded[name] for name in (*_KEPT, "state", "chain")}
    keeping = insert.on_conflict_do_update(index_elements=list(firings.primary_key), set_=changing)
    connection.execute(keeping, rows)


def taken(connection: sa.Connection, location_id: str, rules: str) -> dict[str, int]:
    """How many turns were taken in each list of a file."""
    mine = (turns.c.location_id == location_id, turns.c.rules == rules)
    return dict(connection.execute(sa.select(turns.c.name, turns.c.taken).where(*mine)).all())


def take(connection: sa.Connection, location_id: str, rules: str, counts: Mapping[str, int]) -> None:
    """Set how many turns were taken, within the caller's transaction."""
    if not counts:
        return
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(turns)
    taking = insert.on_conflict_do_update(
        index_elements=list(turns.primary_key), set_={"taken": insert.excluded.taken}
    )
    key = {"location_id": location_id, "rules": rules}
    connection.execute(taking, [{**key, "name": name, "taken": number} for name, number in counts.items()])


_KEPT = ("rules", "rule", "subject", "stream", "about", "n", "line", "seq", "run_id", "fired_at")


def _firing(row: sa.RowMapping) -> Firing:
    told = {name: row[name] for name in _KEPT}
    return Firing(**told, chain=tuple(row["chain"]), state=FiringState(row["state"]))
