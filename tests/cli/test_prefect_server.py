"""A Prefect server of one's own: what was to be sent is sent before it goes, and nobody complains."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import prefect_server

ROOT = Path(__file__).parents[2]

EVENTS = """
from cli.prefect_server import prefect_api

with prefect_api():
    from prefect.events import emit_event

    for number in range(200):
        emit_event("a.test", resource={"prefect.resource.id": f"a.test.{number}"})
"""


def test_a_server_goes_after_what_was_to_be_sent_and_nothing_complains(
    tmp_path: Path, prefect_template: Path
) -> None:
    home = tmp_path / ".lusha-connect" / "prefect"
    home.mkdir(parents=True)
    (home / "prefect.db").write_bytes(prefect_template.read_bytes())
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    done = subprocess.run(
        [sys.executable, "-c", EVENTS],
        env=environment | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PREFECT_LOGGING_LEVEL": "ERROR"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Service" not in done.stderr
    assert "Unable to connect" not in done.stderr


def test_a_quiet_run_is_in_the_servers_log_and_not_on_the_terminal(tmp_path: Path, prefect_api: str) -> None:
    settings = {"LUSHA_CONNECT_LOCATION_ID": "any", "PREFECT_LOGGING_TO_API_ENABLED": "true"}
    done = subprocess.run(
        [Path(sys.executable).with_name("lusha-connect"), "run", "import_contacts", "-p", "file=missing.csv"],
        env=os.environ | settings | {"PREFECT_API_URL": prefect_api, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 2, done.stderr
    kept = prefect_server.ask(prefect_api, "/logs/filter", {})
    assert any("missing.csv cannot be read" in one["message"] for one in kept)


def test_an_unreachable_host_is_named_once_without_its_retries(tmp_path: Path) -> None:
    settings = {
        "LUSHA_CONNECT_HIGHLEVEL_URL": "http://127.0.0.1:9",
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": "pit-any",
        "LUSHA_CONNECT_LOCATION_ID": "any",
        "PYTHONPATH": str(ROOT),
    }
    words = ["operations", "call", "locations.get-location", "--json"]
    done = subprocess.run(
        [Path(sys.executable).with_name("lusha-connect"), *words],
        env=os.environ | settings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("127.0.0.1:9 cannot be reached") == 1
    assert len(done.stderr.splitlines()) == 2, done.stderr
