"""``lusha-connect init``: what it asks for, what it tries, and what it leaves in ``.env``."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from prefect.settings import PREFECT_API_URL, temporary_settings

from sandbox import process

ROOT = Path(__file__).parents[2]
Init = Callable[..., Any]


@pytest.fixture
def init(
    vendor: process.RunningSandbox,
    command_line: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Init:
    """Runs it in an empty folder, with a token on standard input; no token is ever in its output."""

    def go(*words: str, token: str = vendor.token) -> Any:
        monkeypatch.setattr(sys, "stdin", io.StringIO(token))
        with temporary_settings({PREFECT_API_URL: None}):
            done = command_line("init", *words)
        assert vendor.token not in done.out + done.err
        return done

    return go


@pytest.fixture
def place(vendor: process.RunningSandbox) -> list[str]:
    return ["--location", vendor.location_id, "--url", vendor.url]


def written() -> dict[str, str | None]:
    return dotenv_values(".env")


def test_what_works_is_written_for_its_owner_alone(
    init: Init, place: list[str], vendor: process.RunningSandbox
) -> None:
    done = init(*place)
    assert done.code == 0, done.err
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600
    assert written() == {
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
        "LUSHA_CONNECT_HUB_URL": "sqlite:///.lusha-connect/hub.db",
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
    }
    assert "credential: HighLevel takes it" in done.out
    assert Path(".lusha-connect/hub.db").is_file()


@pytest.mark.parametrize(
    ("words", "token", "told"),
    [
        (["--location", "elsewhere"], None, "location"),
        ([], "pit-wrong", "credential"),
        ([], "", "No token"),
        ([], "two words", "no token"),
        (["--hub-url", "mysql://x"], None, "database"),
    ],
)
def test_what_does_not_work_leaves_nothing_behind(
    init: Init, place: list[str], words: list[str], token: str | None, told: str
) -> None:
    done = init(*place, *words, **({} if token is None else {"token": token}))
    assert done.code == 2
    assert told in done.err
    assert list(Path().iterdir()) == []


def test_what_is_not_to_be_tried_is_written_as_it_is(init: Init, place: list[str]) -> None:
    assert init(*place, "--no-test", token="pit-later").code == 0
    assert written()["LUSHA_CONNECT_HIGHLEVEL_TOKEN"] == "pit-later"


def test_what_else_was_there_stays_and_nothing_is_changed_in_silence(init: Init, place: list[str]) -> None:
    Path(".env").write_text(
        "# mine\nexport OTHER='a b'\nLUSHA_CONNECT_KEEP_DAYS=30\nLUSHA_CONNECT_LOCATION_ID=old\n"
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN=\n"
    )
    before = Path(".env").read_text()
    refused = init(*place)
    assert refused.code == 2
    assert "LUSHA_CONNECT_LOCATION_ID" in refused.err
    assert "--replace" in refused.err
    assert Path(".env").read_text() == before
    assert init(*place, "--replace").code == 0
    assert Path(".env").read_text().startswith("# mine\nexport OTHER='a b'\nLUSHA_CONNECT_KEEP_DAYS=30\n")
    assert written()["LUSHA_CONNECT_LOCATION_ID"] == place[1]
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600


def test_a_second_time_everything_is_there_already(init: Init, place: list[str]) -> None:
    init(*place)
    before = Path(".env").read_text()
    done = init("--no-ask", "--json", token="")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert "LUSHA_CONNECT_HIGHLEVEL_TOKEN" in told["settings"]
    assert {"hub", "credential"} <= {one["name"] for one in told["checks"]}
    assert Path(".env").read_text() == before


def test_a_person_is_asked_and_the_token_is_not_shown(vendor: process.RunningSandbox, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "init", "--url", vendor.url],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    ) as asked:
        os.close(theirs)
        shown = ""
        for question, answer in (
            ("token", vendor.token),
            ("Location id", vendor.location_id),
            ("[sqlite:///.lusha-connect/hub.db]", ""),
        ):
            shown += read_until(ours, question)
            os.write(ours, f"{answer}\n".encode())
        shown += read_until(ours, "run backfill_contacts")
        assert asked.wait(60) == 0
    os.close(ours)
    assert vendor.token not in shown
    assert dotenv_values(tmp_path / ".env")["LUSHA_CONNECT_HIGHLEVEL_TOKEN"] == vendor.token


def read_until(terminal: int, text: str) -> str:
    found = ""
    while text not in found:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, found
        try:
            found += os.read(terminal, 4096).decode()
        except OSError:  # the other side has ended
            raise AssertionError(found) from None
    return found
