"""PostgreSQL's own programs, by which a hub there is copied out and read in: pg_dump, pg_restore and psql.

The password goes by the environment, so that no list of processes shows it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import sqlalchemy as sa

from tasks.core.errors import BadConfigurationError, HubUnavailableError
from tasks.hub.engine import Hub

INSTALL = "Install PostgreSQL's client programs, of the server's version or a newer one"
REMEDIES = {
    "version mismatch": f"{INSTALL}.",
    "other objects depend on": "Drop your views of the hub's tables first, and make them again later.",
}
"""What to do, by what a program complains of."""
SILENT = ("--no-owner", "--no-privileges")
"""What belongs to the server: who owns a table there, and who else may read it."""


def dump(hub: Hub, file: Path, tables: Iterable[str]) -> None:
    """Write tables of a hub to a file of pg_dump's custom format.

    Raises:
        BadConfigurationError: pg_dump is not there.
        HubUnavailableError: It failed.
    """
    named = [f"--table={table}" for table in tables]
    words = ["--format=custom", *SILENT, *named, f"--file={file}", f"--dbname={_url(hub)}"]
    _run(hub, "pg_dump", words)


def value_of(hub: Hub, file: Path, table: str) -> str:
    """What the only row of a table of one column holds, in such a file.

    Raises:
        BadConfigurationError: pg_restore is not there, or the file is no such dump.
    """
    text = _run(hub, "pg_restore", ["--data-only", f"--table={table}", "--file=-", str(file)])
    found = re.search(rf"^COPY \S*{table} .*\n(\S+)\n", text, re.MULTILINE)
    if found is None:
        raise BadConfigurationError(
            f"{file} is no back-up of a hub.", remedy="Give a file that `hub backup` made."
        )
    return found[1]


def read_in(hub: Hub, file: Path, tables: Iterable[str]) -> None:
    """Put the tables of such a file in the place of those that are there: all of it or nothing.

    Raises:
        BadConfigurationError: pg_restore or psql is not there.
        HubUnavailableError: One of them failed; the hub is what it was.
    """
    restoring, filling = _program("pg_restore", hub), _program("psql", hub)
    once = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"]
    with (
        TemporaryFile() as unread,  # complaints: a pipe that nobody empties would hold a program up
        TemporaryFile() as unwritten,
        subprocess.Popen(  # noqa: S603 - PostgreSQL's own program, no shell
            [restoring, *SILENT, "--file=-", str(file)], stdout=subprocess.PIPE, stderr=unread
        ) as reading,
        subprocess.Popen(  # noqa: S603 - likewise
            [filling, *once, f"--dbname={_url(hub)}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=unwritten,
            env=_environment(hub),
        ) as writing,
    ):
        assert reading.stdout is not None  # noqa: S101 - asked for above
        assert writing.stdin is not None  # noqa: S101 - asked for above
        try:
            writing.stdin.write(f"DROP TABLE IF EXISTS {', '.join(tables)};\n".encode())
            shutil.copyfileobj(reading.stdout, writing.stdin)
            if reading.wait():
                writing.kill()  # before it sees the end: it takes back what it has done
                raise _failed(hub, "pg_restore", _text(unread))
        except BrokenPipeError:  # psql has ended, and says why below
            reading.kill()
        finally:
            with suppress(BrokenPipeError):
                writing.stdin.close()
        if writing.wait():
            raise _failed(hub, "psql", _text(unwritten))


def _text(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _run(hub: Hub, program: str, words: list[str]) -> str:
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
        [_program(program, hub), *words], env=_environment(hub), capture_output=True, check=False
    )
    if done.returncode:
        raise _failed(hub, program, done.stderr)
    return done.stdout.decode("utf-8", "replace")


def _program(name: str, hub: Hub) -> str:
    found = shutil.which(name)
    if found is None:
        place = hub.engine.url.render_as_string(hide_password=True).replace("+psycopg", "")
        by_hand = {
            "pg_dump": f"pg_dump --format=custom --no-owner --file=hub.dump --dbname={place}",
            "pg_restore": f"pg_restore --no-owner --clean --if-exists --dbname={place} hub.dump",
            "psql": f"psql {place}",
        }
        raise BadConfigurationError(
            f"A hub in PostgreSQL needs the program {name}, and it is not on the PATH.",
            remedy=f"{INSTALL} (Debian: apt install postgresql-client), or run elsewhere: {by_hand[name]}",
        )
    return found


def _url(hub: Hub) -> str:
    url = hub.engine.url
    plain = sa.URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return plain.render_as_string(hide_password=False)


def _environment(hub: Hub) -> dict[str, str]:
    password = hub.engine.url.password
    return os.environ | ({"PGPASSWORD": str(password)} if password else {})


def _failed(hub: Hub, program: str, complaint: bytes) -> HubUnavailableError:
    lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line.lower()]
    told = next(iter([*errors, *lines]), "no reason given")
    remedy = next((remedy for sign, remedy in REMEDIES.items() if sign in told), "")
    return HubUnavailableError(f"Hub {hub.place}: {program} failed: {told}", remedy=remedy)
