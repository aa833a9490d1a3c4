"""The rows that failed a check: listed, shown whole, tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from rich.markup import escape

from cli import console
from cli.automation import execute, prepare, quiet_prefect
from cli.console import safe, say
from cli.open_hub import open_hub
from cli.outcome import Outcome, exit_code, plain, tell
from cli.stopping import leave
from tasks.core.errors import BadConfigurationError, StoppedError
from tasks.core.settings import load_settings
from tasks.hub.tables import rejects

REPLAY = "replay_rejects"


def list_rejects(limit: int, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    newest = sa.select(rejects).order_by(rejects.c.synced_at.desc(), rejects.c.id).limit(limit)
    with open_hub() as hub, hub.read() as connection:
        rows = [dict(row) for row in connection.execute(newest).mappings()]
        total = connection.execute(sa.select(sa.func.count()).select_from(rejects)).scalar_one()
    if as_json:
        console.print_json([_plain(row) for row in rows])
        return 0
    if not rows:
        console.out.print("No rejects.")
        return 0
    shown = [
        (_text(row["id"]), row["stream"], _text(_reasons(row)), f"{row['synced_at']:%Y-%m-%d %H:%M}")
        for row in rows
    ]
    columns = {"record": "left", "stream": "left", "reasons": "left", "since (UTC)": "left"}
    console.table(f"{len(rows)} of {total:,} rejects", columns, shown)
    for line in (
        "One of them whole: lusha-connect rejects show RECORD",
        "After correcting the mapping: lusha-connect rejects replay",
    ):
        say(line)
    return 0


def show_reject(record: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub, hub.read() as connection:
        rows = connection.execute(sa.select(rejects).where(rejects.c.id == record)).mappings().all()
    if not rows:
        raise BadConfigurationError(f"There is no reject {record!r}.", remedy="lusha-connect rejects list")
    for row in rows:
        shown = _plain(dict(row))
        if as_json:
            console.print_json(shown)
            continue
        say(f"{row['stream']} {safe(row['id'])} of location {row['location_id']}")
        for reason in row["reasons"]:
            say(f"  ✗ {reason['rule']} {reason['field']}: {reason['message']}")
        console.out.print_json(data=shown["raw"])
    return 0


def replay(stream: str, mapping: str, *, dry_run: bool, as_json: bool, verbose: bool) -> int:
    """The command: one run for each stream that has rejects. Returns the exit code.

    Args:
        stream: Source stream, e.g. ``file.contact``; "" for every one that has rejects.
        mapping: Name or file of the mapping to try; "" for the one that rejected them.
    """
    quiet_prefect(verbose=verbose)
    if mapping and not stream:
        raise BadConfigurationError("A mapping is for one stream.", remedy="Say which, e.g. file.contact.")
    asked = {"dry_run": dry_run} | ({"mapping": mapping} if mapping else {})
    if stream:
        prepare(REPLAY, asked | {"stream": stream})  # a word that is wrong is refused, rejects or none
    streams = _streams(stream)
    outcomes = _replayed(streams, asked, as_json=as_json) if streams else []
    if as_json:
        told = zip(streams, outcomes, strict=False)  # fewer where somebody ended it
        replayed = [{"stream": name, **plain(outcome)} for name, outcome in told]
        failed = max(
            (one for one in replayed if "error" in one), key=lambda one: one["exit_code"], default={}
        )
        error = {name: failed[name] for name in ("error", "remedy", "exit_code") if failed}
        console.print_json({"replayed": replayed} | error)
    elif not streams:
        console.out.print("No rejects.")
    code = max(map(exit_code, outcomes), default=0)
    if outcomes and outcomes[-1].interrupted:
        leave(code)
    return code


def _replayed(streams: Sequence[str], asked: dict[str, Any], *, as_json: bool) -> list[Outcome]:
    """One run after the other; each is told when it has ended, unless all are told at the end."""
    from cli.prefect_server import prefect_api

    runs = [prepare(REPLAY, asked | {"stream": name}) for name in streams]
    outcomes = []
    with prefect_api():
        for name, (flow, parameters) in zip(streams, runs, strict=True):
            outcome = execute(flow, parameters)
            outcomes.append(outcome)
            if outcome.interrupted:
                outcome.error = StoppedError("Stopped.", remedy="`lusha-connect rejects replay` continues.")
            if not as_json:
                tell(f"{REPLAY} {name}", outcome, as_json=False)
            elif outcome.error is not None:
                console.print_error(outcome.error)
            if outcome.interrupted:
                break
    return outcomes


def _streams(stream: str) -> list[str]:
    """The source streams of the settings' location that have rejects: the given one, or all.

    HighLevel's own come first: they fill the hub, with which the others are compared.
    """
    query = sa.select(rejects.c.stream).where(rejects.c.location_id == load_settings().location())
    if stream:
        query = query.where(rejects.c.stream == stream)
    with open_hub() as hub, hub.read() as connection:
        found = connection.execute(query.distinct()).scalars().all()
    return sorted(found, key=lambda name: (not name.startswith("highlevel."), name))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "stream", "location_id", "mapping", "reasons", "run_id", "synced_at")
    return {name: row[name] for name in kept} | {"raw": _raw(row["payload"])}


def _raw(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload


def _text(text: str) -> str:
    """A text of a record, for a cell: neither markup nor control codes."""
    return escape(safe(text))


def _reasons(row: dict[str, Any]) -> str:
    return "; ".join(reason["message"] for reason in row["reasons"])
