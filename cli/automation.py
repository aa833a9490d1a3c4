"""An automation run here and now, in this process, and its parameters as a person types them."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Coroutine
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from cli import console
from cli.outcome import Outcome, tell
from cli.stopping import Interruptible, leave
from tasks.core.errors import BadConfigurationError, StoppedError

if TYPE_CHECKING:  # Prefect is imported by the command that runs something, not by --help
    from prefect import Flow
    from prefect.client.schemas.objects import State


def parse(given: list[str]) -> dict[str, Any]:
    """``k=v`` words as parameters; a list or an object is written as JSON.

    Raises:
        BadConfigurationError: A word is not ``k=v``, or a name comes twice.
    """
    return {name: _value(name, value) for name, value in split(given).items()}


def split(given: list[str]) -> dict[str, str]:
    """``k=v`` words as texts by name.

    Raises:
        BadConfigurationError: A word is not ``k=v``, or a name comes twice.
    """
    texts: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise BadConfigurationError(
                f"--param {word}: expected name=value.", remedy="E.g. --param batch_size=500"
            )
        if name in texts:
            raise BadConfigurationError(f"--param {name} is given twice.")
        texts[name] = value
    return texts


def execute(flow: Flow[..., Any], parameters: dict[str, Any]) -> Outcome:
    """Run a flow in this process against the Prefect API in force.

    Args:
        parameters: As ``check_parameters`` gave them.
    """
    from tasks.core.batch import Tally
    from tasks.edge.report import tally_listener

    tally = Tally()
    token = tally_listener.set(tally)
    start = perf_counter()
    try:
        with console.progress(flow.name.replace("_", " ")):
            # Prefect types the call of an async flow as that of a sync one.
            ending = cast("Coroutine[Any, Any, State[Any]]", flow(**parameters, return_state=True))
            running = Interruptible(ending)
            state = running.run()
    finally:
        tally_listener.reset(token)
    error = None if state is None or state.is_completed() else _cause(state)
    told = {"dropped": tally.dropped.plain(), "notes": tally.notes}
    summary = {**tally.counts(), **tally.more, **told, "seconds": round(perf_counter() - start, 3)}
    return Outcome(summary, tally, error, parameters, interrupted=running.interrupted)


def run(automation: str, given: list[str], *, dry_run: bool, as_json: bool, verbose: bool) -> int:
    """The command. Returns the exit code."""
    quiet_prefect(verbose=verbose)
    asked = parse(given)
    if dry_run and "dry_run" in asked:
        raise BadConfigurationError(
            "--dry-run and --param dry_run=… are both given.", remedy="Leave one out."
        )
    return start(automation, asked | ({"dry_run": True} if dry_run else {}), as_json=as_json)


def start(automation: str, asked: dict[str, Any], *, as_json: bool) -> int:
    """Run an automation here and now, and tell how it ended. Returns the exit code."""
    from cli.prefect_server import configured_api, prefect_api

    flow, parameters = prepare(automation, asked)
    if parameters.get("approve") and not configured_api():
        raise BadConfigurationError(
            "approve waits for a person in the Prefect UI, and no Prefect server is configured.",
            remedy="Set PREFECT_API_URL; or look at --dry-run first, then: lusha-connect plans apply last",
        )
    with prefect_api():
        outcome = execute(flow, parameters)
        if outcome.interrupted:
            outcome.error = _stopped(automation, asked, outcome)
        code = tell(automation, outcome, as_json=as_json)
    if outcome.interrupted:
        leave(code)
    return code


def prepare(automation: str, asked: dict[str, Any]) -> tuple[Flow[..., Any], dict[str, Any]]:
    """The flow of an automation, and its parameters as its own types.

    Raises:
        BadConfigurationError: There is no such automation or parameter, or a value does not fit.
    """
    from flows.automations import check_parameters, load

    flow = load(automation)
    if asked.get("dry_run") is True and "dry_run" not in flow.parameters.properties:
        raise BadConfigurationError(
            f"{automation} has no dry run.",
            remedy="Only automations that write to HighLevel or remove have one, e.g. import_contacts.",
        )
    return flow, check_parameters(flow, asked)


def _stopped(automation: str, asked: dict[str, Any], outcome: Outcome) -> StoppedError:
    """That a person ended a run, and how it goes on."""
    if plan := outcome.summary.get("plan"):
        words = ["plans", "apply", plan]
    else:
        words = [
            "run",
            automation,
            *(word for name in asked for word in ("--param", f"{name}={asked[name]}")),
        ]
    return StoppedError("Stopped.", remedy=f"`lusha-connect {shlex.join(words)}` continues.")


def quiet_prefect(*, verbose: bool) -> None:
    """Say how much Prefect logs; before its first import, which reads the environment."""
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "tasks")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    if not verbose:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")  # its server has the log
        os.environ.setdefault("PREFECT_INTERNAL_LOGGING_LEVEL", "CRITICAL")  # its services' own complaints


def _value(name: str, text: str) -> Any:
    if not text.startswith(("[", "{")):
        return text  # the flow's own types turn it into a date, a number or a flag
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        from flows.wrong_parameters import wrong_json

        raise wrong_json(name, text, error) from None


def _cause(state: Any) -> BaseException:
    try:
        found = state.result(raise_on_failure=False)
    except Exception as error:  # noqa: BLE001 - a flow may have ended with anything
        found = error
    return found if isinstance(found, BaseException) else StoppedError(state.message or state.name)
