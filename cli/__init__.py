"""The command line: every command in one table of contents; each is a module beside this one.

Heavy libraries are imported by the command that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from cli import connections, console

app = typer.Typer(
    name="lusha-connect",
    help="Keeps HighLevel contacts, a hub database and Lusha lead data in step, as Prefect pipelines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
mapping_app = typer.Typer(help="Check and try mappings.", no_args_is_help=True)
rejects_app = typer.Typer(help="Rows that failed a check, with the reasons.", no_args_is_help=True)
hub_app = typer.Typer(help="The hub database.", no_args_is_help=True)
plan_app = typer.Typer(
    help="Plans: what is to be written to HighLevel, shown, applied, undone.", no_args_is_help=True
)
review_app = typer.Typer(help="Records whose contact is not certain.", no_args_is_help=True)
app.add_typer(mapping_app, name="mapping")
app.add_typer(plan_app, name="plan")
app.add_typer(review_app, name="review")
app.add_typer(rejects_app, name="rejects")
app.add_typer(hub_app, name="hub")
operations_app = typer.Typer(
    help="What HighLevel can do and tell: look it up, call it.", no_args_is_help=True
)
app.add_typer(operations_app, name="operations")
credentials_app = typer.Typer(help="Tokens, kept encrypted in the hub.", no_args_is_help=True)
connect_app = typer.Typer(help="Connect an account through the browser.", no_args_is_help=True)
app.add_typer(credentials_app, name="credentials")
app.add_typer(connect_app, name="connect")
app.add_typer(connections.app, name="connections")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Plan and show; write nothing to HighLevel.")]
PlanWord = Annotated[
    str, typer.Argument(metavar="PLAN", help="Its id or the beginning, the id of its run, or last.")
]
Recheck = Annotated[
    str,
    typer.Option(help='Notice later edits: "each record" (read it first) or "by search" (less requests).'),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show Prefect's and the engine's logs.")]


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(metadata.version("lusha-connect"))
        raise typer.Exit


@app.callback()
def lusha_connect(
    context: typer.Context,
    connection: Annotated[
        str,
        typer.Option(metavar="NAME", help="For this location of `connections list`."),
    ] = "",
    version: Annotated[  # noqa: ARG001 - its callback ends the command
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version, and end."),
    ] = False,
) -> None:
    """Keeps HighLevel contacts, a hub database and Lusha lead data in step, as Prefect pipelines."""
    if connection:
        from cli.chosen import chosen

        context.with_resource(chosen(connection))


@app.command()
def demo(
    contacts: Annotated[int, typer.Option(min=1, help="Contacts in the sandbox.")] = 5000,
    verbose: Verbose = False,
) -> None:
    """Backfill a sandbox's contacts into a hub of its own: no account, nothing left running."""
    from cli.demo import demo as command

    raise typer.Exit(command(contacts, verbose=verbose))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8701,
    contacts: Annotated[int, typer.Option(min=0, help="Generated contacts.")] = 5000,
    locations: Annotated[int, typer.Option(min=1, max=99, help="Locations, each with its own token.")] = 1,
    seed: Annotated[int, typer.Option(help="Same seed, same records.")] = 1,
    quota: Annotated[str, typer.Option(help="Requests per window, e.g. 100/10s, or off.")] = "100/10s",
    daily: Annotated[int, typer.Option(help="Requests a day.")] = 200_000,
    search_lag: Annotated[float, typer.Option(help="Seconds until search sees a write.")] = 0.0,
    faults: Annotated[Path | None, typer.Option(help="JSON file with a list of faults.")] = None,
) -> None:
    """Play HighLevel on this machine, strictly and with its quirks, until interrupted."""
    from cli.demo import play_sandbox

    raise typer.Exit(
        play_sandbox(
            port=port,
            contacts=contacts,
            locations=locations,
            seed=seed,
            quota=quota,
            daily=daily,
            search_lag=search_lag,
            faults=faults,
        )
    )


@app.command()
def run(
    automation: Annotated[str, typer.Argument(help="e.g. sync_contacts or import_contacts")],
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", metavar="k=v", help="Parameter.")
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Run an automation here and now. Exit code: 0 done, 1 failed, 2 refused."""
    from cli.run import run as command

    raise typer.Exit(command(automation, param or [], dry_run=dry_run, as_json=json, verbose=verbose))


@mapping_app.command()
def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Mapping files; all of mappings/ by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Check mappings without reading any record: keys, transforms, expectations, fields, expressions."""
    from cli.mapping import validate as command

    raise typer.Exit(command(files or [], as_json=json))


@mapping_app.command()
def preview(
    file: Annotated[str, typer.Argument(help="Mapping name or file.")],
    sample: Annotated[int, typer.Option(min=1, max=500, help="Records to read from HighLevel.")] = 10,
    json: Json = False,
) -> None:
    """Show what a mapping makes of a sample of real records; nothing is written."""
    from cli.mapping import preview as command

    raise typer.Exit(command(file, sample, as_json=json))


@rejects_app.command("list")
def rejects_list(
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
    json: Json = False,
) -> None:
    """The rejects, newest first."""
    from cli.rejects import list_rejects

    raise typer.Exit(list_rejects(limit, as_json=json))


@rejects_app.command("show")
def rejects_show(record: Annotated[str, typer.Argument(help="The record's id.")], json: Json = False) -> None:
    """One reject whole: every reason and the raw record."""
    from cli.rejects import show_reject

    raise typer.Exit(show_reject(record, as_json=json))


@rejects_app.command("replay")
def rejects_replay(
    stream: Annotated[
        str, typer.Argument(help="Where they came from, e.g. file.contact; every stream by default.")
    ] = "",
    mapping: Annotated[
        str, typer.Option(help="Mapping name or file; the one that rejected them by default.")
    ] = "",
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Try the raw records again, after the mapping was mended. Exit code: 0 done, 1 failed, 2 refused."""
    from cli.rejects import replay

    raise typer.Exit(replay(stream, mapping, dry_run=dry_run, as_json=json, verbose=verbose))


@plan_app.command("list")
def plan_list(
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20, json: Json = False
) -> None:
    """The plans, newest first."""
    from cli.plan import list_plans

    raise typer.Exit(list_plans(limit, as_json=json))


@plan_app.command("show")
def plan_show(
    plan: PlanWord,
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
    from cli.plan import show_plan

    raise typer.Exit(show_plan(plan, limit, kind or [], state or [], as_json=json))


@plan_app.command("apply")
def plan_apply(
    plan: PlanWord,
    recheck: Recheck = "each record",
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Take up again what failed before.")
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Write exactly what a plan holds, or go on where that stopped. Exit code as of run."""
    from cli.plan import apply_plan

    raise typer.Exit(
        apply_plan(plan, recheck, retry_failed=retry_failed, dry_run=dry_run, as_json=json, verbose=verbose)
    )


@plan_app.command("undo")
def plan_undo(
    plan: PlanWord,
    delete_created: Annotated[
        bool, typer.Option("--delete-created", help="Delete the contacts, notes and tasks that it made.")
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Bring back what a plan and its follow-ups changed; what was edited since stays. Exit code as of run."""
    from cli.plan import undo_plan

    raise typer.Exit(
        undo_plan(plan, delete_created=delete_created, dry_run=dry_run, as_json=json, verbose=verbose)
    )


@review_app.command("list")
def review_list(
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50, json: Json = False
) -> None:
    """The records that wait for a person, the oldest first."""
    from cli.review import list_reviews

    raise typer.Exit(list_reviews(limit, as_json=json))


@review_app.command("accept")
def review_accept(
    review: Annotated[str, typer.Argument(metavar="REVIEW", help="Its id, or the record's.")],
    contact: Annotated[
        str, typer.Argument(help="Which of the candidates; not needed where there is one.")
    ] = "",
) -> None:
    """Say that the record is one of the candidates."""
    from cli.review import accept

    raise typer.Exit(accept(review, contact))


@review_app.command("split")
def review_split(
    review: Annotated[str, typer.Argument(metavar="REVIEW", help="Its id, or the record's.")],
) -> None:
    """Say that the record is none of the candidates, but a contact of its own."""
    from cli.review import split

    raise typer.Exit(split(review))


@hub_app.command()
def upgrade() -> None:
    """Make the hub, or bring it to this program's schema."""
    from cli.hub import upgrade as command

    raise typer.Exit(command())


@hub_app.command()
def export(
    stream: Annotated[str, typer.Argument(help="e.g. contacts")],
    format_: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; standard output by default.")
    ] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Records deleted in HighLevel, too.")] = False,
) -> None:
    """Write a stream's rows as JSON Lines or CSV."""
    from cli.hub import export as command

    raise typer.Exit(command(stream, format_, output, deleted=deleted))


@operations_app.command("list")
def operations_list(
    product: Annotated[str | None, typer.Option(help="Of one product, e.g. contacts.")] = None,
    kind: Annotated[str | None, typer.Option(help="action or trigger.")] = None,
    json: Json = False,
) -> None:
    """Every action that can be called and every event that HighLevel sends."""
    from cli.operations import list_operations

    raise typer.Exit(list_operations(product, kind, as_json=json))


@operations_app.command("show")
def operations_show(
    name: Annotated[str, typer.Argument(help="e.g. contacts.get-contact or ContactCreate")],
    json: Json = False,
) -> None:
    """One operation whole: request, scope, parameters, what to know about it."""
    from cli.operations import show_operation

    raise typer.Exit(show_operation(name, as_json=json))


@operations_app.command("call")
def operations_call(
    name: Annotated[str, typer.Argument(help="e.g. contacts.get-contact")],
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", metavar="k=v", help="Parameter; a list as a,b.")
    ] = None,
    body: Annotated[str | None, typer.Option(help="More parameters, as a JSON object or @file.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the request, send nothing.")] = False,
    json: Json = False,
) -> None:
    """Call an action; what it changes in HighLevel is changed. Exit code: 0 done, 1 failed, 2 refused."""
    from cli.operations import call_operation

    raise typer.Exit(call_operation(name, param or [], body, dry_run=dry_run, as_json=json))


@operations_app.command("page", hidden=True)
def operations_page(
    output: Annotated[Path | None, typer.Argument(help="File; standard output by default.")] = None,
) -> None:
    """Write docs/operations.md anew from the catalog."""
    from cli.operations_page import write

    raise typer.Exit(write(output))


@credentials_app.command("add")
def credentials_add(
    name: Annotated[str, typer.Argument(help="What settings will call it.")],
    location: Annotated[
        str, typer.Option(help="The location it was made in; the settings' by default.")
    ] = "",
    scope: Annotated[list[str] | None, typer.Option(help="A scope it has, for the list; repeat it.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="In place of one of the same name.")] = False,
) -> None:
    """Store a private integration token; it is read from a prompt or standard input."""
    from cli.credentials import add

    raise typer.Exit(add(name, location, scope or [], replace=replace))


@credentials_app.command("list")
def credentials_list(json: Json = False) -> None:
    """Name, kind, location, scopes and end of each; never a token."""
    from cli.credentials import list_credentials

    raise typer.Exit(list_credentials(as_json=json))


@credentials_app.command("test")
def credentials_test(
    name: Annotated[str, typer.Argument(help="The settings' by default.")] = "", json: Json = False
) -> None:
    """Make one harmless request: does it read the location's contacts?"""
    from cli.credentials import test

    raise typer.Exit(test(name, as_json=json))


@credentials_app.command("remove")
def credentials_remove(name: Annotated[str, typer.Argument(help="Which one.")]) -> None:
    """Delete a credential from the hub, and what was made from it."""
    from cli.credentials import remove

    raise typer.Exit(remove(name))


@credentials_app.command("rotate-key")
def credentials_rotate_key(json: Json = False) -> None:
    """Encrypt every credential under the first of LUSHA_CONNECT_ENCRYPTION_KEYS."""
    from cli.credentials import rotate_key

    raise typer.Exit(rotate_key(as_json=json))


@connect_app.command("highlevel")
def connect_highlevel(
    name: Annotated[str, typer.Option(help="What settings will call the credential.")] = "highlevel",
    scope: Annotated[
        list[str] | None, typer.Option(help="A scope to ask for; repeat it. contacts.readonly by default.")
    ] = None,
    agency: Annotated[
        bool, typer.Option("--agency", help="Install on the agency, for its locations.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Of the address the browser returns to.")
    ] = 8765,
    redirect_url: Annotated[
        str, typer.Option(help="The app's redirect URL, where another leads to that address.")
    ] = "",
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for the browser.")] = 300,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the page's address.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Even if the credential is another location's now.")
    ] = False,
    json: Json = False,
) -> None:
    """Allow your OAuth app in the browser, and store its tokens encrypted."""
    from cli.connect import LEAST_SCOPES, Wish
    from cli.connect import connect_highlevel as command

    wish = Wish(
        name=name,
        scopes=scope or LEAST_SCOPES[agency],
        agency=agency,
        port=port,
        redirect_url=redirect_url,
        timeout=timeout,
        browser=not no_browser,
        replace=replace,
    )
    raise typer.Exit(command(wish, as_json=json))


def main() -> None:
    """Entry point: errors of the engine become a message and an exit code, never a traceback."""
    from tasks.core.errors import LushaConnectError

    try:
        app()
    except LushaConnectError as error:
        console.print_error(error)
        sys.exit(console.exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)  # the reader (head, say) has seen enough
