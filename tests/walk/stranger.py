"""A stranger's folder and shell: the tree as it is checked out, a new home, the commands typed one by one.

The virtual environment is a new one that finds the installed packages of the present one and nothing of the
project but the stranger's own tree.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli import prefect_server
from cli.children import free_port

ROOT = Path(__file__).parents[2]
BLOCK_SECONDS = 240


@dataclass
class Done:
    """How a block of commands ended."""

    code: int
    output: str
    seconds: float


@dataclass
class Stranger:
    """Someone with a fresh copy of the project, at a shell in its folder.

    Args:
        variables: The shell's environment; what a block exports is there for the next.
    """

    folder: Path
    home: Path
    variables: dict[str, str]
    _groups: list[int] = field(default_factory=list)

    def types(self, text: str) -> Done:
        """Run a block of commands in bash; it ends at the first that fails."""
        script, output, left = (self.home / name for name in ("block.sh", "output", "left"))
        script.write_text(f"set -eo pipefail\n{text}\nenv -0 > {left}\n", encoding="utf-8")
        start = time.monotonic()
        with output.open("wb") as stream:
            shell = subprocess.Popen(
                ["bash", str(script)],
                cwd=self.folder,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._groups.append(shell.pid)
            try:
                code = shell.wait(BLOCK_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(shell.pid, signal.SIGKILL)
                code = shell.wait()
        if code == 0:
            pairs = (line.partition("=") for line in left.read_text(encoding="utf-8").split("\0") if line)
            self.variables = {name: value for name, _, value in pairs}
        return Done(code, output.read_text(encoding="utf-8", errors="replace"), time.monotonic() - start)

    def sets(self, settings: Mapping[str, str]) -> None:
        """Write settings into ``.env``, each in place of its line there."""
        file = self.folder / ".env"
        text = file if file.exists() else self.folder / ".env.example"
        kept = [
            line
            for line in text.read_text(encoding="utf-8").splitlines()
            if line.partition("=")[0] not in settings
        ]
        lines = [*kept, *(f"{name}={value}" for name, value in settings.items())]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def has_program(self, name: str, text: str) -> None:
        """Put a shell script on the stranger's path."""
        file = self.home / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\nset -e\n{text}", encoding="utf-8")
        file.chmod(0o755)

    def leaves(self) -> None:
        """End what the blocks started in the background."""
        for sent in (signal.SIGTERM, signal.SIGKILL):
            for group in self._groups:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, sent)
            if sent == signal.SIGTERM:
                time.sleep(1)


@contextlib.contextmanager
def arrives(place: Path, prefect_template: Path) -> Iterator[Stranger]:
    """A stranger with the tree and a home below ``place``; their processes end with the body.

    Args:
        prefect_template: A migrated Prefect database, so that their first servers are there at once.
    """
    folder, home = place / "project", place / "home"
    _check_out(folder)
    _make_venv(folder)
    for prefect_home in (home / ".prefect", folder / ".lusha-connect" / "demo-prefect"):
        prefect_home.mkdir(parents=True)
        shutil.copy(prefect_template, prefect_home / "prefect.db")
    port = str(free_port())
    variables = {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(home / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "PREFECT_SERVER_API_PORT": port,
        **prefect_server.QUIET,
    }
    found = Stranger(folder, home, variables)
    try:
        yield found
    finally:
        found.leaves()


def _check_out(folder: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def _make_venv(folder: Path) -> None:
    """``.venv`` as ``make setup`` leaves it, with nothing downloaded or copied."""
    made = folder / ".venv"
    venv.create(made, with_pip=False, symlinks=True)
    packages = sysconfig.get_path("purelib")
    own = Path(sysconfig.get_path("purelib", vars={"base": str(made)}))
    own.joinpath("project.pth").write_text(f"{folder}\nimport site; site.addsitedir({packages!r})\n")
    for program in ("lusha-connect", "prefect"):
        text = Path(sys.executable).with_name(program).read_text(encoding="utf-8")
        file = made / "bin" / program
        file.write_text(f"#!{made / 'bin' / 'python'}\n{text.partition(chr(10))[2]}", encoding="utf-8")
        file.chmod(0o755)
    (made / ".ready").touch()
