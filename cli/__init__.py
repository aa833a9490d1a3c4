"""The command line: its first words, each a module beside this one that is imported when it is asked for."""

from __future__ import annotations

import gc
import sys
from typing import Annotated, Any

import typer

from cli import completion, console
from cli.lazy import Noun, NounGroup

MADE_BY_IMPORTS = 100_000
"""New objects after which the garbage collector looks for cycles; importing makes as many, and they stay."""


class LushaConnect(NounGroup):
    """The first words in the order of ``--help``; another one is another line."""

    nouns = (
        Noun(
            "demo",
            "Load a sandbox into a hub, write to it, buy leads, undo that: no account, nothing left running.",
        ),
        Noun(
            "init", "Ask for token, location and hub, try them, and write them to .env, for its owner alone."
        ),
        Noun("sandbox", "Play HighLevel and Lusha on this machine, strictly, until interrupted."),
        Noun("run", "Run an automation here and now. Exit code: 0 done, 1 failed, 2 refused."),
        Noun(
            "deploy",
            "Set up a Prefect server, or bring it up to date: work pool, block, deployments, alerts.",
        ),
        Noun(
            "status",
            "Last syncs, what waits, quota, schedules, worker. Exit code: 1 where something needs a person.",
        ),
        Noun("mappings", "Check and try mappings.", module="mapping", alias="mapping"),
        Noun("rules", "Check and try rules."),
        Noun(
            "plans",
            "Plans: what is to be written to HighLevel, shown, applied, undone.",
            module="plan",
            alias="plan",
        ),
        Noun("reviews", "Records whose contact is not certain.", module="review", alias="review"),
        Noun("rejects", "Rows that failed a check, with the reasons."),
        Noun("journal", "What changed in HighLevel, when, and whose doing that was."),
        Noun("notices", "What rules tell people, and what could not be delivered.", alias="notice"),
        Noun(
            "opt-outs",
            "Values whose owners opted out: removed, and kept away.",
            module="opt_outs",
            alias="opt-out",
        ),
        Noun("hub", "The hub database."),
        Noun("operations", "HighLevel's and Lusha's operations and events: look them up, call them."),
        Noun(
            "credits",
            "Lusha's credits: balance, spent by run and automation, reserved, what a dry run would cost.",
        ),
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
        typer.Option(
            metavar="CONNECTION",
            help="For this location of `connections list`.",
            autocompletion=completion.connections,
        ),
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
    """Entry point: errors of the engine become a message and an exit code, never a traceback.

    Where ``--json`` is given, the last line of standard output is the error as a JSON object.
    """
    gc.set_threshold(MADE_BY_IMPORTS)  # as modules are imported there is little to collect
    from tasks.core.errors import LushaConnectError
    from tasks.core.remedies import at_terminal

    reader = at_terminal.set(True)
    try:
        app()
    except SystemExit as ended:
        _tell_programs(_usage_error(ended))
        raise
    except LushaConnectError as error:
        console.print_error(error)
        _tell_programs(console.error_as_json(error))
        sys.exit(console.exit_code(error))
    except KeyboardInterrupt:
        console.err.print("stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)  # the reader (head, say) has seen enough
    except Exception as error:
        _tell_programs(console.error_as_json(error))
        raise
    finally:
        at_terminal.reset(reader)


def _tell_programs(error: dict[str, Any] | None) -> None:
    """Print an error as JSON, where the command line asks for JSON."""
    words = sys.argv[1:]
    options = words[: words.index("--")] if "--" in words else words
    if error is not None and "--json" in options:
        console.print_json(error)


def _usage_error(ended: SystemExit) -> dict[str, Any] | None:
    """What was wrong with the words, for programs; None where the program ended for another reason.

    Typer prints a usage error and exits; its own class of such errors has no public name.
    """
    error: Any = ended.__context__
    if not hasattr(error, "format_message"):
        return None
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "lusha-connect"
    return {"error": error.format_message(), "remedy": f"See: {command} --help", "exit_code": ended.code}
