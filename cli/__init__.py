"""The command line: its first words, each a module beside this one that is imported when it is asked for."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli import console
from cli.lazy import Noun, NounGroup


class LushaConnect(NounGroup):
    """The first words in the order of ``--help``; another one is another line."""

    nouns = (
        Noun(
            "demo",
            "Load a sandbox into a hub, write to it and undo that: no account, nothing left running.",
        ),
        Noun(
            "init", "Ask for token, location and hub, try them, and write them to .env, for its owner alone."
        ),
        Noun("sandbox", "Play HighLevel on this machine, strictly and with its quirks, until interrupted."),
        Noun("run", "Run an automation here and now. Exit code: 0 done, 1 failed, 2 refused."),
        Noun(
            "deploy",
            "Set up a Prefect server, or bring it up to date: work pool, block, deployments, alerts.",
        ),
        Noun(
            "status",
            "Last syncs, what waits, quota, schedules, worker. Exit code: 1 where something needs a person.",
        ),
        Noun("mapping", "Check and try mappings."),
        Noun("plan", "Plans: what is to be written to HighLevel, shown, applied, undone."),
        Noun("review", "Records whose contact is not certain."),
        Noun("rejects", "Rows that failed a check, with the reasons."),
        Noun("journal", "What changed in HighLevel, when, and whose doing that was."),
        Noun("hub", "The hub database."),
        Noun("operations", "HighLevel's operations and events: look them up, call them."),
        Noun("credentials", "Tokens, kept encrypted in the hub."),
        Noun("connect", "Connect an account through the browser."),
        Noun("connections", "The locations that runs may name as their connection."),
    )


app = typer.Typer(
    name="lusha-connect",
    cls=LushaConnect,
    help="Keeps HighLevel contacts, a hub database and Lusha lead data in step, as Prefect pipelines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib import metadata  # which takes as long to import as half of the help

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
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Keeps HighLevel contacts, a hub database and Lusha lead data in step, as Prefect pipelines."""
    if connection:
        from cli.chosen import chosen

        context.with_resource(chosen(connection))


def main() -> None:
    """Entry point: errors of the engine become a message and an exit code, never a traceback."""
    from tasks.core.errors import LushaConnectError

    try:
        app()
    except LushaConnectError as error:
        console.print_error(error)
        sys.exit(console.exit_code(error))
    except KeyboardInterrupt:
        console.err.print("stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)  # the reader (head, say) has seen enough
