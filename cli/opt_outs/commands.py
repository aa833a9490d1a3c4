"""Opt-outs listed, one shown, one carried out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson

from cli import console
from cli.console import safe, say
from cli.open_hub import open_hub
from tasks.core.errors import BadConfigurationError
from tasks.core.words import counted
from tasks.hub import opt_outs, still_there
from tasks.hub.opt_outs import Receipt
from tasks.hub.still_there import Standing
from tasks.run.opting_out import OptOut, handle, of_delivery, of_person

GO_ON = "To remove it there: lusha-connect run remove_opted_out"


def list_opt_outs(limit: int, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub, hub.read() as connection:
        found = [
            (one, still_there.read(connection, hashes=one.hashes))
            for one in opt_outs.newest(connection, limit)
        ]
    if as_json:
        console.print_json([one.told(left) for one, left in found])
        return 0
    if not found:
        say("Nobody has opted out.")
        return 0
    columns = dict.fromkeys(("opt-out", "received (UTC)", "values", "removed here", "at HighLevel"), "left")
    rows = [
        (
            one.id,
            f"{one.received_at:%Y-%m-%d %H:%M}",
            f"{len(one.hashes):,}",
            counted(sum(one.removed.values()), "row"),
            _stands(one, left),
        )
        for one, left in found
    ]
    console.table(counted(len(found), "opt-out"), columns, rows)
    say("One of them whole: lusha-connect opt-outs show OPT_OUT")
    return 0


def show(word: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub, hub.read() as connection:
        found = opt_outs.find(connection, word)
        left = still_there.read(connection, hashes=found.hashes)
    if as_json:
        console.print_json(found.told(left))
        return 0
    say(f"Opt-out {found.id}", style="bold")
    _tell(found, left)
    return 0


def add(
    file: Path | None, emails: Sequence[str], phones: Sequence[str], *, dry_run: bool, as_json: bool
) -> int:
    """The command. Returns the exit code."""
    wish = _wish(file, emails, phones)
    with open_hub() as hub:
        found = handle(hub, wish, dry_run=dry_run)
        with hub.read() as connection:
            left = still_there.read(connection, hashes=found.hashes)
    if as_json:
        console.print_json(found.told(left) | {"dry_run": dry_run})
        return 0
    if dry_run:
        say("Dry run: nothing was removed. This would be:", style="bold")
    else:
        say(f"Opt-out {found.id}: its values are removed from the hub, and do not come back.", style="bold")
    _tell(found, left)
    return 0


def _wish(file: Path | None, emails: Sequence[str], phones: Sequence[str]) -> OptOut:
    """What is asked for, in a file or in words.

    Raises:
        BadConfigurationError: Both are given, or it cannot be read.
    """
    if file is None:
        return of_person(emails, phones)
    if emails or phones:
        raise BadConfigurationError("Give a file, or values, not both.")
    try:
        return of_delivery(orjson.loads(file.read_bytes()))
    except orjson.JSONDecodeError:
        raise BadConfigurationError(
            f"{file.name} is no JSON.", remedy="Give one delivery as it came."
        ) from None


def _tell(one: Receipt, left: Sequence[Standing]) -> None:
    told = f", told on {one.opted_out_at:%Y-%m-%d %H:%M} UTC" if one.opted_out_at else ""
    say(f"received: {one.received_at:%Y-%m-%d %H:%M} UTC from a {one.source}{told}")
    say(
        f"values: {len(one.hashes):,}"
        + (f", and {one.unclear:,} that nobody can read" if one.unclear else "")
    )
    removed = ", ".join(f"{table} {number:,}" for table, number in sorted(one.removed.items()))
    say(f"removed here, by table: {removed or 'nothing: no record had them'}")
    for stream, ids in sorted(one.records.items()):
        say(f"{safe(stream)}: {safe(', '.join(ids))}")
    say(f"at HighLevel: {_stands(one, left)}")
    for place in left:
        say(f"    {place.stream} {safe(place.id)}: {safe(place.field)} (location {safe(place.location_id)})")
    if one.plans:
        say(f"plans that remove them there: {', '.join(one.plans)}")
    if left:
        say(GO_ON)


def _stands(one: Receipt, left: Sequence[Standing]) -> str:
    if left:
        return f"{counted(len(left), 'place')} still"
    return f"nothing since {one.finished_at:%Y-%m-%d %H:%M}" if one.finished_at else "nothing any more"
