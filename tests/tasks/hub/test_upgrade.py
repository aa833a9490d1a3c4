"""A hub of an older program, brought up to date with what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from tasks.hub import ownership, schema
from tasks.hub.engine import Hub
from tasks.hub.tables import provenance, runs

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BEFORE, LATER = NOON - 24 * HOUR, NOON + 24 * HOUR

RUNS = {  # digest of the mapping, automation, state, when
    "first": ("one", "backfill_contacts", "completed", NOON),
    "second": ("one", "sync_contacts", "completed", NOON + HOUR),
    "died": ("two", "sync_contacts", "interrupted", NOON + 2 * HOUR),
    "import": ("of a file", "import_contacts", "completed", NOON + 3 * HOUR),
    "edited": ("two", "sync_contacts", "completed", NOON + 4 * HOUR),
    "after": ("two", "sync_contacts", "completed", NOON + 5 * HOUR),
}


@pytest.fixture
def old_hub(hub_url: str) -> Iterator[Hub]:
    hub = Hub(hub_url)
    with hub.write() as connection:
        command.upgrade(schema._config(connection), "0003")
        for id_, (digest, automation, state, at) in RUNS.items():
            texts = {"mapping": "mine", "mapping_digest": digest, "automation": automation, "state": state}
            row = {"id": id_, "location_id": "loc", "parameters": {}, "tally": {}, "started_at": at}
            connection.execute(sa.insert(runs).values(row | texts))
    yield hub
    hub.close()


def noted(hub: Hub, run: str, at: datetime, field: str = "city", **more: Any) -> None:
    key = {
        "location_id": "loc",
        "stream": "hub.contact",
        "id": f"{run} {at:%d} {field} {more}",
        "field": field,
    }
    entry = {"system": "highlevel", "at": at, "run_id": run, "value": "Wien", "dropped": None} | more
    with hub.write() as connection:
        connection.execute(sa.insert(provenance).values(key | entry))


def left(hub: Hub) -> int:
    with hub.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(provenance)).scalar_one()


@pytest.mark.parametrize("run", ["died", "edited"])
def test_what_an_edit_of_the_mapping_made_of_a_value_is_no_edit_by_hand(old_hub: Hub, run: str) -> None:
    noted(old_hub, run, BEFORE)
    noted(old_hub, run, BEFORE, "custom.k")
    schema.upgrade(old_hub)
    assert left(old_hub) == 0


@pytest.mark.parametrize(
    ("run", "at", "more"),
    [
        ("edited", LATER, {}),  # the record was changed since the run before
        ("second", BEFORE, {}),  # the mapping was the one of the run before
        ("after", BEFORE, {}),
        ("first", BEFORE, {}),  # there was none before
        ("import", BEFORE, {}),  # its mapping is not the mirror's
        ("nobody knows", BEFORE, {}),
        ("edited", BEFORE, {"system": "file"}),
        ("edited", BEFORE, {"dropped": "Graz"}),
        ("edited", BEFORE, {"field": "date_updated"}),
    ],
)
def test_what_may_be_somebody_s_edit_stays(
    old_hub: Hub, run: str, at: datetime, more: dict[str, Any]
) -> None:
    noted(old_hub, run, at, **more)
    schema.upgrade(old_hub)
    assert left(old_hub) == 1


def test_whose_the_mirror_is_follows_from_its_last_run(old_hub: Hub) -> None:
    schema.upgrade(old_hub)
    assert ownership.mapping_of(old_hub, "loc", "hub.contact") == "mine"
    assert ownership.mapping_of(old_hub, "elsewhere", "hub.contact") is None


def test_a_hub_goes_back_to_the_schema_before(old_hub: Hub) -> None:
    schema.upgrade(old_hub)
    with old_hub.write() as connection:
        command.downgrade(schema._config(connection), "0003")
        command.upgrade(schema._config(connection), "head")
    schema.require_current(old_hub)
