"""``.env``: what it says, and some settings written into it; everything else in it stays."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values, set_key

from tasks.core.errors import BadConfigurationError


def read(file: Path) -> dict[str, str]:
    """The variables of a file that have a value; none where it is not there."""
    return {name: value for name, value in dotenv_values(file).items() if value}


def write(file: Path, values: Mapping[str, str]) -> None:
    """Set variables in a file that its owner alone can read afterwards: all of them or none.

    Raises:
        BadConfigurationError: It cannot be written.
    """
    place = file.resolve()  # a link stays one
    try:
        with tempfile.TemporaryDirectory(prefix=".env-", dir=place.parent) as folder:
            part = Path(folder) / "env"
            part.write_bytes(place.read_bytes() if place.exists() else b"")
            for name, value in values.items():
                set_key(part, name, value, quote_mode="auto")
            part.chmod(0o600)
            part.replace(place)
    except OSError as error:
        raise BadConfigurationError(
            f"{file} cannot be written: {error.strerror}.", remedy="Check who may write here."
        ) from None
