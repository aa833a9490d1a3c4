"""Opening the hub: one engine, read and write transactions, and errors that say what to do.

SQLite runs in WAL mode and takes its write lock when a write transaction begins, so that two
processes queue instead of failing half-way; PostgreSQL needs nothing but its URL.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from tasks.core import private
from tasks.core.errors import BadConfigurationError, HubBusyError, HubUnavailableError
from tasks.core.remedies import by_command
from tasks.core.settings import HUB_URL
from tasks.core.words import sentence

BUSY_SECONDS = 60
"""How long a SQLite transaction waits for another process's write."""

_patience: ContextVar[float] = ContextVar("patience", default=BUSY_SECONDS)


@contextmanager
def not_waiting() -> Iterator[None]:
    """In the ``with`` body a SQLite transaction does not wait for another process's write.

    For code that must not hold up the event loop; it raises HubBusyError, with nothing done.
    """
    token = _patience.set(0)
    try:
        yield
    finally:
        _patience.reset(token)


_HINTS = {
    "disk is full": "Free some space; the batch was rolled back and a rerun continues.",
    "no space left": "Free some space; the batch was rolled back and a rerun continues.",
    "readonly": "Make the hub's file and folder writable.",
    "unable to open": "Check that the folder exists and is writable.",
    "locked": "Another program holds the hub's write lock; close it and run again.",
    "not a database": "The file is not a SQLite database; choose another LUSHA_CONNECT_HUB_URL.",
    "malformed": "The file is damaged; restore it, or start a new hub and run the backfill again.",
    "connection refused": "Start the database server, or correct LUSHA_CONNECT_HUB_URL.",
    "authentication failed": "Correct user and password in LUSHA_CONNECT_HUB_URL.",
    "does not exist": "Create the database (or role) first, or correct LUSHA_CONNECT_HUB_URL.",
    "permission denied": "Grant the hub's user the rights on its schema.",
    "no such table": sentence(by_command("hub upgrade")),
}


class Hub:
    """The hub database.

    Args:
        url: SQLAlchemy URL, ``sqlite:///…`` or ``postgresql://…``.

    Attributes:
        is_usual: Whether it is where hubs are if no setting says otherwise.

    Raises:
        BadConfigurationError: The URL is not one, or names another kind of database.
    """

    def __init__(self, url: str) -> None:
        self.is_usual = url == HUB_URL
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """Where the hub is, for people: a file's path, or a URL without its password."""
        url = self.engine.url
        return url.database or ":memory:" if self.is_sqlite else url.render_as_string(hide_password=True)

    @property
    def is_there(self) -> bool:
        """Whether there is a database to ask, as far as can be told without making one."""
        return (file := self._file) is None or file.exists()

    def make_folder(self) -> None:
        """Make the folder of a hub that is a file, and the file, for their owner alone.

        Raises:
            HubUnavailableError: It cannot be made.
        """
        if (file := self._file) is None:
            return
        try:
            private.make_folder(file.parent)
            private.make_file(file)
        except OSError as error:
            raise HubUnavailableError(
                f"Hub {file}: {error.strerror}", remedy="Choose a folder that can be written."
            ) from None

    @property
    def _file(self) -> Path | None:
        file = self.engine.url.database
        return None if not self.is_sqlite or file in (None, "", ":memory:") else Path(str(file))

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction.

        Raises:
            HubUnavailableError: The database cannot be reached or read.
        """
        with self._explained(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A write transaction: all of it or nothing.

        Raises:
            HubUnavailableError: The database cannot be reached or written.
        """
        with self._explained(), self.engine.connect() as connection:
            writing = connection.execution_options(hub_write=True)
            with writing.begin():
                yield writing

    def now_ms(self, connection: sa.Connection) -> int:
        """Epoch milliseconds on the one clock that all processes of this hub share.

        The database server's, or this machine's where the hub is a file on it.
        """
        if self.is_sqlite:
            return time.time_ns() // 1_000_000
        clock = sa.select(sa.cast(sa.extract("epoch", sa.func.clock_timestamp()) * 1000, sa.BigInteger))
        return connection.execute(clock).scalar_one()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            cause = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
            busy = self.is_sqlite and "locked" in cause.lower()
            kind = HubBusyError if busy else HubUnavailableError
            raise kind(f"Hub {self.place}: {cause}", remedy=_hint(cause)) from None
        except SQLAlchemyError as error:
            raise HubUnavailableError(f"Hub {self.place}: {type(error).__name__}") from error


def _hint(cause: str) -> str:
    low = cause.lower()
    return next((hint for word, hint in _HINTS.items() if word in low), "Check LUSHA_CONNECT_HUB_URL.")


def _engine(url: str) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        if parsed.get_backend_name() == "postgresql":
            return sa.create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ArgumentError, NoSuchModuleError, ValueError):
        parsed = None
    raise BadConfigurationError(
        "LUSHA_CONNECT_HUB_URL is not a database this program knows"
        + (f" ({parsed.get_backend_name()})." if parsed is not None else "."),
        remedy="Use sqlite:///path/to/hub.db or postgresql://user:password@host:5432/database.",
    )


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        # WAL: readers and the one writer do not block each other. NORMAL: a power cut may cost the
        # last batch, never the file; the cursor goes back with it.
        # The log is written back every 64 MB instead of every 4: a batch of 5,000 is about 10.
        # Pages of 8 kB, in a new file: a record with its text is more than a kilobyte.
        for pragma in (
            "page_size=8192",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "cache_size=-32000",
            "wal_autocheckpoint=8000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("hub_write", False)
        patience = int(_patience.get() * 1000)
        if connection.info.get("patience", BUSY_SECONDS * 1000) != patience:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
            connection.info["patience"] = patience
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
