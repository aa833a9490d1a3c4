"""The hub copied to one file, and put back from it.

Of SQLite the whole file, while others read and write; of PostgreSQL the hub's own tables, by the programs
that come with it. A back-up holds everything that the hub holds: who has the file has the contacts. Stored
tokens in it are encrypted, and the keys are not in it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from tasks.core.errors import BadConfigurationError, HubMissingError, HubUnavailableError
from tasks.hub import postgresql_tools, schema
from tasks.hub.engine import BUSY_SECONDS, Hub
from tasks.hub.ledger import living
from tasks.hub.tables import metadata

SQLITE, POSTGRESQL = b"SQLite format 3\0", b"PGDMP"
"""What the files of each kind begin with."""

KINDS = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}

OURS = (*sorted(metadata.tables), schema.VERSION_TABLE)
"""The hub's tables; what else is in its PostgreSQL database is not touched."""


def back_up(hub: Hub, file: Path) -> str:
    """Write all that the hub holds to a new file that only its owner can read; the schema that it is of.

    Raises:
        BadConfigurationError: The file is there already or cannot be written, or pg_dump is not there.
        HubMissingError: There is no hub.
        HubUnavailableError: It cannot be read.
    """
    revision = schema.revision(hub) if hub.is_there else None
    if revision is None:
        raise HubMissingError(
            f"There is no hub at {hub.place} to back up.", remedy="Correct LUSHA_CONNECT_HUB_URL."
        )
    with _new_file(file) as part:
        if hub.is_sqlite:
            _copy(Path(str(hub.engine.url.database)), part, hub)
            with closing(sqlite3.connect(part)) as copied:
                copied.execute("PRAGMA journal_mode=DELETE")  # one file, and none beside it
        else:
            postgresql_tools.dump(hub, part, _present(hub))
    return revision


def restore(hub: Hub, file: Path, *, replace: bool = False) -> tuple[str, str]:
    """Put a back-up in the hub's place: all of it or nothing. An older one is upgraded.

    Args:
        replace: Whether what the hub holds may go.

    Returns:
        The schema of the back-up, and this program's.

    Raises:
        BadConfigurationError: The file is no back-up of this kind of hub, the hub is not empty, or a run is
            at work on it.
        HubSchemaError: The back-up is of a newer program.
        HubUnavailableError: The hub cannot be written; it is what it was.
    """
    _require_kind(hub, file)
    if not replace and hub.is_there and (table := _filled(hub)):
        raise BadConfigurationError(
            f"Hub {hub.place} is not empty: it has rows in {table}.",
            remedy="Name a new hub in LUSHA_CONNECT_HUB_URL, or add --replace to lose what it holds.",
        )
    _require_rest(hub)
    if hub.is_sqlite:
        return _restore_sqlite(hub, file), schema.head()
    found = postgresql_tools.value_of(hub, file, schema.VERSION_TABLE)
    schema.refuse_newer(str(file), found)
    postgresql_tools.read_in(hub, file, OURS)
    schema.upgrade(hub)
    return found, schema.head()


def _restore_sqlite(hub: Hub, file: Path) -> str:
    """A copy is upgraded beside the hub before anything becomes of the hub itself."""
    place = Path(str(hub.engine.url.database))
    hub.make_folder()
    with _passing_file(place.with_name(f"{place.name}.restored")) as part:
        _copy(file, part, hub)
        with closing(Hub(f"sqlite:///{part}")) as copied:
            found = schema.revision(copied)
            if found is None:
                raise _no_back_up(file)
            schema.refuse_newer(str(file), found)
            schema.upgrade(copied)
        if not place.exists():
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o600))
        hub.close()
        _copy(part, place, hub)  # whoever has the hub open sees it before or after, never half
    return found


def _copy(source: Path, target: Path, hub: Hub) -> None:
    try:
        with (
            closing(
                sqlite3.connect(f"file:{source.absolute()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
            ) as old,
            closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise HubUnavailableError(
            f"Hub {hub.place}: {source} cannot be copied to {target}: {error}.",
            remedy="Check the room on the disk, and that no other program holds the hub's write lock.",
        ) from None


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file to write, which has its name only when it is whole."""
    if file.exists():
        raise BadConfigurationError(f"{file} is there already.", remedy="Choose another name, or remove it.")
    with _passing_file(file.with_name(f"{file.name}.part")) as part:
        yield part
        part.rename(file)


@contextmanager
def _passing_file(part: Path) -> Iterator[Path]:
    """An empty file of our own, which is gone at the end."""
    try:
        part.unlink(missing_ok=True)  # of one who was killed
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise BadConfigurationError(
            f"{part} cannot be written: {error.strerror}.", remedy="Choose a folder that can be written."
        ) from None
    try:
        yield part
    finally:
        for left in (part, *(part.with_name(part.name + end) for end in ("-wal", "-shm", "-journal"))):
            left.unlink(missing_ok=True)


def _require_kind(hub: Hub, file: Path) -> None:
    try:
        with file.open("rb") as stream:
            start = stream.read(len(SQLITE))
    except OSError as error:
        raise BadConfigurationError(
            f"{file} cannot be read: {error.strerror}.", remedy="Check the path, and who may read the file."
        ) from None
    kind = next((name for magic, name in KINDS.items() if start.startswith(magic)), "")
    ours = KINDS[SQLITE if hub.is_sqlite else POSTGRESQL]
    if not kind:
        raise _no_back_up(file)
    if kind != ours:
        raise BadConfigurationError(
            f"{file} is a back-up of a hub in {kind}, and {hub.place} is one in {ours}.",
            remedy="Set LUSHA_CONNECT_HUB_URL to a hub of the back-up's kind.",
        )


def _no_back_up(file: Path) -> BadConfigurationError:
    return BadConfigurationError(
        f"{file} is no back-up of a hub.", remedy="Give a file that `hub backup` made."
    )


def _require_rest(hub: Hub) -> None:
    """Refuse while a run of this version is at work: it would go on with what is no longer there."""
    if not hub.is_there or schema.revision(hub) != schema.head():
        return
    if alive := living(hub):
        raise BadConfigurationError(
            f"{', '.join(alive)} is at work on hub {hub.place}.",
            remedy="Stop the workers and every run first; one that was killed on another machine counts as"
            " dead after ten minutes.",
        )


def _present(hub: Hub) -> list[str]:
    """The hub's tables that are there: an older one has fewer."""
    with hub.read() as connection:
        there = set(sa.inspect(connection).get_table_names())
    return [table for table in OURS if table in there]


def _filled(hub: Hub) -> str:
    """A table that has rows; of a SQLite file any, for the whole file is replaced. Empty where none has."""
    with hub.read() as connection:
        there = sa.inspect(connection).get_table_names()
        for table in sorted(there if hub.is_sqlite else set(there) & set(OURS)):
            first = sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)
            if table != schema.VERSION_TABLE and connection.execute(first).first():
                return table
    return ""
