"""Help and completion answer at once: a noun is imported when it is asked for, what it works with later."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from cli import LushaConnect
from flows.automations import AUTOMATIONS

PROGRAM = Path(sys.executable).with_name("lusha-connect")
ROOT = Path(__file__).parents[2]
HEAVY = {"prefect", "pandas", "great_expectations", "sqlalchemy", "httpx", "alembic", "sandbox"}
NOUNS = [noun.name for noun in LushaConnect.nouns]
MODULES = {f"cli.{noun.module or noun.name}" for noun in LushaConnect.nouns}

HELP = """
import sys
from cli import main
for words in {words!r}:
    sys.argv = ["lusha-connect", *words, "--help"]
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 0
print("modules:", *sys.modules)
"""


def imported_for_help(*words: tuple[str, ...]) -> set[str]:
    program = [sys.executable, "-c", HELP.format(words=words)]
    done = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.splitlines()[-1].split())


def completed(typed: str, home: Path) -> list[str]:
    """What the shell is offered for what was typed so far."""
    asked = {"_LUSHA_CONNECT_COMPLETE": "complete_bash", "COMP_WORDS": typed}
    count = len(typed.split()) - (not typed.endswith(" "))
    environment = {**os.environ, **asked, "COMP_CWORD": str(count), "HOME": str(home)}
    done = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout.split()


def test_the_first_help_imports_no_noun() -> None:
    modules = imported_for_help(())
    assert not modules & (HEAVY | MODULES)


def test_a_nouns_help_imports_nothing_that_it_works_with() -> None:
    modules = imported_for_help(*((name,) for name in NOUNS), ("plan", "show"), ("connect", "highlevel"))
    assert modules >= MODULES
    assert not modules & HEAVY


def test_help_takes_less_than_half_a_second() -> None:
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([PROGRAM, "--help"], capture_output=True, check=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(took) < 0.5  # of the processor, which a busy machine does not lengthen


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("lusha-connect pl", ["plans"]),
        ("lusha-connect re", ["reviews", "rejects"]),
        ("lusha-connect plan s", ["show"]),
        ("lusha-connect plans s", ["show"]),
        ("lusha-connect credentials r", ["remove", "rotate-key"]),
        ("lusha-connect connect h", ["highlevel"]),
        ("lusha-connect plan show last --st", ["--state"]),
        ("lusha-connect run sync_contacts --dr", ["--dry-run"]),
    ],
)
def test_the_shell_completes_nouns_commands_and_options(
    typed: str, offered: list[str], tmp_path: Path
) -> None:
    assert completed(typed, tmp_path) == offered


def test_completion_is_shown_and_installed(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path)}
    for option in ("--show-completion", "--install-completion"):
        line = f"{PROGRAM} {option}; exit $?"  # the shell stays there, so that it can be recognised
        done = subprocess.run(
            ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
        assert "completion" in done.stdout
    assert "_LUSHA_CONNECT_COMPLETE" in (tmp_path / ".bash_completions" / "lusha-connect.sh").read_text()
    assert "lusha-connect.sh" in (tmp_path / ".bashrc").read_text()


def test_the_help_of_run_lists_the_automations() -> None:
    done = subprocess.run([PROGRAM, "run", "--help"], capture_output=True, text=True, check=True, cwd=ROOT)
    for name in AUTOMATIONS:
        assert name in done.stdout


def test_the_help_of_an_automation_tells_its_parameters_as_its_form_does() -> None:
    wide = {**os.environ, "COLUMNS": "200"}
    program = [PROGRAM, "run", "backfill_contacts", "--help"]
    done = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT, env=wide)
    for word in ("added_from", "date", "First day (UTC) on which", "batch_size", "2500", "true or false"):
        assert word in done.stdout


def test_automations_are_completed(tmp_path: Path) -> None:
    assert completed("lusha-connect run import_", tmp_path) == ["import_contacts", "import_businesses"]
