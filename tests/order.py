"""In which order tests run, so that several workers end at the same time and start little twice.

``--dist worksteal`` gives each worker an equal run of tests, in order, and one that has none left takes the
later half of another's. So each worker's run begins with what is heavy, that which needs the same server
together, and ends with what any of them may take.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

SERVERS = ("prefect_api", "small_sandbox")
"""Fixtures of a session that are dear to start, or whose tests take long."""

LONG = (
    "test_any_fault.py",
    "test_any_undo.py",
    "test_frozen.py",
    "test_import_killed.py",
    "test_kill_and_resume.py",
    "test_deployments.py",
    "test_long_lived.py",
    "test_many_runs.py",
    "test_documents.py",
    "test_in_the_browser.py",
    "test_sums.py",
)
"""Modules whose single tests take longest: they are first among those that need the same."""


def arranged(items: Sequence[Any], workers: int) -> list[Any]:
    """The tests in their order for as many workers."""
    if workers < 2:
        return list(items)
    groups: dict[str, list[Any]] = {server: [] for server in (*SERVERS, "")}
    for item in items:
        needed = (server for server in SERVERS if server in item.fixturenames)
        alone = SERVERS[-1] if item.path.name in LONG else ""  # not last, when others have nothing left
        groups[next(needed, alone)].append(item)
    light = groups.pop("")
    heavy: list[list[Any]] = []
    for number, group in enumerate(groups.values()):
        group.sort(key=lambda item: item.path.name not in LONG)  # stable: a module's tests stay together
        heavy += _parts(group, workers // 2 if number else workers - workers // 2)
    runs = []
    for size, share in zip(_sizes(len(items), workers), heavy, strict=True):
        rest = max(0, size - len(share))
        runs.append([*share, *light[:rest]])
        light = light[rest:]
    return [item for run in runs for item in run] + light


def _parts(items: list[Any], count: int) -> Iterator[list[Any]]:
    for size in _sizes(len(items), count):
        yield items[:size]
        items = items[size:]


def _sizes(total: int, parts: int) -> Iterator[int]:
    """How xdist divides tests among workers."""
    for left in range(parts, 0, -1):
        yield total // left
        total -= total // left
