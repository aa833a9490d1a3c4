"""Folders and files that only their owner may read: what the program makes holds personal data and tokens."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for their owner alone (0700); what is there stays as it is.

    Raises:
        OSError: One cannot be made.
    """
    for one in (*reversed(folder.parents), folder):
        if not one.is_dir():
            with suppress(FileExistsError):  # another process was quicker
                one.mkdir(mode=0o700)


def make_file(file: Path) -> None:
    """Make an empty file for its owner alone (0600); one that is there stays as it is.

    SQLite gives the files beside a database (``-wal``, ``-shm``) the rights of the database.

    Raises:
        OSError: It cannot be made.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
