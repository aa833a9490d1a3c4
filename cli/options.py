"""Options and arguments that several commands have: the same name, meaning and help everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import completion

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Show what would be written, sent or removed, and do none of it."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show Prefect's and the engine's logs.")]
Limit = Annotated[int, typer.Option(min=1, help="How many to show.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="File; standard output by default.")]
Raw = Annotated[
    bool, typer.Option("--raw", help="CSV: also what a spreadsheet would run as a formula, as it is.")
]

PlanId = Annotated[
    str,
    typer.Argument(
        metavar="PLAN",
        help="Its id, that of its run, a part of one of them, or last.",
        autocompletion=completion.plans,
    ),
]
ReviewId = Annotated[
    str,
    typer.Argument(
        metavar="REVIEW",
        help="Its id or a part of it, the record's id, or last.",
        autocompletion=completion.reviews,
    ),
]
DecidedId = Annotated[
    str,
    typer.Argument(
        metavar="REVIEW",
        help="Its id or a part of it, the record's id, or last.",
        autocompletion=completion.decided,
    ),
]
RejectId = Annotated[
    str,
    typer.Argument(
        metavar="REJECT",
        help="The record's id, a part of it that no other has, or last.",
        autocompletion=completion.rejects,
    ),
]
