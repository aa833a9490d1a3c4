"""``lusha-connect demo`` and ``sandbox``: the whole way on this machine, without an account."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import sandbox
from cli import console
from cli.outcome import show
from cli.run import execute, quiet_prefect
from sandbox import process
from tasks.hub import schema
from tasks.hub.engine import Hub

FOLDER = Path(".lusha-connect")
HUB = FOLDER / "demo.db"
PREFECT_HOME = FOLDER / "demo-prefect"
"""Not that of ``lusha-connect run``: ``make clean`` takes the demo's, and leaves a person's history."""


def demo(contacts: int, *, verbose: bool) -> int:
    """The command. Returns the exit code."""
    quiet_prefect(verbose=verbose)
    os.environ.pop("PREFECT_API_URL", None)  # the demo's runs are not for anybody's real server
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from cli.prefect_server import server
    from flows.automations import load

    console.out.print(
        f"Starting a sandbox with {contacts:,} contacts and a Prefect server …", highlight=False
    )
    with ExitStack() as stack:
        vendor = stack.enter_context(process.start(contacts=contacts))
        url = stack.enter_context(server(PREFECT_HOME))
        stack.enter_context(temporary_settings({PREFECT_API_URL: url}))
        os.environ.update(_settings(vendor))
        _upgrade()
        console.out.print(f"Running the flow backfill_contacts: {vendor.url} → {HUB}", highlight=False)
        outcome = execute(load("backfill_contacts"), {})
    if outcome.error is not None:
        console.print_error(outcome.error)
        return console.exit_code(outcome.error)
    show("backfill_contacts", outcome)
    _next_steps()
    return 0


def play_sandbox(**options: Any) -> int:
    """The command: until interrupted. Returns the exit code."""
    try:
        sandbox.run(sandbox.Options(**options))
    except sandbox.BadOptionError as error:
        console.print_error(error)
        return 2
    return 0


def _upgrade() -> None:
    """The demo's hub is the demo's own: an older one is brought up to date without asking."""
    with closing(Hub(f"sqlite:///{HUB}")) as hub:
        schema.upgrade(hub)


def _settings(vendor: process.RunningSandbox) -> dict[str, str]:
    return {
        "LUSHA_CONNECT_HUB_URL": f"sqlite:///{HUB}",
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
    }


def _next_steps() -> None:
    bin_ = ".venv/bin/lusha-connect" if Path(".venv/bin/lusha-connect").exists() else "lusha-connect"
    console.out.print(
        f"""
The hub is {HUB}: a SQLite file with the tables contacts, raw, rejects, runs and cursors.
The sandbox and the Prefect server are stopped again. What to try next:

  make demo                                   again: 0 created, 0 updated
  export LUSHA_CONNECT_HUB_URL=sqlite:///{HUB}
  {bin_} rejects list           the rows that a check refused, and why
  {bin_} hub export contacts --format csv | head -3
  {bin_} mapping validate       check the mappings
  {bin_} sandbox                play HighLevel on port 8701
""",
        highlight=False,
        soft_wrap=True,
    )
