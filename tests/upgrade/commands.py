"""What the upgrade's tests ask the command line, and count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

Command = Callable[..., Any]


def run(lusha_connect: Command, *words: str) -> Any:
    """What a command that succeeds prints as JSON."""
    done = lusha_connect(*words, "--json")
    assert done.code == 0, done.err
    return done.json


def changes(lusha_connect: Command, plan: str, *kinds: str) -> list[dict[str, Any]]:
    words = [word for kind in kinds for word in ("--kind", kind)]
    found: list[dict[str, Any]] = run(lusha_connect, "plan", "show", plan, *words)["changes"]
    return found


def names(records: list[dict[str, Any]], field: str) -> Counter[str]:
    """How often each value of a field is there."""
    return Counter(str(one.get(field)) for one in records)
