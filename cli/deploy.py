"""``lusha-connect deploy``: what a Prefect server needs to run the automations, made or updated."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.lazy import command
from cli.options import Json
from tasks.core.errors import BadConfigurationError, StoppedError

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

app = command()


@app.command()
def deploy(
    alerts: Annotated[
        str,
        typer.Option(
            metavar="TYPE/NAME",
            help="Notification block that tells of failed and late runs, refused credentials and channels"
            " that take no notices, e.g. slack-webhook/ops.",
        ),
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--prefect-file",
            help="The deployments; this folder's prefect.yaml, or the shipped one, by default.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Set up a Prefect server, or bring it up to date: work pool, block, deployments, alerts."""
    from cli.automation import quiet_prefect

    quiet_prefect(verbose=False)
    from cli.prefect_server import require_api

    chosen = file or _shipped()
    done = asyncio.run(_set_up(require_api(), chosen, _declared(chosen), alerts))
    if json:
        console.print_json(done)
        return
    blocks = ", ".join(done["block_types"])
    console.say(f"Work pool {', '.join(done['work_pools'])}; block types {blocks}.")
    console.say(f"Deployments: {', '.join(done['deployments'])}.")
    console.say(
        f"Alerts: {', '.join(done['alerts'])}." if done["alerts"] else "Alerts: none asked for (--alerts)."
    )
    console.say(f"Start a worker in this folder: prefect worker start --pool {done['work_pools'][0]}")


def _shipped() -> Path:
    """The deployments of this folder, or those that came with the program."""
    import flows

    inside = Path(flows.__file__).parent  # where a wheel has it
    places = (Path("prefect.yaml"), inside / "prefect.yaml", inside.parent / "prefect.yaml")
    return next(place for place in places if place.is_file())


def _declared(file: Path) -> list[dict[str, Any]]:
    """The deployments that a file declares.

    Raises:
        BadConfigurationError: It cannot be read, or declares none.
    """
    import yaml

    try:
        found: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"]
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise BadConfigurationError(
            f"{file} declares no deployments ({type(error).__name__}).",
            remedy="Copy the shipped prefect.yaml, and change what should be otherwise.",
        ) from None
    return found


async def _set_up(api: str, file: Path, declared: list[dict[str, Any]], channel: str) -> dict[str, Any]:
    from prefect.client.orchestration import get_client

    from tasks.edge import alerts
    from tasks.edge.blocks import LushaConnectConnection
    from tasks.edge.channel_block import LushaConnectChannel

    blocks = (LushaConnectConnection, LushaConnectChannel)
    pools = sorted({one["work_pool"]["name"] for one in declared})
    async with get_client() as client:
        if channel:  # what is wrong is said before anything is made
            await alerts.find_own_block(client, channel)
        for name in pools:
            await _make_pool(client, name)
        for block in blocks:
            await block.aregister_type_and_schema(client=client)
        await asyncio.to_thread(_deploy, api, file)
        made = await alerts.apply(client, channel) if channel else []
    return {
        "work_pools": pools,
        "block_types": [block.get_block_type_slug() for block in blocks],
        "deployments": [one["name"] for one in declared],
        "alerts": made,
    }


async def _make_pool(client: PrefectClient, name: str) -> None:
    """Make a work pool of processes where there is none of that name; one that is there stays as it is."""
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound
    from prefect.workers.process import ProcessWorker

    try:
        await client.read_work_pool(name)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        await client.create_work_pool(WorkPoolCreate(name=name, type="process", base_job_template=template))


def _deploy(api: str, file: Path) -> None:
    """Prefect's own ``deploy``, in this folder: runs work here, where .env is.

    Raises:
        StoppedError: It failed.
    """
    words = ["--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, "-m", "prefect", *words],
        env=os.environ | {"PREFECT_API_URL": api},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StoppedError(
            f"`prefect deploy` failed: {(done.stderr or done.stdout).strip()[-2000:]}",
            remedy=f"Correct {file}, and deploy again.",
        )
