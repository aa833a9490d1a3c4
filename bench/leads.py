"""How much of Lusha's minute window is used, and whether any answer is 429.

    python -m bench.leads [--plan premium] [--minutes 2] [--at-once 4]

Reveals of one person, which are free after the first, as fast as the budget lets them through, for so many
minutes behind the first window.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import closing
from pathlib import Path

from pydantic import SecretStr

from bench import processes
from sandbox import process
from sandbox.lusha.windows import PLANS
from sandbox.process import RunningSandbox
from tasks.core.settings import Settings
from tasks.edge.connectors import leads_connected
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.vendors.leads import Datapoint

MINUTE, A_SECOND = 60.0, 25
"""Beside its windows, an account may send so many requests in any second."""


async def send(vendor: RunningSandbox, hub: Hub, count: int, at_once: int) -> float:
    """Send so many requests; seconds from the first to the last."""
    settings = Settings(lusha_url=vendor.lusha.url, lusha_api_key=SecretStr(vendor.lusha.key))
    person = vendor.lusha.records("people")[0]["id"]
    left = iter(range(count))
    async with leads_connected(settings, hub) as leads:

        async def one_after_the_other() -> None:
            for _ in left:
                await leads.reveal([person], [Datapoint.EMAILS])

        began = time.monotonic()
        await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
        return time.monotonic() - began


def main() -> None:
    """Send, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.leads", description=__doc__)
    parser.add_argument(
        "--plan", choices=[name for name, plan in PLANS.items() if plan.minute], default="premium"
    )
    parser.add_argument("--minutes", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=4)
    options = parser.parse_args()
    limit = PLANS[options.plan].minute or 0
    count = limit * (options.minutes + 1)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Hub(processes.new_hub(Path(folder)))) as hub,
        process.start(contacts=1, lusha_people=5, seed=1, lusha_plan=options.plan) as vendor,
    ):
        schema.upgrade(hub)
        seconds = asyncio.run(send(vendor, hub, count, options.at_once))
        answers = vendor.lusha.requests()["operations"].values()
    refused = sum(one.get("429", 0) for one in answers)
    allowed = options.minutes * MINUTE + (limit - 1) // A_SECOND
    print("| plan | requests a minute | requests | of them 429 | took | the windows allow | used |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    row = (options.plan, limit, f"{count:,}", refused, f"{seconds:.1f} s", f"{allowed:.1f} s")
    print(f"| {' | '.join(map(str, row))} | {allowed / seconds:.1%} |")


if __name__ == "__main__":
    main()
