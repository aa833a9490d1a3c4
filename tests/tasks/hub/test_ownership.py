"""Whose a mirror is: the first mapping's, until somebody switches on purpose."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tasks.core.errors import BadConfigurationError
from tasks.hub import ownership
from tasks.hub.engine import Hub
from tasks.hub.ledger import Cursor, Run
from tasks.hub.tables import cursors

STREAM = "hub.contact"


def run(mapping: str, location: str = "loc") -> Run:
    return Run("sync_contacts", location, mapping, "digest", {})


def test_nobody_s_mirror_is_anybody_s(hub: Hub) -> None:
    assert ownership.mapping_of(hub, "loc", STREAM) is None
    ownership.check(hub, "loc", STREAM, "any")


def test_the_first_mapping_has_it_and_another_is_refused_with_both_ways_out(hub: Hub) -> None:
    ownership.claim(hub, run("mine"), STREAM, "mine")
    ownership.claim(hub, run("mine"), STREAM, "mine")
    ownership.check(hub, "loc", STREAM, "mine")
    with pytest.raises(BadConfigurationError) as refused:
        ownership.check(hub, "loc", STREAM, "theirs")
    assert "location loc are mapped by `mine`; `theirs` would" in refused.value.what
    for way in ("mapping=mine", "--param mapping=theirs --param full_pass=now"):
        assert way in refused.value.remedy
    with pytest.raises(BadConfigurationError):
        ownership.claim(hub, run("theirs"), STREAM, "theirs")
    assert ownership.mapping_of(hub, "loc", STREAM) == "mine"


def test_each_location_and_each_mirror_is_its_own(hub: Hub) -> None:
    ownership.claim(hub, run("mine"), STREAM, "mine")
    ownership.claim(hub, run("theirs", "elsewhere"), STREAM, "theirs")
    ownership.claim(hub, run("theirs"), "hub.other", "theirs")
    assert ownership.mapping_of(hub, "loc", STREAM) == "mine"
    assert ownership.mapping_of(hub, "elsewhere", STREAM) == "theirs"


def test_who_switches_begins_anew_in_that_location_alone(hub: Hub) -> None:
    ownership.claim(hub, run("mine"), STREAM, "mine")
    with hub.write() as connection:
        for location, automation in (("loc", "sync_contacts"), ("loc", "other"), ("far", "sync_contacts")):
            Cursor(location, automation, "all · theirs@1").move(connection, {"after": 1}, "r")
    ownership.claim(hub, run("theirs"), STREAM, "theirs", switching=True)
    assert ownership.mapping_of(hub, "loc", STREAM) == "theirs"
    with hub.read() as connection:
        left = connection.execute(sa.select(cursors.c.location_id, cursors.c.automation)).all()
    assert sorted(map(tuple, left)) == [("far", "sync_contacts"), ("loc", "other")]


def test_who_is_refused_is_told_of_the_records_and_the_automation_that_it_is_about(hub: Hub) -> None:
    ownership.claim(hub, run("mine"), "hub.business", "mine")
    with pytest.raises(BadConfigurationError, match="hub's businesses of location loc") as refused:
        ownership.check(hub, "loc", "hub.business", "theirs")
    assert "run sync_businesses --param mapping=theirs" in refused.value.remedy
