"""The command line as a person or a program uses it: real processes, exit codes, JSON.

Most are forks of one that has imported everything, which would take each several seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from sandbox import process

COUNTED = ["read", "mapped", "rejected", "merged", "created", "updated", "unchanged", "deleted", "requests"]
COUNTS = [*COUNTED, "dropped", "notes", "seconds"]


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def cli(environment: dict[str, str], prefect_api: str, forks: Any) -> Any:
    def go(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **environment, "PREFECT_API_URL": prefect_api, **settings}
        done: subprocess.CompletedProcess[str] = forks.spoken(variables, *words)
        return done

    return go


@pytest.fixture
def fresh_cli(environment: dict[str, str], prefect_api: str) -> Any:
    """In a new interpreter."""

    def go(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **environment, "PREFECT_API_URL": prefect_api, **settings}
        program = [sys.executable, "-m", "cli", *words]
        return subprocess.run(
            program, env=variables, capture_output=True, text=True, timeout=120, check=False
        )

    return go


def test_a_run_ends_with_one_json_object(fresh_cli: Any) -> None:
    done = fresh_cli("run", "backfill_contacts", "--param", "batch_size=500", "--json")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    summary = json.loads(lines[0])
    assert list(summary) == COUNTS
    assert summary["read"] == 1200
    assert "backfill contacts: 1,000 of 1,200" in done.stderr  # plain progress where there is no terminal


def test_a_run_is_told_in_tables(cli: Any) -> None:
    done = cli("run", "backfill_contacts")
    assert done.returncode == 0, done.stderr
    for word in ("created", "unchanged", "requests", "transform", "load", "rejected, by reason"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"LUSHA_CONNECT_HIGHLEVEL_TOKEN": ""}, "LUSHA_CONNECT_HIGHLEVEL_TOKEN"),
        ({"LUSHA_CONNECT_HIGHLEVEL_TOKEN": "pit-secret-but-wrong"}, "contacts.readonly"),
        ({"LUSHA_CONNECT_HIGHLEVEL_TOKEN": "pit-sandbox-unscoped"}, "contacts.readonly"),
        ({"LUSHA_CONNECT_LOCATION_ID": ""}, "LUSHA_CONNECT_LOCATION_ID"),
        ({"LUSHA_CONNECT_LOCATION_ID": "elsewhere"}, "elsewhere"),
        ({"LUSHA_CONNECT_HIGHLEVEL_VERSION": "v4"}, "LUSHA_CONNECT_HIGHLEVEL_VERSION"),
        ({"LUSHA_CONNECT_HIGHLEVEL_TOKN": "x"}, "LUSHA_CONNECT_HIGHLEVEL_TOKEN"),
        ({"LUSHA_CONNECT_HIGHLEVEL_URL": "not a url"}, "not a url"),
        ({"LUSHA_CONNECT_HUB_URL": "oracle://x"}, "LUSHA_CONNECT_HUB_URL"),
        ({"PREFECT_API_URL": "http://127.0.0.1:1/api"}, "PREFECT_API_URL"),
    ],
)
def test_bad_configuration_is_refused_with_exit_code_2(
    cli: Any,
    fresh_cli: Any,
    vendor: process.RunningSandbox,
    tmp_path: Path,
    settings: dict[str, str],
    says: str,
) -> None:
    go = fresh_cli if "pit-secret-but-wrong" in settings.values() else cli
    done = go("run", "backfill_contacts", "--json", **settings)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "pit-secret-but-wrong" not in done.stderr + done.stdout
    assert vendor.requests()["total"] <= 1
    assert records_and_runs(tmp_path / "hub.db") == 0


def records_and_runs(file: Path) -> int:
    """How many rows the hub holds that a run writes."""
    if not file.exists() or not file.stat().st_size:
        return 0
    with contextlib.closing(sqlite3.connect(file)) as hub:
        tables = ("contacts", "raw", "rejects", "cursors", "runs")
        return sum(hub.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "backfil_contacts"], "backfill_contacts"),
        (["run", "backfill_contacts", "--param", "bach_size=3"], "batch_size"),
        (["run", "backfill_contacts", "--param", "batch_size=0"], "batch_size"),
        (["run", "backfill_contacts", "--param", "added_from=soon"], "added_from"),
        (["run", "backfill_contacts", "--param", "batch_size"], "name=value"),
        (["run", "backfill_contacts", "--param", "mapping=highlevel_contcat"], "highlevel_contact"),
        (["run", "backfill_contacts", "--param", "connection=nowhere"], "nowhere"),
        (["mappings", "validate", "missing.yaml"], "missing.yaml"),
        (["hub", "export", "contcats"], "contacts"),
        (["hub", "export", "contacts", "--format", "xml"], "jsonl"),
        (["rejects", "show", "nobody"], "rejects list"),
    ],
)
def test_a_wrong_word_is_refused_with_what_is_right(cli: Any, words: list[str], says: str) -> None:
    done = cli(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert says in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [["hub", "export", "contacts"], ["plans", "list"], ["run", "sync_contacts"]]
)
def test_a_hub_that_is_not_there_is_refused_and_not_made(cli: Any, tmp_path: Path, words: list[str]) -> None:
    done = cli(*words, LUSHA_CONNECT_HUB_URL=f"sqlite:///{tmp_path}/typo/hub.db")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "typo/hub.db" in done.stderr
    assert "hub upgrade" in done.stderr
    assert not (tmp_path / "typo").exists()


def test_a_vendor_that_fails_ends_with_exit_code_1_and_the_counts(
    fresh_cli: Any, vendor: process.RunningSandbox
) -> None:
    edits = sorted(vendor.records("contacts"), key=lambda record: str(record.get("dateAdded")))
    for record in edits[600:800]:
        vendor.edit(kind="contacts", id=record["id"], set={"email": "not an address"})
    done = fresh_cli("run", "backfill_contacts", "--param", "batch_size=500", "--json")
    assert done.returncode == 1
    summary = json.loads(done.stdout)
    assert summary["read"] == 500
    assert "email" in summary["error"]
    assert summary["remedy"]
    assert summary["exit_code"] == 1


def test_rejects_are_listed_and_shown(cli: Any) -> None:
    assert cli("run", "backfill_contacts").returncode == 0
    listed = json.loads(cli("rejects", "list", "--json").stdout)
    assert 0 < len(listed) < 60
    assert "rejects show" in cli("rejects", "list").stdout
    shown = json.loads(cli("rejects", "show", listed[0]["id"], "--json").stdout)
    assert shown["reasons"]
    assert shown["raw"]["id"] == listed[0]["id"]
    assert listed[0]["reasons"][0]["message"] in cli("rejects", "show", listed[0]["id"]).stdout.replace(
        "\n", " "
    )


def test_a_stream_is_exported(cli: Any, tmp_path: Path) -> None:
    assert cli("run", "backfill_contacts").returncode == 0
    exported = cli("hub", "export", "contacts")
    assert exported.returncode == 0, exported.stderr
    rows = [json.loads(line) for line in exported.stdout.splitlines()]
    assert len(rows) > 1000
    assert {"id", "email", "tags", "custom", "location_id"} <= rows[0].keys()
    target = tmp_path / "contacts.csv"
    assert cli("hub", "export", "contacts", "--format", "csv", "-o", str(target)).returncode == 0
    assert len(target.read_text().splitlines()) >= len(rows) + 1
    assert cli("hub", "export", "contacts", "--json").stdout == exported.stdout
    assert cli("hub", "export", "contacts", "--json", "--format", "csv").returncode == 2


def test_the_hub_is_upgraded_by_a_command(cli: Any) -> None:
    first, second = cli("hub", "upgrade"), cli("hub", "upgrade")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "from nothing to schema" in first.stdout
    assert "up to date" in second.stdout
    told = json.loads(cli("hub", "upgrade", "--json").stdout)
    assert told["before"] == told["after"]
    assert told["after"] in second.stdout


def test_the_hub_is_backed_up_and_restored_by_commands(cli: Any, tmp_path: Path) -> None:
    cli("hub", "upgrade")
    file = str(tmp_path / "hub.backup")
    done = cli("hub", "backup", file)
    assert done.returncode == 0, done.stderr
    assert "LUSHA_CONNECT_ENCRYPTION_KEYS" in done.stdout
    again = cli("hub", "backup", file)
    assert (again.returncode, "there already" in again.stderr) == (2, True)
    told = json.loads(cli("hub", "restore", file, "--json").stdout)
    assert told["before"] == told["after"]
    assert cli("hub", "restore", "nowhere.backup").returncode == 2


def test_mappings_are_validated(cli: Any, tmp_path: Path) -> None:
    good = cli("mappings", "validate")
    assert good.returncode == 0, good.stdout
    assert "highlevel_contact" in good.stdout
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "source: highlevel.contact\ntarget: hub.contact\nfields:\n  id: {from: id}\n"
        "checks:\n  - {expect: expect_column_values_to_not_be_nul, column: id}\n"
    )
    refused = cli("mappings", "validate", str(bad))
    assert refused.returncode == 2
    assert "bad.yaml:6" in refused.stdout
    assert "expect_column_values_to_not_be_null" in refused.stdout


def test_every_mistake_of_every_mapping_is_told_to_people_and_to_programs(cli: Any, tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(
        "source: file.contct\ntarget: highlevel.contact\nmatch: [link]\n"
        "fields:\n  id: {from: id, clean: txt}\n  emial: {from: email}\n"
    )
    second.write_text("source: file.contact\ntarget: highlevel.contact\nfields: {id: {from: id}}\n")
    told = cli("mappings", "validate", str(first), str(second))
    assert told.returncode == 2
    assert all(f"first.yaml:{line}: " in told.stdout for line in (1, 5, 6))
    assert "second.yaml:1: `match` needs `link`" in told.stdout
    plain = cli("mappings", "validate", str(first), str(second), "--json")
    assert plain.returncode == 2
    found = json.loads(plain.stdout)
    assert [[one["line"] for one in result["findings"]] for result in found] == [[1, 5, 6], [1]]
    assert found[0]["findings"][1] == {
        "line": 5,
        "problem": "unknown transform `txt`",
        "remedy": "did you mean `text`?",
    }


def test_a_mapping_is_previewed_without_writing(
    cli: Any, vendor: process.RunningSandbox, tmp_path: Path
) -> None:
    done = cli("mappings", "preview", "highlevel_contact", "--sample", "5")
    assert done.returncode == 0, done.stderr
    assert "Nothing was written" in done.stdout
    assert set(vendor.requests()["operations"]) == {"POST /contacts/search"}
    lines = cli("mappings", "preview", "highlevel_contact", "--sample", "5", "--json").stdout.splitlines()
    assert len([json.loads(line) for line in lines]) == 5


def test_a_new_interpreter_refuses_as_a_fork_does(fresh_cli: Any, cli: Any) -> None:
    for words in (["run", "backfil_contacts"], ["run", "backfill_contacts", "--param", "connection=nowhere"]):
        fresh, fork = fresh_cli(*words), cli(*words)
        assert (fresh.returncode, fresh.stdout) == (fork.returncode, fork.stdout) == (2, "")
        assert said(fresh) == said(fork)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Without what Prefect's own background workers log at their end, which is a matter of luck."""
    return [line for line in done.stderr.splitlines() if " | WARNING | " not in " ".join(line.split())]


def test_help_is_there_for_every_command(fresh_cli: Any) -> None:
    for words in (["--help"], ["run", "--help"], ["sandbox", "--help"], ["hub", "export", "--help"], []):
        done = fresh_cli(*words)
        assert "Usage" in done.stdout + done.stderr


def test_the_version_is_told(lusha_connect: Any) -> None:
    done = lusha_connect("--version")
    assert (done.code, done.out.strip()) == (0, metadata.version("lusha-connect"))
