"""What an automation is to Prefect: a flow whose final state says what was done, or what to do about it.

Nothing that a flow returns or raises reaches Prefect's result storage: names of files and values of records
would stay there in clear. So errors become states here, instead of in Prefect's engine.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeAlias

from prefect import Flow, State, flow
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.settings import PREFECT_UI_URL
from prefect.states import Completed, Failed
from prefect.utilities.hashing import file_hash

from tasks.core.errors import AlreadyRunningError, BadCredentialError, LushaConnectError
from tasks.core.remedies import in_block
from tasks.core.settings import Settings
from tasks.edge import alerts, report, status
from tasks.edge.blocks import LushaConnectConnection
from tasks.edge.report import Told

P = ParamSpec("P")
Ended: TypeAlias = dict[str, Any] | State[Any]
Body: TypeAlias = Callable[P, Coroutine[Any, Any, Ended]]


def automation(
    name: str, run_name: Callable[[dict[str, Any]], str], *, tells_status: bool = False
) -> Callable[[Body[P]], Flow[P, Coroutine[Any, Any, Ended]]]:
    """Make an automation's function a flow.

    Args:
        name: The flow's.
        run_name: What one run is called, from its parameters.
        tells_status: Whether each run leaves the location's status as an artifact: for what is on a schedule.
    """

    def made(body: Body[P]) -> Flow[P, Coroutine[Any, Any, Ended]]:
        @wraps(body)
        async def run(*args: P.args, **kwargs: P.kwargs) -> State[Any]:
            with report.telling() as told:
                state = await _ended(name, told, body(*args, **kwargs))
                if tells_status and told.settings is not None:
                    await _tell_status(told.settings, told.location_id)
                return state

        # Prefect would look for the names in the annotations here, and not in the body's module.
        run.__signature__ = inspect.signature(body, eval_str=True)  # type: ignore[attr-defined]
        return flow(
            name=name,
            flow_run_name=lambda: run_name(flow_run.parameters),
            version=file_hash(str(inspect.getsourcefile(body))),  # the body's file, and not this one
            persist_result=False,
        )(run)

    return made


async def _ended(name: str, told: Told, running: Coroutine[Any, Any, Ended]) -> State[Any]:
    """Run a flow's body; the state in which its run ends. Prefect logs it with its message."""
    logger = get_run_logger()
    try:
        result = await running
    except AlreadyRunningError as other:
        return report.skipped(other)
    except LushaConnectError as error:
        _name_the_block(error, told.block)
        message = in_one_line(error)
        logger.debug("Where it came from:", exc_info=error)
        _link(told)
        if isinstance(error, BadCredentialError):
            alerts.credential_refused(name, told.location_id, message)
        return Failed(message=message, data=error)
    except Exception as error:
        logger.exception("Unexpected error; please report it.")
        return Failed(message=f"Unexpected error: {type(error).__name__}: {error}", data=error)
    _link(told)
    return Completed(message=told.summary(), data=result)


async def _tell_status(settings: Settings, location_id: str) -> None:
    """Leave the location's status in the Prefect UI; a run does not fail where that cannot be told."""
    try:
        page = status.page(await status.location_status(settings))
    except Exception as error:  # noqa: BLE001 - whatever it is, the run has done its work
        get_run_logger().warning("The location's status cannot be told: %s", error)
        return
    await report.publish_page("status", location_id, "", page, f"Status of location {location_id}")


def _name_the_block(error: LushaConnectError, block: str) -> None:
    """Let an error that names settings name the block that they are from."""
    if block:
        fields = LushaConnectConnection.model_fields
        error.what, error.remedy = (in_block(text, block, fields) for text in (error.what, error.remedy))


def in_one_line(error: LushaConnectError) -> str:
    """What went wrong, what to do, and what was done before, as a state's message."""
    return " ".join(str(error).split())


def _link(told: Told) -> None:
    """Say in the run's log where its artifacts are in the Prefect UI."""
    for key in told.artifacts:
        get_run_logger().info("%s: %s/artifacts/key/%s", key, PREFECT_UI_URL.value(), key)
