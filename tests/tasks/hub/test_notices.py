"""Notices in the hub: put once by their key, and none lost until its channel has it or a person drops it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.core.errors import BadConfigurationError
from tasks.hub import notices
from tasks.hub.engine import Hub
from tasks.hub.notices import Notice, NoticeState

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def a_notice(key: str = "channels.created · t1 · 7", **more: Any) -> Notice:
    told: dict[str, Any] = {"channel": "team", "subject": "New task", "text": "Call Ada.", "made_at": NOON}
    return Notice(**{"key": key, "rules": "channels", "rule": "created", "run_id": "run", **told, **more})


def put(hub: Hub, *made: Notice, location: str = "loc") -> int:
    with hub.write() as connection:
        return notices.put(connection, location, made)


def waiting(hub: Hub, rules: str = "channels") -> list[Notice]:
    with hub.read() as connection:
        return notices.waiting(connection, "loc", rules)


def test_the_same_event_is_told_once(hub: Hub) -> None:
    assert put(hub, a_notice(), a_notice("channels.created · t1 · 8")) == 2
    assert put(hub, a_notice(text="said otherwise"), a_notice("channels.created · t2 · 9")) == 1
    assert [one.text for one in waiting(hub)] == ["Call Ada."] * 3
    assert put(hub, location="elsewhere") == 0
    assert put(hub, a_notice(), location="elsewhere") == 1


def test_all_that_was_said_is_kept(hub: Hub) -> None:
    why = {"file": "mappings/channels.yaml", "line": 12, "seq": 7}
    said = a_notice(link="https://app.example/1", digest=True, contact_id="c1", why=why)
    put(hub, said)
    [found] = waiting(hub)
    assert len(found.reference) == notices.REFERENCE
    assert {**found.told(), "reference": ""} == said.told()


def test_a_file_s_notices_are_its_own(hub: Hub) -> None:
    put(hub, a_notice("b.x · 1", rules="b"), a_notice())
    assert [one.rules for one in waiting(hub)] == ["channels"]
    assert [one.rules for one in waiting(hub, "b")] == ["b"]


def test_one_that_began_and_never_ended_is_known_as_a_repeat(hub: Hub) -> None:
    put(hub, a_notice("1"), a_notice("2"))
    assert not any(one.is_repeat for one in waiting(hub))
    with hub.write() as connection:
        assert notices.begin(connection, "loc", ["1", "nobody"]) == {"1"}
    assert [one.is_repeat for one in waiting(hub)] == [True, False]


@pytest.mark.parametrize("unsure", [False, True])
def test_one_that_failed_waits_with_its_reason(hub: Hub, unsure: bool) -> None:
    put(hub, a_notice())
    for _ in range(2):
        with hub.write() as connection:
            keys = sorted(notices.begin(connection, "loc", [a_notice().key]))
            notices.failed(connection, "loc", keys, "no route", not_arrived=[] if unsure else keys)
    [found] = waiting(hub)
    assert (found.tries, found.error, found.is_repeat) == (2, "no route", unsure)


def test_one_that_was_sent_waits_no_more(hub: Hub) -> None:
    put(hub, a_notice())
    with hub.write() as connection:
        notices.failed(connection, "loc", [a_notice().key], "no route")
        notices.sent(connection, "loc", [a_notice().key], NOON)
        [found] = notices.newest(connection, "loc", [NoticeState.SENT])
    assert (found.error, found.ended_at, waiting(hub)) == (None, NOON, [])


def test_a_person_may_drop_one_that_waits(hub: Hub) -> None:
    put(hub, a_notice("1"), a_notice("2"))
    first, second = waiting(hub)
    assert notices.drop(hub, "loc", first.reference[:6]).state is NoticeState.DROPPED
    assert [one.key for one in waiting(hub)] == [second.key]
    with hub.write() as connection:
        assert notices.begin(connection, "loc", ["1", "2"]) == {"2"}
    with pytest.raises(BadConfigurationError, match="is dropped"):
        notices.drop(hub, "loc", first.reference)
    assert put(hub, a_notice("1")) == 0  # once dropped it does not come back


@pytest.mark.parametrize("word", ["", "zzz", "%"])
def test_a_word_that_is_nobody_s_reference_is_told(hub: Hub, word: str) -> None:
    put(hub, a_notice())
    with hub.read() as connection, pytest.raises(BadConfigurationError, match="No notice has"):
        notices.find(connection, "loc", word)
