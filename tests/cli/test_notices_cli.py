"""``lusha-connect notices``: what waits, what failed and why, and one that is let go."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.hub import notices
from tasks.hub.engine import Hub
from tasks.hub.notices import Notice

Command = Callable[..., Any]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def waiting(hub: Hub, lusha_connect: Command, vendor: RunningSandbox) -> list[str]:
    """The references of three notices: one new, one that failed, one that may have arrived."""
    why = {"file": "mappings/channels.yaml", "line": 17, "seq": 7}
    one = Notice("a", "channels", "created", "sales", "New task", "Call Ada.", NOON, "run", why=why)
    made = [one, replace(one, key="b", channel="support", made_at=NOON.replace(hour=13))]
    made += [replace(one, key="c", subject="Done", made_at=NOON.replace(hour=14))]
    location = vendor.location_id
    with hub.write() as connection:
        notices.put(connection, location, made)
        notices.begin(connection, location, ["b", "c"])
        notices.failed(connection, location, ["b"], "the answer was 500", not_arrived=["b"])
        notices.failed(connection, location, ["c"], "no answer within 20 seconds")
        return [one.reference for one in notices.waiting(connection, location, "channels")]


def test_the_list_says_what_waits_and_why(lusha_connect: Command, waiting: list[str]) -> None:
    done = json.loads(lusha_connect("notices", "list", "--json").out)
    assert [one["reference"] for one in done] == waiting
    assert [one["error"] for one in done] == [None, "the answer was 500", "no answer within 20 seconds"]
    shown = " ".join(lusha_connect("notices", "list", "--channel", "support").out.split())
    for word in ("1 notice", "tried in 1 run: the answer was 500", waiting[1]):
        assert word in shown
    assert waiting[0] not in shown
    assert "may have arrived" in " ".join(lusha_connect("notices", "list").out.split())


def test_one_is_shown_whole_with_the_rule_that_made_it(lusha_connect: Command, waiting: list[str]) -> None:
    shown = lusha_connect("notices", "show", waiting[0]).out
    for word in ("Call Ada.", "rule created (mappings/channels.yaml, line 17) for journal entry 7", "waits"):
        assert word in shown
    assert json.loads(lusha_connect("notices", "show", waiting[0], "--json").out)["why"]["line"] == 17


def test_one_that_is_dropped_waits_no_more(lusha_connect: Command, waiting: list[str]) -> None:
    assert "will not be sent" in lusha_connect("notices", "drop", waiting[0]).out
    assert waiting[0] not in lusha_connect("notices", "list").out
    assert "dropped" in lusha_connect("notices", "list", "--all").out
    again = lusha_connect("notices", "drop", waiting[0])
    assert again.code == 2
    assert "is dropped" in again.err


def test_nothing_is_said_to_be_nothing(hub: Hub, lusha_connect: Command) -> None:
    assert "No notice waits." in lusha_connect("notices", "list").out
    unknown = lusha_connect("notices", "show", "nonsense")
    assert (unknown.code, "notices list" in unknown.err) == (2, True)
