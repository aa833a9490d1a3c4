"""The notices of a location listed, one shown, one dropped."""

from __future__ import annotations

from cli import console
from cli.console import safe, say
from cli.open_hub import open_hub
from tasks.core.settings import load_settings
from tasks.core.words import counted
from tasks.hub import notices
from tasks.hub.notices import Notice, NoticeState


def list_notices(channel: str, limit: int, *, everything: bool, as_json: bool) -> int:
    """The command. Returns the exit code."""
    location_id = load_settings().location()
    states = tuple(NoticeState) if everything else notices.OPEN
    with open_hub() as hub, hub.read() as connection:
        found = notices.newest(connection, location_id, states, limit, channel)
    if as_json:
        console.print_json([one.told() for one in found])
        return 0
    if not found:
        say("No notice waits." if not everything else "There are no notices.")
        return 0
    columns = dict.fromkeys(("notice", "made (UTC)", "channel", "what", "state"), "left")
    rows = [
        (one.reference, f"{one.made_at:%Y-%m-%d %H:%M}", one.channel, one.subject or one.text, _state(one))
        for one in found
    ]
    console.table(counted(len(found), "notice"), columns, rows)
    say("One of them whole: lusha-connect notices show NOTICE")
    if any(one.state in notices.OPEN for one in found):
        say("To let one never be sent: lusha-connect notices drop NOTICE")
    return 0


def show(word: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    location_id = load_settings().location()
    with open_hub() as hub, hub.read() as connection:
        found = notices.find(connection, location_id, word)
    if as_json:
        console.print_json(found.told())
        return 0
    say(f"{safe(found.subject or found.rule)} ({found.reference})", style="bold")
    for line in filter(None, (*found.text.splitlines(), found.link)):
        say(f"    {safe(line)}")
    say(f"channel: {safe(found.channel)} of {safe(found.rules)}")
    say(f"state: {safe(_state(found))}")
    say(f"made: {found.made_at:%Y-%m-%d %H:%M} UTC by {safe(_why(found))}")
    return 0


def drop(word: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    location_id = load_settings().location()
    with open_hub() as hub:
        found = notices.drop(hub, location_id, word)
    if as_json:
        console.print_json(found.told())
        return 0
    say(f"Notice {found.reference} will not be sent: {safe(found.subject or found.text)}")
    return 0


def _state(one: Notice) -> str:
    """How it stands, in words."""
    if one.ended_at is not None:
        return f"{one.state.value} {one.ended_at:%Y-%m-%d %H:%M}"
    stands = "may have arrived, goes out again" if one.is_repeat else "waits"
    tried = f", tried in {counted(one.tries, 'run')}: {one.error}" if one.tries else ""
    return f"{stands}{tried}"


def _why(one: Notice) -> str:
    """Which rule made it, where that stands, and for which journal entry."""
    place = f" ({one.why['file']}, line {one.why['line']})" if {"file", "line"} <= one.why.keys() else ""
    entry = f" for journal entry {one.why['seq']}" if one.why.get("seq") is not None else ""
    return f"rule {one.rule}{place}{entry}"
