"""Credentials and consent on the command line, as a person or a program uses them."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from pydantic import SecretStr

from cli import console, main
from cli.children import free_port
from sandbox import process
from tasks.core.settings import load_settings
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import TokenStore

OLD = "q0HPWzIYBZR8wL0Zx0vWKhjKxMVFKqyCVCxx0RpTxHM="
NEW = "3Iq0ZIw1lY6m1kM2n0x8S0T2m8m8Sk0m8Y3r2fQm1nA="
PIT = "pit-sandbox-readonly"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture(autouse=True)
def settings(
    environment: dict[str, str], vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN")
    more = {
        "ENCRYPTION_KEYS": OLD,
        "HIGHLEVEL_CLIENT_ID": vendor.client_id,
        "HIGHLEVEL_CLIENT_SECRET": vendor.client_secret,
        "HIGHLEVEL_CONSENT_URL": f"{vendor.url}/oauth/chooselocation?version_id=sandboxapp",
    }
    for name, value in more.items():
        monkeypatch.setenv(f"LUSHA_CONNECT_{name}", value)


Cli = Callable[..., Done]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cli]:
    told: list[str] = []

    def go(*words: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "argv", ["lusha-connect", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        told.extend((out, err))
        return Done(int(ended.value.code or 0), out, err)

    yield go
    files = b"".join(path.read_bytes() for path in tmp_path.glob("hub.db*"))
    for secret in (PIT, OLD, NEW, "sandbox-secret", *held_secrets()):
        assert secret not in "".join(told)
        assert secret.encode() not in files


def held_secrets() -> list[str]:
    """Every secret that the hub holds now, decrypted."""
    hub = Hub(load_settings().hub_url)
    schema.require_current(hub)  # a test may end before there is one
    store = TokenStore(hub, Keyring(SecretStr(f"{NEW},{OLD}")))
    found = [store.find(name) for name in ("main", "highlevel", "leads")]
    hub.close()
    kept = [one.secrets for one in found if one is not None]
    each = [secret for one in kept for secret in (one.access, one.refresh, one.client_secret)]
    return [secret.get_secret_value() for secret in each if secret]


def test_a_private_token_is_stored_tested_used_and_removed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, vendor: process.RunningSandbox
) -> None:
    added = cli("credentials", "add", "main", "--scope", "contacts.readonly", stdin=f"{PIT}\n")
    assert added.code == 0, added.err
    assert "HIGHLEVEL_CREDENTIAL=main" in added.out
    (listed,) = cli("credentials", "list", "--json").json
    assert listed["name"] == "main"
    assert (listed["kind"], listed["location_id"]) == ("private", vendor.location_id)
    assert (listed["scopes"], listed["expires_at"]) == (["contacts.readonly"], None)
    assert "main" in cli("credentials", "list").out
    tested = cli("credentials", "test", "main", "--json").json
    assert (tested["works"], tested["contacts"]) == (True, 1200)
    assert vendor.requests()["total"] == 1
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_CREDENTIAL", "main")
    assert "1,200" in cli("credentials", "test").out
    assert (
        len(cli("mappings", "preview", "highlevel_contact", "--sample", "2", "--json").out.splitlines()) == 2
    )
    assert "revoke it" in cli("credentials", "remove", "main").out
    assert cli("credentials", "list", "--json").json == []


def test_lusha_s_key_is_stored_tested_and_never_taken_for_a_token(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, vendor: process.RunningSandbox
) -> None:
    vendor.lusha.reset()
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_URL", vendor.lusha.url)
    added = cli("credentials", "add", "leads", "--vendor", "lusha", stdin=f"{vendor.lusha.key}\n")
    assert "LUSHA_CONNECT_LUSHA_CREDENTIAL=leads" in added.out
    assert "(Lusha)" in cli("credentials", "list").out
    assert "10,000 credits left" in cli("credentials", "test", "leads").out
    assert cli("credentials", "test", "leads", "--json").json["credits"] == 10_000
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_CREDENTIAL", "leads")
    mixed_up = cli("mappings", "preview", "highlevel_contact", "--sample", "2")
    assert mixed_up.code == 2
    assert "LUSHA_CONNECT_LUSHA_CREDENTIAL" in mixed_up.err
    cli("credentials", "add", "leads", "--vendor", "lusha", "--replace", stdin="wrong-key\n")
    refused = cli("credentials", "test", "leads", "--json")
    assert (refused.code, refused.json["works"]) == (2, False)
    assert "wrong-key" not in refused.out + refused.err
    assert "Did you mean `lusha`?" in cli("credentials", "add", "x", "--vendor", "luhsa").err


def test_programs_are_told_what_was_stored_and_removed_and_no_token(
    cli: Cli, vendor: process.RunningSandbox
) -> None:
    added = cli("credentials", "add", "main", "--json", stdin=f"{PIT}\n")
    assert (added.json["name"], added.json["location_id"]) == ("main", vendor.location_id)
    assert PIT not in added.out + added.err
    assert cli("credentials", "remove", "main", "--json").json == {"removed": "main"}


def test_the_token_of_the_settings_is_tested_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN", PIT)
    assert "1,200" in cli("credentials", "test").out


def test_what_does_not_work_is_said(cli: Cli) -> None:
    for token, says in (("pit-sandbox-unscoped", "contacts.readonly"), ("pit-nonsense", "make a new one")):
        assert cli("credentials", "add", "main", "--replace", stdin=token).code == 0
        tested = cli("credentials", "test", "main", "--json")
        assert (tested.code, tested.json["works"]) == (2, False)
        assert says in tested.err
        assert token not in tested.err + tested.out


def test_a_name_is_not_taken_twice_by_accident(cli: Cli) -> None:
    assert cli("credentials", "add", "main", stdin=PIT).code == 0
    again = cli("credentials", "add", "main", stdin=PIT)
    assert again.code == 2
    assert "--replace" in again.err
    assert cli("credentials", "add", "main", "--replace", stdin=PIT).code == 0


@pytest.mark.parametrize(
    ("words", "stdin", "says"),
    [
        (["add", "main"], "", "No token was given"),
        (["add", "main"], "two words\n", "That is no token"),
        (["add", "a/b"], PIT, "cannot be a credential's name"),
        (["test", "nobody"], "", "nobody"),
        (["remove", "nobody"], "", "There is none: lusha-connect credentials add NAME"),
    ],
)
def test_a_wrong_word_is_refused(cli: Cli, words: list[str], stdin: str, says: str) -> None:
    done = cli("credentials", *words, stdin=stdin)
    assert done.code == 2
    assert says in done.err


def test_without_a_key_it_says_how_to_make_one(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", "")
    for words in (["credentials", "add", "main"], ["credentials", "rotate-key"], ["connect", "highlevel"]):
        done = cli(*words, stdin=PIT)
        assert done.code == 2
        assert "LUSHA_CONNECT_ENCRYPTION_KEYS" in done.err
        assert "python3 -c" in done.err
    assert cli("credentials", "list").code == 0


def test_the_key_is_rotated_without_a_gap(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("credentials", "add", "main", stdin=PIT).code == 0
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", f"{NEW}, {OLD}")
    assert cli("credentials", "test", "main").code == 0
    assert cli("credentials", "rotate-key", "--json").json == {"encrypted": 1, "keys": 2}
    assert "can be removed" in cli("credentials", "rotate-key").out
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", NEW)
    assert cli("credentials", "test", "main").code == 0
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", OLD)
    locked = cli("credentials", "test", "main")
    assert locked.code == 2
    assert "cannot be decrypted" in locked.err


class Browser(threading.Thread):
    """A person who follows the printed address, decides, and is sent back."""

    def __init__(self, capsys_lines: list[str], *, forge: bool = False, **decision: str) -> None:
        super().__init__(daemon=True)
        self.lines, self.forge, self.decision = capsys_lines, forge, decision
        self.asked: dict[str, str] = {}
        self.pages: list[str] = []

    def run(self) -> None:
        while not self.lines:
            time.sleep(0.01)
        url = self.lines[0]
        assert "Allow</button>" in self.fetch(url)
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if self.forge:
            wrong = urlencode({"code": "evil", "state": "guessed"})
            self.pages.append(self.fetch(f"{self.asked['redirect_uri']}?{wrong}"))
            self.pages.append(self.fetch(self.asked["redirect_uri"].replace("callback", "favicon.ico")))
        body = urlencode({**self.asked, **self.decision}).encode()
        self.pages.append(self.fetch(url.partition("?")[0], body))

    def fetch(self, url: str, body: bytes | None = None) -> str:
        try:
            with urllib.request.urlopen(url, body, timeout=20) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()


@pytest.fixture
def browse(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Done, Browser]]:
    """Runs ``connect highlevel`` with a person at the browser."""

    def go(*words: str, forge: bool = False, **decision: str) -> tuple[Done, Browser]:
        lines: list[str] = []
        printed = console.err.print

        def overhear(text: str, **how: Any) -> None:
            lines.extend(line for line in text.splitlines() if line.startswith("http"))
            printed(text, **how)

        monkeypatch.setattr(console.err, "print", overhear)
        person = Browser(lines, forge=forge, **decision)
        person.start()
        done = cli("connect", "highlevel", "--no-browser", "--port", str(free_port()), *words)
        person.join(20)
        return done, person

    return go


@pytest.mark.parametrize("version", ["2021-07-28", "v3"])
def test_consent_ends_in_a_stored_credential(
    cli: Cli,
    browse: Callable[..., tuple[Done, Browser]],
    vendor: process.RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_VERSION", version)
    done, person = browse("--json", forge=True)
    assert done.code == 0, done.err
    assert done.json["name"] == "highlevel"
    assert (done.json["location_id"], done.json["scopes"]) == (vendor.location_id, ["contacts.readonly"])
    assert done.json["missing_scopes"] == []
    assert person.asked["scope"] == "contacts.readonly"
    assert person.asked["version_id"] == "sandboxapp"
    assert [title(page) for page in person.pages] == ["Not accepted", "Not here", "Connected"]
    assert vendor.location_id in person.pages[-1]
    assert cli("credentials", "test", "highlevel").code == 0
    vendor.expire_tokens()
    assert cli("credentials", "test", "highlevel").code == 0
    assert vendor.oauth() == {"issued": 1, "refreshed": 1, "reused": 0}


def title(page: str) -> str:
    return page.partition("<h1>")[2].partition("</h1>")[0]


def test_an_agency_serves_its_location(
    cli: Cli, browse: Callable[..., tuple[Done, Browser]], vendor: process.RunningSandbox
) -> None:
    done, _ = browse("--agency", "--name", "main", user_type="Company")
    assert done.code == 0, done.err
    assert "HIGHLEVEL_CREDENTIAL=main" in done.out
    assert cli("credentials", "test", "main").code == 0
    assert [one["name"] for one in cli("credentials", "list", "--json").json] == [
        "main",
        f"main/{vendor.location_id}",
    ]
    assert cli("credentials", "remove", "main").code == 0
    assert cli("credentials", "list", "--json").json == []


def test_consent_that_is_refused_stores_nothing(
    cli: Cli, browse: Callable[..., tuple[Done, Browser]]
) -> None:
    done, person = browse(decision="deny")
    assert done.code == 2
    assert "access_denied" in done.err
    assert title(person.pages[-1]) == "Not connected"
    assert cli("credentials", "list", "--json").json == []


def test_another_place_does_not_take_a_credentials_name(
    cli: Cli, browse: Callable[..., tuple[Done, Browser]]
) -> None:
    assert browse()[0].code == 0
    taken, person = browse("--agency", user_type="Company")
    assert taken.code == 2
    assert "--replace" in taken.err
    assert title(person.pages[-1]) == "Not connected"
    assert cli("credentials", "test", "highlevel").code == 0


def test_a_wrong_client_secret_is_told_in_the_terminal(
    browse: Callable[..., tuple[Done, Browser]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_CLIENT_SECRET", "not-the-secret")
    done, person = browse()
    assert done.code == 2
    assert "CLIENT_SECRET" in done.err
    assert "not-the-secret" not in done.err + "".join(person.pages)


def test_nobody_at_the_browser_is_waited_for_so_long(cli: Cli) -> None:
    done = cli("connect", "highlevel", "--no-browser", "--port", str(free_port()), "--timeout", "1")
    assert done.code == 1
    assert "--timeout" in done.err


def test_what_is_missing_is_said_before_the_browser(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, vendor: process.RunningSandbox
) -> None:
    taken = cli("connect", "highlevel", "--no-browser", "--port", str(vendor.port))
    assert (taken.code, "--port" in taken.err) == (2, True)
    assert cli("credentials", "add", "main", stdin=PIT).code == 0
    private = cli("connect", "highlevel", "--name", "main", "--no-browser")
    assert (private.code, "--replace" in private.err) == (2, True)
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_CLIENT_ID", "")
    missing = cli("connect", "highlevel", "--no-browser")
    assert (missing.code, "CLIENT_ID" in missing.err) == (2, True)
