"""The journal listed, and the history of one record told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from cli import console
from cli.console import safe, say
from cli.open_hub import open_hub
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import load_settings
from tasks.core.words import counted, nearest_of_all
from tasks.hub import journal
from tasks.hub.journal import OURS, THEIRS, Asked, Entry, Kind
from tasks.hub.provenance import SINCE
from tasks.hub.tables import MIRRORS, plans
from tasks.hub.upsert import among
from tasks.plan.preview import shown_value

STREAMS = {table.name: stream for stream, table in MIRRORS.items()} | {name: name for name in MIRRORS}
_AGO = re.compile(r"(\d+)\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def list_entries(
    since: str, stream: str, record: str, kind: str, whose: str, limit: int, *, as_json: bool
) -> int:
    """The command. Returns the exit code."""
    asked = Asked(
        stream=STREAMS[_one_of("stream", stream, STREAMS)] if stream else "",
        id=record,
        kind=_one_of("kind of change", kind, [one.value for one in Kind]),
        whose=_one_of("author", whose, (THEIRS, OURS)),
        since=_moment(since) if since else None,
    )
    location_id = load_settings().location()
    with open_hub() as hub, hub.read() as connection:
        found = journal.read(connection, location_id, asked, limit=limit)
        labels = _labels(connection, location_id, found)
    if as_json:
        console.print_json([entry.told() for entry in found])
        return 0
    if not found:
        say("Nothing is noted." if asked == Asked() else "Nothing is noted of that.")
        return 0
    columns = {"when (UTC)": "left", "record": "left", "what": "left", "by": "left"}
    rows = [
        (f"{entry.at:%Y-%m-%d %H:%M}", labels[entry.id] or entry.id, "\n".join(_what(entry)), _by(entry))
        for entry in found
    ]
    console.table(counted(len(found), "change"), columns, rows)
    say("The history of one record: lusha-connect journal show RECORD")
    return 0


def show(record: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    location_id = load_settings().location()
    with open_hub() as hub, hub.read() as connection:
        ids = _ids(connection, location_id, record)
        found = [one for id_ in ids for one in journal.read(connection, location_id, Asked(id=id_))]
        found.sort(key=lambda entry: entry.seq)
        labels = _labels(connection, location_id, found)
        made = _plans(connection, found)
        causes = journal.causes(connection, found)
    if as_json:
        console.print_json(
            [entry.told() | {"why": causes.get((entry.plan_id or "", entry.id), "")} for entry in found]
        )
        return 0
    if not found:
        raise BadConfigurationError(
            f"Nothing is noted of {record!r} in location {location_id}.",
            remedy="lusha-connect journal list shows what is; a record's id is HighLevel's.",
        )
    say(f"{safe(labels[found[0].id] or record)}, {counted(len(found), 'change')}", style="bold")
    for entry in found:
        by = made.get(entry.plan_id or "", _in(entry))
        say(f"{entry.at:%Y-%m-%d %H:%M} UTC  {_noun(entry)} {entry.kind.value} {by}")
        for line in _fields(entry):
            say(f"    {safe(line)}")
        if cause := causes.get((entry.plan_id or "", entry.id)):
            say(f"    why: {safe(cause)}")
    return 0


def _one_of(what: str, given: str, known: Sequence[str] | dict[str, str]) -> str:
    if given and given not in known:
        raise BadConfigurationError(f"There is no {what} {given!r}.", remedy=nearest_of_all(given, known))
    return given


def _moment(text: str) -> datetime:
    if ago := _AGO.fullmatch(text.strip()):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadConfigurationError(
            f"--since {text!r} is no moment.",
            remedy="Give a date (2026-11-01), a time in UTC (2026-11-01T09:30), or how long ago: 2h, 3d, 4w.",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _ids(connection: sa.Connection, location_id: str, record: str) -> list[str]:
    """The record's id, and those of what hangs on it."""
    found = [record]
    contacts = MIRRORS["hub.contact"]
    if "@" in record:
        named = sa.select(contacts.c.id).where(
            contacts.c.location_id == location_id, contacts.c.email == record.strip().lower()
        )
        found = list(connection.execute(named).scalars())
    for table in MIRRORS.values():
        if "contact_id" in table.c:
            mine = (table.c.location_id == location_id, among(connection, table.c.contact_id, found))
            found = [*found, *connection.execute(sa.select(table.c.id).where(*mine)).scalars()]
    return found


def _labels(connection: sa.Connection, location_id: str, entries: Sequence[Entry]) -> dict[str, str]:
    """What the entries' records are called, by id; empty where the mirror has no name of them."""
    found = {entry.id: "" for entry in entries}
    for stream in {entry.stream for entry in entries} & MIRRORS.keys():
        table = MIRRORS[stream]
        names = [
            name for name in ("name", "first_name", "last_name", "email", "title", "body") if name in table.c
        ]
        ids = sorted({entry.id for entry in entries if entry.stream == stream})
        mine = (table.c.location_id == location_id, among(connection, table.c.id, ids))
        for row in connection.execute(sa.select(table).where(*mine)).mappings():
            whole = " ".join(row[name] for name in ("first_name", "last_name") if name in names and row[name])
            told = next((row[name] for name in names if row[name]), "")
            found[row["id"]] = " ".join(str(whole or told).split())[:60]
    return found


def _plans(connection: sa.Connection, entries: Sequence[Entry]) -> dict[str, str]:
    """By id, what the entries' plans are, in words."""
    ids = sorted({entry.plan_id for entry in entries if entry.plan_id})
    query = sa.select(plans.c.id, plans.c.kind, plans.c.about).where(among(connection, plans.c.id, ids))
    return {id_: f"by plan {id_[:8]} ({kind} of {about})" for id_, kind, about in connection.execute(query)}


def _what(entry: Entry) -> list[str]:
    return [f"{_noun(entry)} {entry.kind.value}", *_fields(entry)]


def _noun(entry: Entry) -> str:
    return entry.stream.rpartition(".")[2].removeprefix("crm_")


def _fields(entry: Entry) -> list[str]:
    """What changed, a line each."""
    told = {name: pair for name, pair in entry.fields.items() if name != SINCE}
    if entry.fields and not told:
        return ["nothing that the hub keeps"]
    if entry.kind is Kind.CREATED:
        return [f"{name}: {shown_value(new)}" for name, (_, new) in told.items()]
    return [f"{name}: {shown_value(old)} → {shown_value(new)}" for name, (old, new) in told.items()]


def _by(entry: Entry) -> str:
    if entry.plan_id:
        return f"plan {entry.plan_id[:8]}"
    return "us" if entry.whose == OURS else "HighLevel"


def _in(entry: Entry) -> str:
    if entry.kind is Kind.LOADED:
        return "into the hub"
    return f"by {_by(entry)}" if entry.whose == OURS else "in HighLevel"
