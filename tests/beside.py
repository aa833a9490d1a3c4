"""What lies in ``shared`` beside the project's folder: where it is missing, no test is skipped in silence."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""In it are ``contracts`` (the vendor's own OpenAPI files) and ``reference``."""

WHERE = "is not beside the project's folder"


def require(path: Path) -> None:
    """Skip the present test where this is not there; where ``CI`` is set, let it fail."""
    if path.exists():
        return
    why = f"{path.relative_to(SHARED.parent).as_posix()} {WHERE}"
    if os.environ.get("CI"):
        pytest.fail(f"{why}; where CI is set, no test is skipped for that")
    pytest.skip(why)


def told(skipped: Iterable[Any]) -> str:
    """What the summary says of the tests that were skipped for what is missing; nothing where none was."""
    reasons = [str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped]
    missing = sorted(reason.removesuffix(WHERE).strip() for reason in reasons if reason.endswith(WHERE))
    if not missing:
        return ""
    return (
        f"{len(missing)} TESTS DID NOT RUN against what {WHERE}: {', '.join(dict.fromkeys(missing))}"
        " (where CI is set, they fail)"
    )
