"""What was measured beside what is aimed at: kept by part, so that one part may be measured again alone."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HOME = Path(".lusha-connect/bench")
LIBRARIES = ("prefect", "great-expectations", "httpx", "sqlalchemy", "pandas", "dlt", "drt-core")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table.

    Args:
        work: What was done.
        aim: What is aimed at, in words.
        found: What was measured, in words.
        met: Whether the aim is.
    """

    work: str
    aim: str
    found: str
    met: bool

    def line(self) -> str:
        """As a line of a Markdown table."""
        return f"| {self.work} | {self.aim} | {self.found} | {'met' if self.met else 'missed'} |"


def keep(part: str, findings: Sequence[Finding], **more: Any) -> None:
    """Keep what a part found, in place of what it found before; print it."""
    HOME.mkdir(parents=True, exist_ok=True)
    told = {"at": f"{datetime.now(UTC):%Y-%m-%d}", "findings": [asdict(one) for one in findings], **more}
    (HOME / f"{part}.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    print("\n".join(table(findings)), end="\n\n", flush=True)


def kept(part: str) -> dict[str, Any]:
    """What a part kept; nothing where it was not measured."""
    file = HOME / f"{part}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def found_by(part: str) -> list[Finding]:
    """The findings that a part kept."""
    return [Finding(**one) for one in kept(part).get("findings", ())]


def table(findings: Sequence[Finding]) -> Iterator[str]:
    """Markdown."""
    yield "| work | aim | measured | |"
    yield "|---|---|---|---|"
    yield from (one.line() for one in findings)


def machine() -> str:
    """On what it was measured, in one sentence."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    processor = next(
        (line.partition(":")[2].strip() for line in _processors() if line.startswith("model name")), "?"
    )
    return (
        f"{os.cpu_count()} processors ({processor}), {platform.system()}, Python {platform.python_version()},"
        f" {versions}."
    )


def _processors() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
