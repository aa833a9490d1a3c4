"""Connections on the command line: listed, added, removed, and looked at with what to do about each thing."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from cli.children import free_port
from flows.automations import AUTOMATIONS
from flows.scopes import SCOPES
from sandbox import process
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.mapping import language
from tasks.run.leasing import exclusive

KEY = "q0HPWzIYBZR8wL0Zx0vWKhjKxMVFKqyCVCxx0RpTxHM="
ROOT = Path(__file__).parents[2]
Command = Callable[..., Any]


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[process.RunningSandbox]:
    with process.start(contacts=40, locations=2) as running:
        yield running


@pytest.fixture
def vendor(sandbox_process: process.RunningSandbox) -> process.RunningSandbox:
    for place in (1, 2):
        sandbox_process.at(place).reset()
    return sandbox_process


@pytest.fixture
def line(
    environment: dict[str, str], command_line: Command, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """Runs a command, without a Prefect server; no token is ever in its output."""
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", KEY)
    told: list[str] = []

    def go(*words: str, stdin: str = "") -> Any:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        done = command_line(*words)
        told.extend((done.out, done.err))
        return done

    with temporary_settings({PREFECT_API_URL: None}):
        yield go
    assert "pit-sandbox" not in "".join(told)
    assert KEY not in "".join(told)


@pytest.fixture
def ulm(line: Command, vendor: process.RunningSandbox) -> process.RunningSandbox:
    """The second location, which the connection ``ulm`` leads to."""
    second = vendor.at(2)
    line("credentials", "add", "theirs", "--location", second.location_id, stdin=f"{second.token}\n")
    assert line("connections", "add", "ulm", "--credential", "theirs").code == 0
    return second


def checks(line: Command, *words: str) -> dict[str, dict[str, str]]:
    """What ``connections test`` found, by what was looked at."""
    done = line("connections", "test", *words, "--json")
    found = {one["name"]: one for one in done.json["checks"]}
    assert done.code == int(any(one["status"] == "failed" for one in found.values()))
    for one in found.values():
        assert one["status"] in ("ok", "warning", "failed")
        assert bool(one["remedy"]) == (one["status"] != "ok"), one
    return found


def test_it_is_added_listed_run_and_removed(line: Command, ulm: process.RunningSandbox) -> None:
    listed = line("connections", "list", "--json").json
    assert [one["name"] for one in listed] == ["environment", "ulm"]
    assert (listed[1]["location_id"], listed[1]["credential"]) == (ulm.location_id, "theirs")
    assert ulm.location_id in line("connections", "list").out
    again = line("connections", "add", "ulm", "--credential", "theirs")
    assert (again.code, again.lines[0]) == (0, "'ulm' was there already, the same.")
    removed = line("connections", "remove", "ulm")
    assert "refused from now on" in removed.out
    assert [one["name"] for one in line("connections", "list", "--json").json] == ["environment"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "graz", "--credential", "thiers"), "Did you mean theirs?"),
        (("add", "graz", "--credential", "theirs", "--vendor", "highlvel"), "Did you mean highlevel?"),
        (("add", "graz", "--credential", "theirs", "--location", "sandboxLocation00001"), "Did you mean"),
        (("add", "ulm", "--credential", "theirs", "--version", "v3"), "--replace"),
        (("add", "environment", "--credential", "theirs"), "Choose another name"),
        (("remove", "ulmm"), "Did you mean ulm?"),
        (("remove", "environment"), "LUSHA_CONNECT_LOCATION_ID"),
        (("test", "ulmm"), "Did you mean ulm?"),
    ],
)
def test_a_wrong_word_is_refused_before_anything_is_asked(
    line: Command, ulm: process.RunningSandbox, vendor: process.RunningSandbox, words: Any, said: str
) -> None:
    refused = line("connections", *words)
    assert refused.code == 2
    assert said in refused.err
    assert vendor.requests()["total"] + ulm.requests()["total"] == 0


def test_a_location_in_order_is_ok(line: Command, ulm: process.RunningSandbox) -> None:
    found = checks(line, "ulm")
    assert found.pop("prefect server")["status"] == "warning"
    assert {one["status"] for one in found.values()} == {"ok"}
    assert {f"scopes of {name}" for name in AUTOMATIONS} <= set(found)
    named = {"hub", "credential", "location", "duplicates", "quota", "clock", "custom fields", "mappings"}
    assert named <= set(found)
    assert found["location"]["found"].startswith("Sandbox Location 2")
    assert found["quota"]["found"].startswith("100 requests in 10 s")
    asked = ulm.requests()["operations"]
    assert all(
        name.startswith(("GET ", "PUT /contacts/", "PUT /businesses/", "PUT /calendars/", "PUT /locations/"))
        or name.endswith("search")
        for name in asked
    )
    assert "HighLevel takes it" in line("connections", "test").out


def test_a_whole_command_may_be_for_a_connection(
    line: Command, ulm: process.RunningSandbox, vendor: process.RunningSandbox
) -> None:
    before = dict(os.environ)
    for place, words in ((ulm, ("--connection", "ulm")), (vendor, ())):
        preview = line(*words, "mappings", "preview", "highlevel_contact", "--sample", "1", "--json")
        assert preview.code == 0, preview.err
        tested = line(*words, "credentials", "test", "--json").json
        assert tested["location_id"] == place.location_id
    assert (vendor.requests()["total"], ulm.requests()["total"]) == (2, 2)
    assert dict(os.environ) == before
    refused = line("--connection", "umm", "plans", "list")
    assert refused.code == 2
    assert "Did you mean ulm?" in refused.err


@pytest.fixture
def running(ulm: process.RunningSandbox, prefect_api: str, command_line: Command) -> Command:
    """Runs a command with a Prefect server, where ``ulm`` is a connection."""

    def go(*words: str) -> Any:
        with temporary_settings({PREFECT_API_URL: prefect_api}):
            return command_line(*words)

    return go


def test_what_comes_next_is_for_the_same_location(running: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,next@cli.example\n", encoding="utf-8")
    run = ("run", "import_contacts", "--param", f"file={file}", "--dry-run")
    for words in ((*run, "--param", "connection=ulm"), ("--connection", "ulm", *run)):
        planned = running(*words)
        assert planned.code == 0, planned.err
        [step] = [line for line in planned.lines if "plans apply" in line]
        assert step.startswith("lusha-connect --connection ulm plans apply ")
        plan = step.split()[5]
    assert running("plans", "apply", plan).code == 2
    assert running("--connection", "ulm", "plans", "apply", plan, "--json").json["applied"] == {
        "create done": 1
    }


def test_a_skipped_run_says_so_and_is_no_failure(
    running: Command, hub_url: str, ulm: process.RunningSandbox
) -> None:
    hub = Hub(hub_url)

    async def meanwhile(*words: str) -> Any:
        async with exclusive(hub, "sync_contacts", ulm.location_id):
            return await asyncio.to_thread(running, "run", "sync_contacts", "-p", "connection=ulm", *words)

    told = asyncio.run(meanwhile())
    assert (told.code, told.lines[0]) == (
        0,
        f"sync_contacts: skipped. Another run of sync_contacts is under way for location {ulm.location_id}.",
    )
    found = asyncio.run(meanwhile("--json")).json
    assert found["read"] == 0
    assert ulm.location_id in found["skipped"]
    assert ulm.requests()["total"] == 0
    hub.close()


def test_nothing_is_changed_by_looking(line: Command, vendor: process.RunningSandbox) -> None:
    kinds = ("contacts", "tasks", "businesses", "customFields", "tags")
    before = [vendor.records(kind) for kind in kinds]
    checks(line)
    assert [vendor.records(kind) for kind in kinds] == before


def test_missing_scopes_are_told_by_automation(
    line: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN", "pit-sandbox-readonly")
    with_mappings(monkeypatch, tmp_path, "custom.nickname")
    found = checks(line)
    assert found["scopes of sync_contacts"]["status"] == "ok"
    scopes = found["scopes of import_contacts"]
    assert scopes["status"] == "warning"
    assert "contacts.write, locations/customFields.readonly" in scopes["remedy"]
    assert found["duplicates"]["status"] == "warning"
    assert "locations.readonly" in found["duplicates"]["remedy"]
    assert found["custom fields"]["status"] == "warning"


def test_a_credential_that_can_do_nothing_has_failed(line: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN", "pit-sandbox-unscoped")
    found = checks(line)
    assert found["credential"]["status"] == "ok"
    assert found["scopes of sync_contacts"]["status"] == "failed"


def test_a_bad_token_has_failed(line: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN", "pit-sandbox-expired")
    found = checks(line)
    assert found["credential"]["status"] == "failed"
    assert "location" not in found


def test_no_token_at_all_has_failed(line: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN")
    assert "HIGHLEVEL_TOKEN" in checks(line)["credential"]["remedy"]


def test_a_removed_credential_has_failed(line: Command, ulm: process.RunningSandbox) -> None:
    assert "without one now: ulm." in line("credentials", "remove", "theirs").out
    assert checks(line, "ulm")["credential"]["status"] == "failed"


def test_a_removed_location_has_failed(line: Command, ulm: process.RunningSandbox) -> None:
    ulm.remove()
    assert checks(line, "ulm")["credential"]["status"] == "failed"
    assert checks(line)["credential"]["status"] == "ok"


def test_another_locations_token_has_failed(
    line: Command, vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN", vendor.at(2).token)
    found = checks(line)
    assert (found["credential"]["status"], found["location"]["status"]) == ("ok", "failed")
    assert vendor.location_id in found["location"]["remedy"]


def test_an_app_tells_its_scopes_itself(
    line: Command, vendor: process.RunningSandbox, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = vendor.at(2)
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_CLIENT_ID", vendor.client_id)
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_CLIENT_SECRET", vendor.client_secret)
    granted(second, hub, "contacts.readonly", "locations.readonly")
    line("connections", "add", "app", "--credential", "app")
    found = checks(line, "app")
    assert found["scopes of import_contacts"]["found"] == "missing: contacts.write"
    assert found["location"]["found"].startswith("Sandbox Location 2")
    assert not [name for name in second.requests()["operations"] if name.startswith("PUT")]


def granted(one: process.RunningSandbox, hub: Hub, *scopes: str) -> None:
    """Store what the app is granted for a location."""
    import httpx  # noqa: PLC0415 - this test's alone
    from pydantic import SecretStr  # noqa: PLC0415

    from tasks.hub.keyring import Keyring  # noqa: PLC0415
    from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore  # noqa: PLC0415

    code = httpx.URL(one.consent(scope=" ".join(scopes))).params["code"]
    app = {"client_id": one.client_id, "client_secret": one.client_secret}
    form = {**app, "grant_type": "authorization_code", "code": code}
    pair = httpx.post(f"{one.url}/oauth/token", data=form).json()
    facts = Facts("app", Kind.OAUTH, pair["locationId"], client_id=one.client_id, scopes=scopes)
    secrets = Secrets(SecretStr(pair["access_token"]), SecretStr(pair["refresh_token"]))
    TokenStore(hub, Keyring(SecretStr(KEY))).put(Stored(facts, secrets))


@pytest.mark.parametrize(
    ("options", "name", "said"),
    [
        ({"allow_duplicates": True}, "duplicates", "Allow Duplicate Contact"),
        ({"quota": "off"}, "quota", "not paced"),
        ({"daily": 400}, "quota", "go on the next day"),
        ({"clock_ahead": 3600.0}, "clock", "time server"),
        ({"clock_ahead": -3600.0}, "clock", "time server"),
    ],
)
def test_what_works_and_should_be_looked_after_is_a_warning(
    line: Command, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], name: str, said: str
) -> None:
    with process.start(contacts=5, **options) as odd:
        monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_URL", odd.url)
        found = checks(line)
    assert found[name]["status"] == "warning"
    assert said in found[name]["remedy"]


def with_mappings(monkeypatch: pytest.MonkeyPatch, folder: Path, field: str, more: str = "") -> None:
    """One mapping, which fills this field."""
    text = (
        "source: file.contact\ntarget: highlevel.contact\nmatch: [email]\nfields:\n"
        f"  email: {{from: email}}\n  {field}: {{from: nick, policy: newest}}\n{more}"
    )
    (folder / "maps").mkdir()
    (folder / "maps" / "ours.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(language, "MAPPINGS", folder / "maps")


def test_a_custom_field_that_the_location_does_not_have_has_failed(
    line: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_mappings(monkeypatch, tmp_path, "custom.nicknam")
    found = checks(line)["custom fields"]
    assert found["status"] == "failed"
    assert "did you mean `nickname`?" in found["remedy"]


def test_a_custom_field_that_is_there_is_ok(
    line: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_mappings(monkeypatch, tmp_path, "custom.nickname")
    assert checks(line)["custom fields"]["status"] == "ok"


def test_a_mapping_that_cannot_be_read_has_failed(
    line: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_mappings(monkeypatch, tmp_path, "city", "matches: [email]\n")
    found = checks(line)["mappings"]
    assert found["status"] == "failed"
    assert "ours.yaml:7" in found["found"]


def test_an_old_hub_has_failed(line: Command, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "head", lambda: "0099")
    found = checks(line)
    assert found["hub"]["status"] == "failed"
    assert "hub upgrade" in found["hub"]["remedy"]
    assert "credential" not in found


def test_a_prefect_server_that_answers_is_ok_and_one_that_does_not_has_failed(
    prefect_api: str, command_line: Command, environment: dict[str, str]
) -> None:
    assert checks(command_line)["prefect server"]["status"] == "ok"
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{free_port()}/api"}):
        assert checks(command_line)["prefect server"]["status"] == "failed"


def with_lusha(monkeypatch: pytest.MonkeyPatch, vendor: process.RunningSandbox, key: str = "") -> None:
    vendor.lusha.reset()
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_URL", vendor.lusha.url)
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_API_KEY", key or vendor.lusha.key)


def test_lusha_s_key_plan_prices_credits_and_limits_are_looked_at_for_free(
    line: Command, vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(name.startswith("lusha") for name in checks(line))
    with_lusha(monkeypatch, vendor)
    found = {name: one for name, one in checks(line).items() if name.startswith("lusha")}
    assert {one["status"] for name, one in found.items() if name != "lusha requests"} == {"ok"}
    assert "revealPhone 5" in found["lusha prices"]["found"]
    assert "contactSearch 1 for 25" in found["lusha prices"]["found"]
    assert "10,000 left of 10,000; a run may spend 500" in found["lusha credits"]["found"]
    assert vendor.lusha.requests() == {"total": 1, "operations": {"GET /v3/account/usage": {"200": 1}}}
    vendor.lusha.set_credits(3)
    assert checks(line)["lusha credits"]["status"] == "warning"


def test_a_wrong_key_of_lusha_s_has_failed_and_the_rest_is_looked_at(
    line: Command, vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_lusha(monkeypatch, vendor, "not-the-key")
    found = checks(line)
    assert found["lusha key"]["status"] == "failed"
    assert "API Hub" in found["lusha key"]["remedy"]
    assert "lusha credits" not in found
    assert found["credential"]["status"] == "ok"


def test_every_automation_says_what_it_needs_and_the_page_says_the_same() -> None:
    assert list(SCOPES) == list(AUTOMATIONS)
    page = (ROOT / "docs" / "connect.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    told = {name.strip(" `"): scopes for _, names, scopes, *_ in rows for name in names.split(",")}
    for name, scopes in SCOPES.items():
        assert all(f"`{scope}`" in told[name] for scope in scopes), name
