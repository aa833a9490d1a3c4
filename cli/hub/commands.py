"""The hub database made, upgraded, read out, backed up and restored."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from cli import console
from cli.open_hub import open_hub
from cli.rows import require_format, write
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import load_settings
from tasks.core.words import nearest_of_all
from tasks.hub import backup as backups
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS

TABLES = {table.name: table for table in MIRRORS.values()}
BOOKKEEPING = ("fingerprint", "run_id")
ROWS_AT_ONCE = 1_000


def upgrade(*, as_json: bool) -> int:
    """The command. Returns the exit code."""
    hub = Hub(load_settings().hub_url)
    try:
        before, after = schema.upgrade(hub)
    finally:
        hub.close()
    if as_json:
        console.print_json({"hub": hub.place, "before": before, "after": after})
        return 0
    done = "is up to date at" if before == after else f"upgraded from {before or 'nothing'} to"
    console.say(f"Hub {hub.place} {done} schema {after}.")
    return 0


def backup(file: Path, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with closing(Hub(load_settings().hub_url)) as hub:
        revision = backups.back_up(hub, file)
    size = file.stat().st_size
    if as_json:
        console.print_json({"hub": hub.place, "file": str(file), "schema": revision, "bytes": size})
        return 0
    console.say(f"Hub {hub.place} (schema {revision}) is copied to {file}, {size:,} bytes.")
    console.say("The keys of stored tokens (LUSHA_CONNECT_ENCRYPTION_KEYS) are not in it: keep them apart.")
    return 0


def restore(file: Path, *, replace: bool, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with closing(Hub(load_settings().hub_url)) as hub:
        before, after = backups.restore(hub, file, replace=replace)
    if as_json:
        console.print_json({"hub": hub.place, "file": str(file), "before": before, "after": after})
        return 0
    upgraded = "" if before == after else f", upgraded from schema {before} to {after}"
    console.say(f"Hub {hub.place} is what {file} holds{upgraded}.")
    return 0


def export(stream: str, format_: str, output: Path | None, *, deleted: bool, raw: bool, as_json: bool) -> int:
    """The command: rows stream through, so that memory stays small. Returns the exit code."""
    if stream not in TABLES:
        raise BadConfigurationError(f"There is no stream {stream!r}.", remedy=nearest_of_all(stream, TABLES))
    require_format(format_, raw=raw, as_json=as_json)
    table = TABLES[stream]
    columns = [column for column in table.columns if column.name not in BOOKKEEPING]
    query = sa.select(*columns).order_by(table.c.location_id, table.c.id)
    if not deleted:
        query = query.where(table.c.deleted_at.is_(None))
    with open_hub() as hub, hub.read() as connection:
        names = [str(column.name) for column in columns]
        rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
        found = (dict(zip(names, row, strict=True)) for row in rows)
        write(output, names, found, format_, raw=raw)
    return 0
