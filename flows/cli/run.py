"""``lusha-connect run``: one automation, here and now, in this process."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from flows.cli import console
from tasks.errors import BadConfigurationError, StoppedError

if TYPE_CHECKING:  # Prefect is imported by the command that runs something, not by --help
    from prefect import Flow
    from prefect.client.schemas.objects import State


@dataclass(slots=True)
class Outcome:
    """How a run ended.

    Args:
        summary: ``read, mapped, rejected, created, updated, unchanged, deleted, requests, seconds``.
        tally: The same with seconds by step and reasons, where the run got that far.
        error: What stopped it; None when it is done.
    """

    summary: dict[str, Any]
    tally: Any = None
    error: BaseException | None = None


def parse(given: list[str]) -> dict[str, Any]:
    """``k=v`` words as parameters; a list or an object is written as JSON.

    Raises:
        BadConfigurationError: A word is not ``k=v``, or a name comes twice.
    """
    return {name: _value(value) for name, value in split(given).items()}


def split(given: list[str]) -> dict[str, str]:
    """``k=v`` words as texts by name.

    Raises:
        BadConfigurationError: A word is not ``k=v``, or a name comes twice.
    """
    texts: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise BadConfigurationError(f"--param {word}: expected name=value.")
        if name in texts:
            raise BadConfigurationError(f"--param {name} is given twice.")
        texts[name] = value
    return texts


def execute(flow: Flow[..., Any], parameters: dict[str, Any]) -> Outcome:
    """Run a flow in this process against the Prefect API in force.

    Args:
        parameters: As ``check_parameters`` gave them.
    """
    from tasks.batch import Tally
    from tasks.report import tally_listener

    tally = Tally()
    token = tally_listener.set(tally)
    start = perf_counter()
    try:
        with console.progress(flow.name.replace("_", " ")):
            # Prefect types the call of an async flow as that of a sync one.
            ending = cast("Coroutine[Any, Any, State[Any]]", flow(**parameters, return_state=True))
            state = asyncio.run(ending)
        error = None if state.is_completed() else _cause(state)
    finally:
        tally_listener.reset(token)
    summary = {**tally.counts(), **tally.more, "seconds": round(perf_counter() - start, 3)}
    return Outcome(summary, tally, error)


def run(automation: str, given: list[str], *, as_json: bool, verbose: bool) -> int:
    """The command. Returns the exit code."""
    quiet_prefect(verbose=verbose)
    from flows.automations import check_parameters, load
    from flows.cli.prefect_server import prefect_api

    flow = load(automation)
    parameters = check_parameters(flow, parse(given))
    with prefect_api():
        outcome = execute(flow, parameters)
    if outcome.error is not None:
        console.print_error(outcome.error)
    if as_json:
        failed = {"error": str(outcome.error)} if outcome.error is not None else {}
        console.print_json(outcome.summary | failed)
    elif outcome.error is None or outcome.summary["read"]:
        show(automation, outcome)
    return console.exit_code(outcome.error) if outcome.error is not None else 0


def show(automation: str, outcome: Outcome) -> None:
    """The summary as tables."""
    ended = "stopped" if outcome.error is not None else "done"
    rows = [(name, f"{value:,}") for name, value in outcome.summary.items() if name != "seconds"]
    console.table(f"{automation}: {ended}", {"records": "left", "count": "right"}, rows)
    steps = [(step, f"{seconds:.2f}") for step, seconds in outcome.tally.seconds.items()]
    steps.append(("in all", f"{outcome.summary['seconds']:.2f}"))
    console.table("time", {"step": "left", "seconds": "right"}, steps)
    for title, counter in (
        ("rejected, by reason", outcome.tally.reasons),
        ("warnings", outcome.tally.warnings),
    ):
        if counter:
            rows = [(reason, f"{count:,}") for reason, count in counter.most_common()]
            console.table(title, {"reason": "left", "rows": "right"}, rows)


def quiet_prefect(*, verbose: bool) -> None:
    """Say how much Prefect logs; before its first import, which reads the environment."""
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "tasks")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    if not verbose:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")


def _value(text: str) -> Any:
    if not text.startswith(("[", "{")):
        return text  # the flow's own types turn it into a date, a number or a flag
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadConfigurationError(f"--param …={text}: not JSON: {error}.") from None


def _cause(state: Any) -> BaseException:
    try:
        found = state.result(raise_on_failure=False)
    except Exception as error:  # noqa: BLE001 - a flow may have ended with anything
        found = error
    return found if isinstance(found, BaseException) else StoppedError(state.message or state.name)
