"""Links hold whatever becomes of an address."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from tasks.core.change import Scope
from tasks.hub import links
from tasks.hub.engine import Hub
from tasks.hub.tables import links as table

SCOPE = Scope("loc", "file", "highlevel.contact")


def link(hub: Hub, *pairs: tuple[str, str], scope: Scope = SCOPE, made_by: str = "match") -> None:
    with hub.write() as connection:
        links.keep(connection, scope, pairs, made_by=made_by, plan_id="p1")


def targets(hub: Hub, *records: str, scope: Scope = SCOPE) -> dict[str, str]:
    with hub.read() as connection:
        return links.targets(connection, scope, records)


def test_a_link_is_found_by_its_record_and_only_within_its_scope(hub: Hub) -> None:
    link(hub, ("r1", "ada"), ("r2", "bob"))
    assert targets(hub, "r1", "r3") == {"r1": "ada"}
    for other in ("location_id", "system", "stream"):
        assert targets(hub, "r1", scope=replace(SCOPE, **{other: "other"})) == {}


def test_a_record_has_one_link_and_the_last_holds(hub: Hub) -> None:
    link(hub, ("r1", "ada"))
    link(hub, ("r1", "eve"), made_by="review")
    assert targets(hub, "r1") == {"r1": "eve"}
    with hub.read() as connection:
        assert connection.execute(sa.select(table.c.made_by)).scalars().all() == ["review"]


def test_several_records_may_have_one_contact(hub: Hub) -> None:
    link(hub, ("r1", "ada"), ("r2", "ada"))
    assert targets(hub, "r1", "r2") == {"r1": "ada", "r2": "ada"}


def test_a_dropped_link_is_forgotten(hub: Hub) -> None:
    link(hub, ("r1", "ada"), ("r2", "bob"))
    with hub.write() as connection:
        links.drop(connection, SCOPE, "r1", "ada")
        links.drop(connection, SCOPE, "r9", "ada")
    assert targets(hub, "r1", "r2") == {"r2": "bob"}


def test_a_record_that_is_linked_to_another_by_now_stays_so(hub: Hub) -> None:
    link(hub, ("r1", "ada"))
    link(hub, ("r1", "eve"), made_by="review")
    with hub.write() as connection:
        links.drop(connection, SCOPE, "r1", "ada")
    assert targets(hub, "r1") == {"r1": "eve"}


def test_many_links_are_read_at_once(hub: Hub) -> None:
    pairs = [(f"r{n}", f"c{n}") for n in range(40_000)]
    link(hub, *pairs)
    assert targets(hub, *(record for record, _ in pairs)) == dict(pairs)
