"""The rows that failed a check: listed, shown whole, tried again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from cli import console
from cli.automation import execute, prepare, quiet_prefect
from cli.console import safe, say
from cli.open_hub import open_hub
from cli.outcome import Outcome, exit_code, plain, tell
from cli.rejects.of_rules import judged_again, of_rules
from cli.rows import require_format, write
from cli.stopping import leave
from tasks.core.batch import UNREADABLE
from tasks.core.errors import BadConfigurationError, StoppedError
from tasks.core.settings import load_settings
from tasks.core.words import counted, nearest_of_all
from tasks.hub import rejects
from tasks.hub.rejects import Kept, Wanted
from tasks.hub.tables import rejects as table
from tasks.streams import SOURCES

REPLAY = "replay_rejects"

BECAUSE = "rejected_because"
"""The column of an export that tells the reasons; an import takes no field from it."""


def list_rejects(stream: str, reason: str, limit: int, *, as_json: bool) -> int:
    """The command. Returns the exit code.

    Args:
        stream: Only of this source stream; "" for all.
        reason: Only with these words in one of their reasons; "" for all.
    """
    with open_hub() as hub:
        found, total = rejects.listed(hub, _wanted(stream, reason), limit)
    if as_json:
        console.print_json([_plain(one) for one in found])
        return 0
    if not found:
        say("No rejects.")
        return 0
    shown = [
        (safe(one.record_id), one.stream, safe(_reasons(one)), f"{one.synced_at:%Y-%m-%d %H:%M}")
        for one in found
    ]
    rules = any(of_rules(one.stream) for one in found)
    columns = {"reject": "left", "stream": "left", "what is wrong": "left", "since (UTC)": "left"}
    console.table(f"{len(found):,} of {counted(total, 'reject')}", columns, shown)
    for line in (
        "One of them whole: lusha-connect rejects show REJECT",
        "To mend them in a file and import that: lusha-connect rejects export --stream STREAM -o mend.csv",
        "After correcting the mapping: lusha-connect rejects replay",
        *(("What rules could not judge: lusha-connect rejects replay STREAM says how",) if rules else ()),
    ):
        say(line)
    return 0


def show_reject(word: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub:
        found = rejects.find(hub, word, load_settings().location_id)
    for one in found:
        if as_json:
            console.print_json(_plain(one))
            continue
        say(f"{one.stream} {safe(one.record_id)} of location {one.location_id}")
        for reason in one.reasons:
            say(f"  ✗ {safe(reason.told)}")
        console.out.print_json(data=_raw(one.raw))
        if of_rules(one.stream):
            with open_hub() as hub:
                say(judged_again(hub, one.location_id, one.stream, one.record_id).remedy)
    return 0


def export(stream: str, reason: str, format_: str, output: Path | None, *, raw: bool, as_json: bool) -> int:
    """The command: the records as their source had them, and why each was rejected. Returns the exit code."""
    format_ = format_ or ("jsonl" if as_json else "csv")
    require_format(format_, raw=raw, as_json=as_json)
    wanted = _wanted(stream, reason)
    with open_hub() as hub, hub.read() as connection:
        columns: dict[str, None] = {}
        streams, unreadable = set(), 0
        for one in rejects.matching(connection, wanted):
            streams.add(one.stream)
            unreadable += _is_unreadable(one)
            columns |= dict.fromkeys(name for record in _records(one) for name in record)
        if len(streams) > 1:
            raise BadConfigurationError(
                f"There are rejects of several streams: {', '.join(sorted(streams))}.",
                remedy="Say which: --stream STREAM.",
            )
        rows = (
            {**record, BECAUSE: _reasons(one)}
            for one in rejects.matching(connection, wanted)
            for record in _records(one)
        )
        write(output, [*columns, BECAUSE], rows, format_, raw=raw)
    if unreadable:
        console.err.print(
            f"{counted(unreadable, 'row')} that cannot be read at all left out: mend the file itself, see"
            " lusha-connect rejects list",
            highlight=False,
            soft_wrap=True,
        )
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
    if of_rules(stream):
        with open_hub() as hub:
            raise judged_again(hub, load_settings().location(), stream)
    if stream:
        prepare(REPLAY, asked | {"stream": stream})  # a word that is wrong is refused, rejects or none
    streams, left = _streams(stream)
    for one in left:
        console.err.print(f"{one.what} {one.remedy}", highlight=False, soft_wrap=True)
    outcomes = _replayed(streams, asked, as_json=as_json) if streams else []
    if as_json:
        told = zip(streams, outcomes, strict=False)  # fewer where somebody ended it
        replayed = [{"stream": name, **plain(outcome)} for name, outcome in told]
        failed = max(
            (one for one in replayed if "error" in one), key=lambda one: one["exit_code"], default={}
        )
        error = {name: failed[name] for name in ("error", "remedy", "exit_code") if failed}
        console.print_json({"replayed": replayed} | error)
    elif not streams and not left:
        say("No rejects.")
    code = max(map(exit_code, outcomes), default=2 if left else 0)
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


def _streams(stream: str) -> tuple[list[str], list[BadConfigurationError]]:
    """The source streams of the settings' location that have rejects: the given one, or all.

    HighLevel's own come first: they fill the hub, with which the others are compared. Beside them, what to do
    about the rejects of rules.
    """
    query = sa.select(table.c.stream).where(table.c.location_id == load_settings().location())
    if stream:
        query = query.where(table.c.stream == stream)
    with open_hub() as hub, hub.read() as connection:
        found = connection.execute(query.distinct()).scalars().all()
        location_id = load_settings().location()
        left = [judged_again(hub, location_id, name) for name in sorted(found) if of_rules(name)]
    streams = [name for name in found if not of_rules(name)]
    return sorted(streams, key=lambda name: (not name.startswith("highlevel."), name)), left


def _wanted(stream: str, reason: str) -> Wanted:
    """Rejects of the settings' location.

    Raises:
        BadConfigurationError: There is no such stream.
    """
    if stream and stream not in SOURCES:
        raise BadConfigurationError(f"There is no stream {stream!r}.", remedy=nearest_of_all(stream, SOURCES))
    return Wanted(load_settings().location_id, stream, reason)


def _plain(one: Kept) -> dict[str, Any]:
    names = ("stream", "location_id", "mapping", "run_id", "synced_at")
    reasons = [{name: getattr(reason, name) for name in rejects.KEPT} for reason in one.reasons]
    told = {name: getattr(one, name) for name in names}
    return {"id": one.record_id, **told, "reasons": reasons, "raw": _raw(one.raw)}


def _raw(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload


def _records(one: Kept) -> list[dict[str, Any]]:
    """The source's records: several where they were rejected together, none where no row could be read."""
    found = _raw(one.raw)
    records = found if isinstance(found, list) else [found]
    return [] if _is_unreadable(one) else [record for record in records if isinstance(record, dict)]


def _is_unreadable(one: Kept) -> bool:
    return any(reason.rule == UNREADABLE for reason in one.reasons)


def _reasons(one: Kept) -> str:
    return "; ".join(reason.told for reason in one.reasons)
