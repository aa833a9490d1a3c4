"""Starting and stopping: flags, what is printed, and how bad flags end."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox import BadOptionError, Options, process

ROOT = Path(__file__).parents[2]


def run(*flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", *flags]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=30)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--quota", "100"], "write REQUESTS/SECONDSs"),
        (["--contacts", "-1"], "contacts -1 is negative"),
        (["--contacts", "many"], "invalid int value: 'many'"),
        (["--port", "70000"], "port 70000 does not exist"),
        (["--lusha-port", "70000"], "lusha-port 70000 does not exist"),
        (["--lusha-plan", "gold"], "give one of free, pro, premium, scale, off"),
        (["--unheard-of"], "unrecognized arguments: --unheard-of"),
        (["--faults", "/nowhere/faults.json"], "cannot be read"),
    ],
)
def test_bad_flags_end_in_one_line_and_code_2(flags: list[str], said: str) -> None:
    ended = run(*flags)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("content", ["{", "[5]", '[{"operation": "*", "fault": "oops"}]', "\udcff"])
def test_malformed_faults_file_ends_in_code_2(tmp_path: Path, content: str) -> None:
    path = tmp_path / "faults.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    ended = run("--faults", str(path), "--port", "0")
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"sandbox: faults file {path}")
    assert ended.stderr.count("\n") == 1


def test_taken_port_ends_in_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("--port", str(taken.getsockname()[1]), "--lusha-port", "0")
    assert ended.returncode == 2
    assert "choose another --port" in ended.stderr


def test_lusha_s_port_taken_ends_in_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("--port", "0", "--lusha-port", str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "choose another --lusha-port" in ended.stderr


@pytest.mark.parametrize(
    "bad",
    [{"quota": "0/10s"}, {"quota": "5/0s"}, {"daily": 0}, {"search_lag": -1}, {"latency": -0.1},
     {"contacts": -5}, {"port": -1}],
)  # fmt: skip
def test_options_out_of_range_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadOptionError):
        Options(**bad)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_announces_itself_and_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--lusha-port", "0", "--contacts", "7"]
    command += ["--seed", "3"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        lines = [child.stdout.readline() for _ in range(13)]
        child.send_signal(number)
        assert child.wait(20) == 0
        assert child.stderr.read() == ""
    printed = "".join(lines)
    for fact in (
        "http://127.0.0.1:",
        "pit-sandbox",
        "lusha-sandbox",
        "/_sandbox/bill",
        "sandboxLocation00001",
        "7 and 200",
        "seed 3",
        "100/10s",
    ):
        assert fact in printed


def test_ends_cleanly_while_a_client_hangs(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text(json.dumps([{"operation": "*", "fault": "timeout_before"}]))
    with process.start(contacts=1, faults=path) as running:
        connection = socket.create_connection((running.host, running.port))
        connection.sendall(b"GET /contacts/x HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        while running.requests()["total"] == 0:
            pass
    with connection:
        connection.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""


def test_start_says_why_it_did_not_start() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(process.SandboxFailedError, match="cannot listen"),
        process.start(port=taken.getsockname()[1]),
    ):
        pass


def test_start_leaves_no_process_behind() -> None:
    with process.start(contacts=2, seed=9) as running:
        assert len(running.records("contacts")) == 2
    with pytest.raises(ConnectionRefusedError):
        running.requests()
