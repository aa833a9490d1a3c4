"""Help and completion answer at once: a noun is imported when it is asked for, what it works with later."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli import LushaConnect
from flows.automations import AUTOMATIONS
from tasks.core.batch import Reason, Reject
from tasks.core.change import Scope
from tasks.hub import connections, plans, rejects, reviews, schema
from tasks.hub.connections import SavedConnection
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.reviews import Review

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


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A hub with a plan, a review, a reject and a connection."""
    file = tmp_path / "hub.db"
    hub = Hub(f"sqlite:///{file}")
    schema.upgrade(hub)
    source = {"location_id": "loc", "stream": "file.contact", "run_id": "r", "synced_at": datetime.now(UTC)}
    plan = Plan("run", "import_contacts", "loc", "import", "people.csv", {}, id="abcd00000001")
    with hub.write() as connection:
        plans.insert(connection, plan)
        wait = Review("r1", "Ada", "shared", (), {}, id="beef0001")
        reviews.keep(connection, Scope("loc", "file", "highlevel.contact"), "p1", [wait])
        found = [Reject("c0ffee", [Reason("shape", "", "odd")], "{}")]
        rejects.replace(connection, source, found, "file_to_contact")
    connections.add(hub, SavedConnection("vienna", "highlevel", "loc2", "token"))
    hub.close()
    return file


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("plans show ", ["last", "abcd00000001"]),
        ("plan apply ab", ["abcd00000001"]),
        ("--connection vienna plans show ", ["last"]),
        ("reviews accept b", ["beef0001"]),
        ("reviews reopen b", []),
        ("rejects show c", ["c0ffee"]),
        ("rejects list --stream file.b", ["file.business"]),
        ("rejects replay --mapping highlevel_co", ["highlevel_contact"]),
        ("mappings preview highlevel_b", ["highlevel_business"]),
        ("operations show contacts.get-contacts-", ["contacts.get-contacts-by-business"]),
        ("operations call contacts.get-contacts-", ["contacts.get-contacts-by-business"]),
        ("hub export b", ["businesses"]),
        ("connections test v", ["vienna"]),
    ],
)
def test_the_shell_completes_what_there_is(
    typed: str, offered: list[str], filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HUB_URL", f"sqlite:///{filled}")
    monkeypatch.setenv("LUSHA_CONNECT_LOCATION_ID", "loc")
    assert completed(f"lusha-connect {typed}", tmp_path) == offered


def test_where_there_is_no_hub_nothing_is_offered_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HUB_URL", f"sqlite:///{tmp_path / 'none.db'}")
    for typed in ("plans show ", "reviews accept ", "rejects show ", "connections test "):
        assert completed(f"lusha-connect {typed}", tmp_path) == []
    assert not (tmp_path / "none.db").exists()


def test_completion_imports_no_prefect(filled: Path) -> None:
    program = [
        "import sys",
        "from typer import Context",
        "from typer.main import get_command",
        "from cli import app, completion",
        "context = Context(get_command(app))",
        "print([len(one(context)) for one in (completion.plans, completion.reviews, completion.rejects)])",
        "print([bool(one()) for one in (completion.mappings, completion.operations, completion.sources)])",
        "print('prefect' in sys.modules)",
    ]
    environment = {**os.environ, "LUSHA_CONNECT_HUB_URL": f"sqlite:///{filled}"}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(program)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.stdout.splitlines() == ["[2, 2, 2]", "[True, True, True]", "False"]


def test_automations_are_completed(tmp_path: Path) -> None:
    assert completed("lusha-connect run import_", tmp_path) == [
        "import_contacts",
        "import_businesses",
        "import_records",
    ]
