"""What was looked at, a line each: how it stands, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cli import console
from tasks.core.findings import Finding

MARKS = {"ok": ("✓", None), "warning": ("!", "yellow"), "failed": ("✗", "red")}


def show_findings(found: Iterable[Finding]) -> None:
    """Print them on standard output."""
    how: dict[str, Any] = {"markup": False, "highlight": False, "soft_wrap": True}
    for one in found:
        mark, style = MARKS[one.status]
        console.out.print(f"{mark} {one.name}: {one.found}", style=style, **how)
        if one.remedy:
            console.out.print(f"  → {one.remedy}", **how)
