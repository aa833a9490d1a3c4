"""Values leave every table that holds a person, and plans that wait write everything but them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import Change, FieldChange, State, Verb
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.scrubbing import PASSED_OVER
from tasks.hub.tables import JsonText, Utc, metadata
from tasks.run.opting_out import handle, of_person
from tests.words_held import held

NOW = datetime(2031, 1, 8, tzinfo=UTC)
ADDRESS, NUMBER = "ada@private.example", "+4930901820"


def a_row(table: sa.Table, value: Any) -> dict[str, Any]:
    """A row that has a value wherever one may stand."""
    found: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type
        if column.name in ("stream", "location_id", "state", "verb"):
            found[column.name] = {"stream": "hub.contact", "verb": "update"}.get(column.name, "x")
        elif isinstance(kind, JsonText):
            found[column.name] = [{"field": "email", "old": value, "new": None, "why": "x"}]
        elif isinstance(kind, Utc):
            found[column.name] = NOW
        elif isinstance(kind, sa.Boolean):
            found[column.name] = False
        elif isinstance(kind, sa.Date):
            found[column.name] = NOW.date()
        elif isinstance(kind, sa.Text):
            found[column.name] = f"about {value}"
        else:
            found[column.name] = 1
    return found


@pytest.mark.parametrize("hub_url", ["sqlite", "postgresql"], indirect=True)
def test_every_table_is_looked_through(hub: Hub, hub_url: str) -> None:
    personal = [table for table in metadata.sorted_tables if table.name not in PASSED_OVER]
    with hub.write() as connection:
        for table in personal:
            connection.execute(sa.insert(table).values(a_row(table, ADDRESS)))
    everywhere = {table.name for table in personal}
    assert held(hub, ADDRESS) == everywhere
    handle(hub, of_person([ADDRESS], []))
    assert not held(hub, ADDRESS)
    with hub.read() as connection:
        left = {table.name for table in personal if connection.execute(sa.select(table)).first()}
    assert left == everywhere - {"aliases"}


def of_fields(record: str, **fields: tuple[Any, Any]) -> Change:
    news = [FieldChange(name, old, new, "overwrite") for name, (old, new) in fields.items()]
    wanted = {"id": record} | {name: new for name, (_, new) in fields.items()}
    return Change("highlevel.contact", Verb.UPDATE, record, target_id="c", fields=news, wanted=wanted)


def test_a_plan_that_waits_writes_the_rest(hub: Hub) -> None:
    plan = Plan("run", "import_contacts", "loc", "import", "file", {}, state="ready")
    both = of_fields("1", email=(None, ADDRESS), city=(None, "Bern"))
    alone, other = of_fields("2", email=("b@x.example", ADDRESS)), of_fields("3", email=(None, "c@x.example"))
    emptied = of_fields("4", phone=(NUMBER, None), email=(None, ADDRESS))
    with hub.write() as connection:
        plans.insert(connection, plan)
        plans.add(connection, plan.id, 0, [both, alone, other, emptied])
        plans.update(connection, plan.id, digest=plans.digest(connection, plan.id))
    handle(hub, of_person([ADDRESS], [NUMBER]))
    with hub.read() as connection:
        kept = plans.some(connection, plan.id)
        sealed = connection.execute(sa.select(metadata.tables["plans"].c.digest)).scalar_one()
        assert sealed == plans.digest(connection, plan.id)
    assert [(one.state, one.values()) for one in kept] == [
        (State.PLANNED, {"city": "Bern"}),
        (State.PLANNED, {"email": None}),
        (State.PLANNED, {"email": "c@x.example"}),
        (State.LEFT, {}),
    ]
