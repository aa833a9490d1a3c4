"""The one Prefect task, which carries a batch.

One Prefect task for each batch, never for each record: a server records a few dozen task runs a second
whatever the client does. And one for all the stages of a batch: Prefect keeps what a task returns until
the run ends, so a batch handed from task to task would never leave memory.
"""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import TaskRun
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.tasks import Task

from tasks.core.batch import Tally
from tasks.core.errors import LushaConnectError, Recovery
from tasks.run.pipeline import Carrier


def _worth_a_retry(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's retry condition, by the same rule as the client's: the error's type.

    What the client gave up on is not tried again here; only a failure that is nobody's rule is.
    """
    error = state.data if isinstance(state.data, BaseException) else getattr(state.data, "exception", None)
    return not isinstance(error, LushaConnectError) or error.recovery is Recovery.RETRY


@task(
    name="carry batch",
    task_run_name="{what} {number}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_worth_a_retry,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def carry_batch(pipeline: Carrier, number: int, what: str) -> dict[str, int]:
    """Fetch, map, check and load or plan one batch, or carry out the next changes of a plan.

    Args:
        number: Its number, from 1.
        what: What is done to it, for the run's name.

    Returns:
        The batch's counts.
    """
    done = await pipeline.carry()
    counts = done.counts() if isinstance(done, Tally) else dict(done)
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    get_run_logger().info("%s %d: %s", what, number, told)
    return counts


async def carry_all(pipeline: Carrier, what: str = "batch") -> None:
    """Carry batch after batch until there is no more.

    Args:
        what: What is done to them, for the names of the task runs.
    """
    number = 0
    try:
        while not pipeline.done:
            number += 1
            await carry_batch(pipeline, number, what)
    finally:
        await pipeline.close()
