"""README's picture of rules in a terminal, taken from the command: ``python -m tests.walk.terminal docs``."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from cli import console
from cli.rules import commands
from sandbox import process
from sandbox.process import RunningSandbox

ROOT = Path(__file__).parents[2]
WIDTH = 112
PEOPLE = (
    {"firstName": "Ida", "lastName": "Lark", "email": "ida@lark.example", "phone": "+13125557301"},
    {"firstName": "Jon", "lastName": "Spur", "email": "jon@spur.example"},
    {"firstName": "Kit", "lastName": "Sailer", "email": "kit@sailer.example", "type": "customer"},
)


def take(folder: Path) -> None:
    """Write ``rules.svg``: what the first rules would do for three people of a sandbox."""
    with process.start(contacts=20, seed=5, quota="off") as vendor, tempfile.TemporaryDirectory() as place:
        for person in reversed(PEOPLE):  # the newest is shown first
            vendor.edit(kind="contacts", create=person)
        settings = _settings(vendor, Path(place))
        environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT)}
        for words in (["hub", "upgrade"], ["run", "backfill_contacts"]):
            command = [sys.executable, "-m", "cli", *words]
            subprocess.run(command, cwd=place, env=environment, check=True, stdout=subprocess.DEVNULL)
        os.environ.update(settings)
        console.out = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
        commands.preview("first_tasks", len(PEOPLE), as_json=False)
        console.out.save_svg(
            str(folder / "rules.svg"), title=f"lusha-connect rules preview first_tasks --sample {len(PEOPLE)}"
        )


def _settings(vendor: RunningSandbox, place: Path) -> dict[str, str]:
    return {
        "LUSHA_CONNECT_HUB_URL": f"sqlite:///{place / 'hub.db'}",
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
    }


if __name__ == "__main__":
    take(Path(sys.argv[1]).resolve())
