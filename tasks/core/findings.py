"""What a look at a connection finds: how it stands, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tasks.core.errors import LushaConnectError


class Status(StrEnum):
    """How something stands."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Args:
        name: What was looked at.
        found: What was found, in a sentence; never a secret.
        remedy: What to do about it; "" where nothing need be done.
    """

    name: str
    status: Status
    found: str
    remedy: str = ""


def ok(name: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(name, Status.OK, found)


def warning(name: str, found: str, remedy: str) -> Finding:
    """It works, and should be looked after."""
    return Finding(name, Status.WARNING, found, remedy)


def failed(name: str, error: LushaConnectError) -> Finding:
    """It does not work, for what an error tells."""
    return Finding(name, Status.FAILED, error.what, error.remedy)
