"""``lusha-connect demo``: the whole way on this machine, without an account."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import console
from cli.lazy import command
from cli.options import Json, Verbose

if TYPE_CHECKING:
    from sandbox.process import RunningSandbox

app = command()

FOLDER = Path(".lusha-connect")
HUB = FOLDER / "demo.db"
FILES = FOLDER / "demo-files"
PREFECT_HOME = FOLDER / "demo-prefect"
"""Not that of ``lusha-connect run``: ``make clean`` takes the demo's, and leaves a person's history."""

PEOPLE = 200
"""Whom Lusha knows and HighLevel does not."""

CREDITS = 2000
"""That a run of the demo may spend; the sandbox's account has more."""


@app.command()
def demo(
    contacts: Annotated[int, typer.Option(min=1, help="Contacts in the sandbox.")] = 5000,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Load a sandbox into a hub, write to it, buy leads, undo that: no account, nothing left running."""
    code = _play(contacts, verbose=verbose, as_json=json)
    if code == 0 and not json:
        _next_steps()
    raise typer.Exit(code)


def _play(contacts: int, *, verbose: bool, as_json: bool) -> int:
    """Run every step between a sandbox and the demo's hub, and tell it. Returns the exit code."""
    from cli.automation import quiet_prefect

    quiet_prefect(verbose=verbose)
    os.environ.pop("PREFECT_API_URL", None)  # the demo's runs are not for anybody's real server
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from cli.prefect_server import server

    teller = console.err if as_json else console.out
    teller.print(f"Starting a sandbox with {contacts:,} contacts and a Prefect server …", highlight=False)
    with ExitStack() as stack:
        vendor = stack.enter_context(_vendors(contacts))
        url = stack.enter_context(server(PREFECT_HOME))
        stack.enter_context(temporary_settings({PREFECT_API_URL: url}))
        os.environ.update(_settings(vendor))
        _upgrade()
        teller.print(
            f"Running the flow backfill_contacts: {vendor.url} → {HUB}", highlight=False, soft_wrap=True
        )
        return _steps(vendor, as_json=as_json)


def _vendors(contacts: int) -> AbstractContextManager[RunningSandbox]:
    from sandbox import process

    return process.start(contacts=contacts, activity=True, quota="off", lusha_people=PEOPLE, lusha_plan="off")


def _steps(vendor: RunningSandbox, *, as_json: bool) -> int:
    from cli.automation import execute
    from cli.demo_activity import Story
    from cli.demo_leads import Leads
    from cli.demo_rules import Rules
    from cli.demo_steps import FailedError, Steps, listed
    from cli.outcome import plain, tell
    from flows.automations import load

    contacts = execute(load("backfill_contacts"), {})
    told = 0 if as_json else tell("backfill_contacts", contacts, as_json=False, next_steps=False)
    if told or contacts.error is not None or contacts.interrupted is not None:
        return told or tell("backfill_contacts", contacts, as_json=True)
    steps = Steps(vendor, f"sqlite:///{HUB}", FILES, loud=not as_json)
    before = steps.there()
    try:
        rest = Story(steps).play() | Rules(steps).play() | Leads(steps).play()
    except FailedError as failed:
        return tell(failed.automation, failed.outcome, as_json=as_json)
    left = {kind: len(ids - before[kind]) for kind, ids in steps.there().items()}
    steps.say(f"\nLeft of ours in HighLevel: {listed(left) if any(left.values()) else 'nothing'}.")
    if as_json:
        console.print_json(plain(contacts) | rest | {"left": left})
    return 0


def _upgrade() -> None:
    """The demo's hub is the demo's own: an older one is brought up to date without asking."""
    from tasks.hub import schema
    from tasks.hub.engine import Hub

    with closing(Hub(f"sqlite:///{HUB}")) as hub:
        schema.upgrade(hub)


def _settings(vendor: RunningSandbox) -> dict[str, str]:
    return {
        "LUSHA_CONNECT_HUB_URL": f"sqlite:///{HUB}",
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
        "LUSHA_CONNECT_LUSHA_URL": vendor.lusha.url,
        "LUSHA_CONNECT_LUSHA_API_KEY": vendor.lusha.key,
        "LUSHA_CONNECT_LUSHA_CREDITS_A_RUN": str(CREDITS),
    }


def _next_steps() -> None:
    bin_ = ".venv/bin/lusha-connect" if Path(".venv/bin/lusha-connect").exists() else "lusha-connect"
    again = f"{'make demo' if Path('Makefile').exists() else f'{bin_} demo':<45}"
    console.out.print(
        f"""
The hub is {HUB}: a SQLite file with the tables contacts, crm_tasks, notes, appointments, journal and others.
The sandbox and the Prefect server are stopped again. What to try next:

  {again}again: 0 created, 0 updated
  export LUSHA_CONNECT_HUB_URL=sqlite:///{HUB}
  {bin_} journal list           what changed, when, and whose doing that was
  {bin_} rejects list           the rows that a check refused, and why
  {bin_} hub export contacts --format csv | head -3
  {bin_} mappings validate      check the mappings
  {bin_} sandbox                play HighLevel on port 8701, Lusha on 8702
""",
        highlight=False,
        soft_wrap=True,
    )
