"""``lusha-connect plans``: what was planned for HighLevel, looked at, carried out, taken back."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.lazy import group
from cli.options import DryRun, Json, Limit, PlanId, Verbose

app = group("Plans: what is to be written to HighLevel, shown, applied, undone.")


@app.command("list")
def list_(limit: Limit = 20, json: Json = False) -> None:
    """The plans, newest first."""
    from cli.plan.commands import list_plans

    raise typer.Exit(list_plans(limit, as_json=json))


@app.command()
def show(
    plan: PlanId,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Changes to show; 50 by default, all with --json.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only create, update, tag_add, conflict, …; repeat it.")
    ] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only planned, done, stale, left, failed; repeat it.")
    ] = None,
    json: Json = False,
) -> None:
    """One plan: what it comes to, and its changes field by field."""
    from cli.plan.commands import show_plan

    raise typer.Exit(show_plan(plan, limit, kind or [], state or [], as_json=json))


@app.command()
def apply(
    plan: PlanId,
    recheck: Annotated[
        str,
        typer.Option(
            help='Notice later edits: "each record" (read it first) or "by search" (fewer requests).'
        ),
    ] = "each record",
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Take up again what failed before.")
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Write exactly what a plan holds, or go on where it stopped. Exit codes as with run."""
    from cli.plan.commands import apply_plan

    raise typer.Exit(
        apply_plan(plan, recheck, retry_failed=retry_failed, dry_run=dry_run, as_json=json, verbose=verbose)
    )


@app.command()
def undo(
    plan: PlanId,
    delete_created: Annotated[
        bool, typer.Option("--delete-created", help="Delete the records, notes and tasks that it made.")
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Take back what a plan and its follow-ups changed; later edits stay. Exit codes as with run."""
    from cli.plan.commands import undo_plan

    raise typer.Exit(
        undo_plan(plan, delete_created=delete_created, dry_run=dry_run, as_json=json, verbose=verbose)
    )
