"""Channels: when each may speak by the location's clock, and what is said to a mistaken file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import read_yaml
from tasks.mapping.channels import Channel, Channels, read_channels
from tasks.mapping.rules.compile import compile_rules
from tasks.mapping.rules.language import load_rules

ROOT = Path(__file__).parents[3]

VIENNA = ZoneInfo("Europe/Vienna")


def read(folder: Path, text: str) -> Channels:
    file = folder / "channels.yaml"
    file.write_text(text, encoding="utf-8")
    return read_channels(read_yaml(file), "channels")


def a_channel(**said: object) -> Channel:
    return Channel.model_validate({"block": "slack-webhook/team", **said})


def vienna(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA).astimezone(UTC)


NIGHT = {"from": "20:00", "until": "07:00"}


@pytest.mark.parametrize(
    ("quiet", "at", "is_quiet"),
    [
        (NIGHT, "2026-06-01T19:59", False),
        (NIGHT, "2026-06-01T20:00", True),
        (NIGHT, "2026-06-02T06:59", True),
        (NIGHT, "2026-06-02T07:00", False),
        ({"from": "12:00", "until": "13:30"}, "2026-06-01T12:30", True),
        ({"from": "12:00", "until": "13:30"}, "2026-06-01T13:30", False),
        ({"from": "12:00", "until": "13:30"}, "2026-06-01T00:30", False),
        ({"days": ["sat", "sun"]}, "2026-06-06T12:00", True),
        ({"days": ["sat", "sun"]}, "2026-06-08T00:00", False),
        ({**NIGHT, "days": ["sat"]}, "2026-06-06T12:00", True),
        ({}, "2026-06-06T03:00", False),
        (NIGHT, "2026-01-15T19:59", False),  # by the location's clock, summer and winter
        (NIGHT, "2026-03-29T06:59", True),  # the night that lacks an hour
    ],
)
def test_quiet_hours_are_the_location_s(quiet: dict[str, object], at: str, is_quiet: bool) -> None:
    assert a_channel(quiet=quiet).is_quiet(vienna(at), VIENNA) is is_quiet


@pytest.mark.parametrize(
    ("digest", "now", "closed"),
    [
        ("hourly", "2026-06-01T10:59", "2026-06-01T10:00"),
        ("hourly", "2026-06-01T11:00", "2026-06-01T11:00"),
        ("daily at 08:00", "2026-06-01T07:59", "2026-05-31T08:00"),
        ("daily at 08:00", "2026-06-01T08:00", "2026-06-01T08:00"),
        ("daily at 08:00", "2026-03-29T09:00", "2026-03-29T08:00"),
        ("daily at 02:30", "2026-03-29T01:00", "2026-03-28T02:30"),
    ],
)
def test_a_digest_closes_at_the_full_hour_or_its_time_of_day(digest: str, now: str, closed: str) -> None:
    assert a_channel(digest=digest).closed_at(vienna(now), VIENNA) == vienna(closed)


@pytest.mark.parametrize(
    ("said", "line", "words"),
    [
        ("blok: slack-webhook/team", 3, "unknown key `blok`|did you mean `block`"),
        ("block: team", 3, "names no block|slack-webhook/sales"),
        ("block: a/b\n    quiet: {days: [satt]}", 4, "'satt' is no day|did you mean `sat`"),
        ("block: a/b\n    quiet: {from: '25:00', until: '07:00'}", 4, "is no time of day"),
        ("block: a/b\n    quiet: {from: '20:00'}", 4, "go together"),
        ("block: a/b\n    quiet: {from: '07:00', until: '07:00'}", 4, "the same time"),
        ("block: a/b\n    quiet: {form: '07:00'}", 4, "unknown key `form`|did you mean `from`"),
        ("block: a/b\n    quiet: {days: [mon, tue, wed, thu, fri, sat, sun]}", 4, "every day is quiet"),
        ("block: a/b\n    digest: daly at 08:00", 4, "did you mean `daily at 08:00`"),
        ("block: a/b\n    digest: daily at noon", 4, "is no time of day"),
        ("block: [a]", 3, "must be text"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, said: str, line: int, words: str) -> None:
    with pytest.raises(BadMappingError) as caught:
        read(tmp_path, f"channels:\n  team:\n    {said}\n")
    assert f"channels.yaml:{line}" in str(caught.value)
    for word in words.split("|"):
        assert word in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadMappingError) as caught:
        read(tmp_path, "channels:\n  a: {block: x}\n  b: {digest: never, block: y/z}\n")
    assert "channels.yaml:2" in str(caught.value)
    assert "channels.yaml:3" in str(caught.value)


@pytest.mark.parametrize("text", ["channels: [a]", "channels: text"])
def test_a_section_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadMappingError, match="must be an object"):
        read(tmp_path, text)


def an_example(folder: Path) -> Path:
    """The rules file in the page about notices."""
    page = (ROOT / "docs" / "notices.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = folder / "example.yaml"
    file.write_text(example, encoding="utf-8")
    return file


@pytest.mark.parametrize("shipped", [True, False])
def test_the_rules_that_are_shipped_and_those_of_the_page_name_channels_that_are_there(
    tmp_path: Path, shipped: bool
) -> None:
    rules = compile_rules(
        load_rules(ROOT / "mappings" / "channels.yaml" if shipped else an_example(tmp_path))
    )
    channels = read_channels(rules.said.document, rules.name)
    named = [one for one in rules.names() if one.kind == "channel"]
    assert named
    assert [channels.check(one.name, one.where) for one in named] == [None] * len(named)


def test_a_rule_s_channel_must_be_there(tmp_path: Path) -> None:
    channels = read(tmp_path, "channels:\n  sales: {block: slack-webhook/sales}\nrules: []\n")
    assert channels.check("sales", ()) is None
    wrong = channels.check("sale", ("rules",))
    assert wrong is not None
    assert "channels.yaml:3: there is no channel `sale`" in str(wrong)
    assert "did you mean `sales`" in str(wrong)
    assert read(tmp_path, "rules: []\n").by_name == {}
