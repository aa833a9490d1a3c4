"""Rules tried on records of the hub: which would do what, which would not, and why; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.core.errors import BadMappingError
from tasks.core.settings import load_settings
from tasks.edge.connectors import connected
from tasks.edge.names import Names
from tasks.extract.contexts import Contexts
from tasks.hub import firings, schema
from tasks.hub.engine import Hub
from tasks.hub.firings import Firing, FiringState
from tasks.hub.tables import MIRRORS
from tasks.mapping.rules.compile import Rule, Rules
from tasks.mapping.rules.moments import At
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.run.companies import Companies
from tasks.run.rule_rows import Turns

FIRES, NOT, BEFORE, CANNOT = "fires", "does not", "did before", "cannot judge"
"""What a rule would do with a record."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What one rule would do with one record.

    Args:
        why: What decided, in words.
        rows: What it would make, by target stream.
    """

    stream: str
    id: str
    label: str
    rule: str
    line: int
    would: str
    why: str
    rows: list[tuple[str, Row]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        rows = [{"stream": stream, "fields": row} for stream, row in self.rows]
        names = ("stream", "id", "label", "rule", "line", "would", "why")
        return {name: getattr(self, name) for name in names} | {"rows": rows}


async def try_rules(rules: Rules, sample: int) -> list[Tried]:
    """Try a file's rules on the newest records of the hub.

    Args:
        sample: How many records of each stream at most.

    Raises:
        RefusedError: Settings, credential, the hub, or a name that the location does not know.
    """
    settings = load_settings()
    location_id = settings.location()
    with closing(Hub(settings.hub_url)) as hub:
        await asyncio.to_thread(schema.require_current, hub)
        async with connected(settings, hub) as connection:
            names = await Names.of(connection, rules)
            names.check(rules)
            now = connection.now()
        at = names.at(rules, now)
        companies = Companies(hub, location_id, rules)
        await companies.load()
        contexts = names.contexts(rules, location_id, companies.enrich)
        return await asyncio.to_thread(_tried, hub, rules, contexts, at, names, sample)


def _tried(hub: Hub, rules: Rules, contexts: Contexts, at: At, names: Names, sample: int) -> list[Tried]:
    found: list[Tried] = []
    with hub.read() as connection:
        turns = Turns(firings.taken(connection, contexts.location_id, rules.name))
        for stream in rules.streams:
            ids = _newest(connection, contexts.location_id, stream, sample)
            known = firings.of_subjects(connection, contexts.location_id, rules.name, ids)
            read = contexts.read(connection, stream, ids)
            for id_ in ids:
                mine = at.with_turns(turns.of(id_))
                for rule in rules.rules:
                    if rule.on.stream == stream:
                        before = known.get((rule.key, id_))
                        found.append(_one(rule, stream, read[id_], mine, names, before))
    return found


def _one(
    rule: Rule, stream: str, context: dict[str, Any], at: At, names: Names, before: Firing | None
) -> Tried:
    record = context["record"]
    label = next((str(record[name]) for name in ("name", "title", "email", "body") if record.get(name)), "")
    tried = Tried(stream, record["id"], label, rule.key, rule.line, NOT, "")
    try:
        held = rule.holds(context, at)
        if not held:
            return replace(tried, why=held.why)
        if before is not None and before.state is FiringState.FIRED:
            return replace(tried, would=BEFORE, why=f"on {before.fired_at:%Y-%m-%d %H:%M} UTC")
        rows = [(target, names.resolved(target, row)) for target, row in rule.rows(context, at)]
    except RefusedValueError as refused:
        return replace(tried, would=CANNOT, why=refused.message)
    return replace(tried, would=FIRES, why=held.why, rows=rows)


def _newest(connection: sa.Connection, location_id: str, stream: str, sample: int) -> list[str]:
    table = MIRRORS[stream]
    order = [table.c.date_added.desc()] if "date_added" in table.c else []
    mine = (table.c.location_id == location_id, table.c.deleted_at.is_(None))
    query = sa.select(table.c.id).where(*mine).order_by(*order, table.c.id).limit(sample)
    return list(connection.execute(query).scalars())


async def check_names(files: Sequence[Rules]) -> dict[str, BadMappingError]:
    """What is wrong with the names in rules files, by file: those that the location does not know.

    Raises:
        RefusedError: Settings or credential: nobody can be asked.
    """
    settings = load_settings()
    settings.location()
    found: dict[str, BadMappingError] = {}
    with closing(Hub(settings.hub_url)) as hub:
        async with connected(settings, hub) as connection:
            for rules in files:
                try:
                    (await Names.of(connection, rules)).check(rules)
                except BadMappingError as error:
                    found[rules.file] = error
    return found
