"""README's pictures of a terminal, taken from the commands: ``python -m tests.walk.terminal docs``."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from cli import bill_view, console
from cli.rules import commands
from sandbox import process
from sandbox.lusha.export import write_csv
from sandbox.process import RunningSandbox

ROOT = Path(__file__).parents[2]
WIDTH = 112
PEOPLE = (
    {"firstName": "Ida", "lastName": "Lark", "email": "ida@lark.example", "phone": "+13125557301"},
    {"firstName": "Jon", "lastName": "Spur", "email": "jon@spur.example"},
    {"firstName": "Kit", "lastName": "Sailer", "email": "kit@sailer.example", "type": "customer"},
)

LEADS = 150
"""In the file, of whom some are contacts."""


def take(folder: Path) -> None:
    """Write ``rules.svg``, what the first rules do for three people, and ``bill.svg``, what leads cost."""
    options = {"contacts": 20, "seed": 5, "lusha_people": 200}
    with process.start(quota="off", **options) as vendor, tempfile.TemporaryDirectory() as place:
        for person in reversed(PEOPLE):  # the newest is shown first
            vendor.edit(kind="contacts", create=person)
        settings = _settings(vendor, Path(place))
        write_csv(Path(place) / "leads.csv", vendor.lusha.records("people")[:LEADS])
        _run(settings, place, "hub", "upgrade")
        _run(settings, place, "run", "backfill_contacts")
        told = _run(settings, place, "run", "push_leads", "-p", "file=leads.csv", "--dry-run", "--json")
        os.environ.update(settings)
        with _shown(folder / "rules.svg", f"rules preview first_tasks --sample {len(PEOPLE)}"):
            commands.preview("first_tasks", len(PEOPLE), as_json=False)
        with _shown(folder / "bill.svg", "run push_leads --param file=leads.csv --dry-run"):
            bill_view.show(json.loads(told), dry_run=True)


@contextmanager
def _shown(picture: Path, words: str) -> Iterator[None]:
    """What is printed meanwhile becomes a picture of the command that prints it."""
    before = console.out
    shown = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.out = shown
    try:
        yield
    finally:
        console.out = before
    shown.save_svg(str(picture), title=f"lusha-connect {words}")


def _run(settings: Mapping[str, str], place: str, *words: str) -> str:
    """The last line of what a command tells."""
    done = subprocess.run(
        [sys.executable, "-m", "cli", *words],
        cwd=place,
        env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.splitlines()[-1]


def _settings(vendor: RunningSandbox, place: Path) -> dict[str, str]:
    return {
        "LUSHA_CONNECT_LUSHA_URL": vendor.lusha.url,
        "LUSHA_CONNECT_LUSHA_API_KEY": vendor.lusha.key,
        "LUSHA_CONNECT_HUB_URL": f"sqlite:///{place / 'hub.db'}",
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
    }


if __name__ == "__main__":
    take(Path(sys.argv[1]).resolve())
