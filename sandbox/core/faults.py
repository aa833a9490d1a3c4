"""What may go wrong on purpose: which requests, how often, and how.

A fault whose name ends in *before* strikes before anything happened; after *after* the effect took place
and only the answer was lost. Hits are drawn from the fault's own seed in the order of the requests, so a
run of the same requests meets the same faults.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.core.options import BadOptionError

__all__ = ["COMMON", "BadFaultError", "Fault", "draw", "parse_faults", "read_faults"]

COMMON = (
    "429",
    "500",
    "502_html",
    "timeout_before",
    "timeout_after",
    "reset_before",
    "reset_after",
    "truncated_json",
    "slow",
)
"""What may go wrong at every vendor's."""
_KEYS = ("operation", "fault", "share", "seed", "seconds", "times", "record", "then")
_DEFAULT_SECONDS = {"slow": 2.0, "timeout_before": 30.0, "timeout_after": 30.0}


class BadFaultError(ValueError):
    """A fault that is not understood; the message names the key and what is allowed."""


@dataclass(slots=True)
class Fault:
    """One way to go wrong, and its dice.

    Args:
        record: Only requests whose path or body names this; empty for all.
        then: What a person does right after a request that was hit, as the control door's ``edit`` has it.
    """

    operation: str
    kind: str
    share: float = 1.0
    seed: int = 1
    seconds: float = 0.0
    times: int | None = None
    record: str = ""
    then: dict[str, Any] | None = None
    hits: int = 0
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Seed the dice."""
        self._dice = random.Random(self.seed)  # noqa: S311 - reproducible faults, no secret

    def strikes(self, operation: str, content: bytes = b"") -> bool:
        """Whether this request is hit; draws only for the operation it is about.

        Args:
            content: The request's path and body.
        """
        if self.record.encode() not in content:
            return False
        if self.operation not in ("*", operation) or (self.times is not None and self.hits >= self.times):
            return False
        if self._dice.random() >= self.share:
            return False
        self.hits += 1
        return True


def draw(faults: list[Fault], operation: str, content: bytes = b"") -> Fault | None:
    """The first fault that strikes this request.

    Args:
        content: Its path and body.
    """
    return next((fault for fault in faults if fault.strikes(operation, content)), None)


def parse_faults(given: Any, kinds: tuple[str, ...]) -> list[Fault]:
    """Faults from their JSON form.

    Args:
        kinds: What may go wrong at this vendor's.

    Raises:
        BadFaultError: something is not understood.
    """
    if not isinstance(given, list):
        raise BadFaultError(
            'faults must be a list such as [{"operation": "*", "fault": "500", "share": 0.05}]'
        )
    return [_parse_fault(place, entry, kinds) for place, entry in enumerate(given)]


def read_faults(path: Path | str, kinds: tuple[str, ...]) -> list[Fault]:
    """Faults from a file.

    Raises:
        BadOptionError: the file cannot be read or is not understood.
    """
    try:
        return parse_faults(json.loads(Path(path).read_text(encoding="utf-8")), kinds)
    except OSError as unreadable:
        raise BadOptionError(f"faults file {path} cannot be read ({unreadable.strerror})") from unreadable
    except json.JSONDecodeError as malformed:
        raise BadOptionError(f"faults file {path} is not JSON: {malformed}") from malformed
    except ValueError as malformed:
        raise BadOptionError(f"faults file {path}: {malformed}") from malformed


def _parse_fault(place: int, entry: Any, kinds: tuple[str, ...]) -> Fault:
    if not isinstance(entry, dict):
        raise BadFaultError(f"fault {place} must be an object with the keys {', '.join(_KEYS)}")
    for key in entry:
        if key not in _KEYS:
            raise BadFaultError(f"fault {place}: unknown key {key!r}; allowed are {', '.join(_KEYS)}")
    for key, holds, wanted in _CHECKS:
        if not holds(entry.get(key)):
            raise BadFaultError(f"fault {place}: {key} is {entry.get(key)!r}, but must be {wanted}")
    kind = entry.get("fault")
    if kind not in kinds:
        raise BadFaultError(f"fault {place}: fault is {kind!r}, but must be one of {', '.join(kinds)}")
    return Fault(
        operation=entry["operation"],
        kind=kind,
        share=float(entry.get("share", 1.0)),
        seed=entry.get("seed", 1),
        seconds=float(entry.get("seconds", _DEFAULT_SECONDS.get(kind, 0.0))),
        times=entry.get("times"),
        record=entry.get("record", ""),
        then=entry.get("then"),
    )


def _number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _whole(value: Any, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= low


_CHECKS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("operation", lambda v: isinstance(v, str) and v != "", 'a string such as "POST /contacts/", or "*"'),
    ("share", lambda v: v is None or _number(v, 0, 1), "a number from 0 to 1"),
    ("seed", lambda v: v is None or _whole(v, 0), "a whole number, 0 or more"),
    ("seconds", lambda v: v is None or _number(v, 0, 3600), "a number of seconds from 0 to 3600"),
    ("record", lambda v: v is None or isinstance(v, str), "an id that the path or the body names"),
    ("then", lambda v: v is None or isinstance(v, dict), "an edit, as POST /_sandbox/edit takes it"),
    ("times", lambda v: v is None or _whole(v, 1), "a whole number, 1 or more"),
)
