"""OAuth against the sandbox's authorization server: one renewal for all, and no pair lost lightly."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from sandbox import process
from sandbox.highlevel.auth import COMPANY_ID
from tasks.core.errors import (
    BadConfigurationError,
    BadCredentialError,
    BlockedError,
    DeadGrantError,
    LushaConnectError,
    VendorFailedError,
)
from tasks.core.settings import Settings
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore
from tasks.vendors.highlevel.api.contacts import search
from tasks.vendors.highlevel.auth import authorization, oauth
from tasks.vendors.highlevel.auth.authorization import App, AuthorizationServer, UserType
from tasks.vendors.highlevel.auth.oauth import OAuthCredential
from tasks.vendors.highlevel.client import HighLevel, connect
from tasks.vendors.highlevel.dialect import DIALECTS
from tasks.vendors.transport import Transport

T = TypeVar("T")
KEY = SecretStr("q0HPWzIYBZR8wL0Zx0vWKhjKxMVFKqyCVCxx0RpTxHM=")
TOKEN = "POST /oauth/token"


@pytest.fixture(params=sorted(DIALECTS))
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Hub]:
    """Most tests are about the client; one kind of hub will do."""
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}")
    schema.upgrade(hub)
    yield hub
    hub.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorization, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(oauth, "POLL_SECONDS", 0.02)


class World:
    """A sandbox, a hub, and a credential between them."""

    def __init__(self, vendor: process.RunningSandbox, hub: Hub, version: str = "2021-07-28") -> None:
        self.vendor, self.hub, self.version = vendor, hub, version
        self.store = TokenStore(hub, Keyring(KEY))
        self.seen: set[str] = {vendor.client_secret}
        self.timeout = 5.0

    def server(self, transport: Transport, secret: str = "") -> AuthorizationServer:
        app = App(self.vendor.client_id, SecretStr(secret or self.vendor.client_secret))
        return AuthorizationServer(transport, DIALECTS[self.version], app)

    def run(self, question: Callable[[AuthorizationServer], Awaitable[T]], *, secret: str = "") -> T:
        async def go() -> T:
            async with Transport(self.vendor.url, self.timeout) as transport:
                return await question(self.server(transport, secret))

        return asyncio.run(go())

    def code(self, user_type: UserType = "Location") -> SecretStr:
        target = self.vendor.consent("http://127.0.0.1/callback", user_type=user_type)
        return SecretStr(parse_qs(urlsplit(target).query)["code"][0])

    def connected(self, *, left: float = -1, user_type: UserType = "Location", name: str = "main") -> Stored:
        """A stored credential whose access token ends in ``left`` seconds, as far as the hub knows."""
        code = self.code(user_type)
        grant = self.run(lambda server: server.exchange(code, user_type=user_type))
        facts = Facts(
            name,
            Kind.OAUTH,
            location_id=grant.location_id,
            company_id=grant.company_id,
            client_id=self.vendor.client_id,
            scopes=grant.scopes,
            expires_at=datetime.now(UTC) + timedelta(seconds=left),
        )
        self.store.put(
            Stored(facts, Secrets(grant.access, grant.refresh, SecretStr(self.vendor.client_secret)))
        )
        return self.held(name)

    def held(self, name: str = "main") -> Stored:
        found = self.store.get(name)
        secrets = (found.secrets.access, found.secrets.refresh)
        self.seen |= {secret.get_secret_value() for secret in secrets if secret}
        return found

    def use(self, question: Callable[[OAuthCredential], Awaitable[T]]) -> T:
        return self.run(lambda server: question(OAuthCredential(self.store, self.held(), server)))

    def fault(self, kind: str, times: int | None = None, operation: str = TOKEN) -> None:
        fault = {"operation": operation, "fault": kind, "share": 1.0, "seed": 1}
        self.vendor.set_faults([fault | ({"times": times} if times else {})])

    def settings(self, **more: Any) -> Settings:
        return Settings(
            hub_url=str(self.hub.engine.url),
            highlevel_url=self.vendor.url,
            highlevel_credential="main",
            highlevel_version=self.version,
            location_id=self.vendor.location_id,
            encryption_keys=KEY,
            **more,
        )

    def ask(self, question: Callable[[HighLevel], Awaitable[T]], **more: Any) -> T:
        async def go() -> T:
            async with connect(self.settings(**more), self.hub) as client:
                return await question(client)

        return asyncio.run(go())


@pytest.fixture
def world(vendor: process.RunningSandbox, lite: Hub, version: str) -> World:
    return World(vendor, lite, version)


@pytest.fixture
def dated(vendor: process.RunningSandbox, lite: Hub) -> World:
    """Where the dialect makes no difference."""
    return World(vendor, lite)


async def first_page(client: HighLevel) -> list[Any]:
    return (await search(client, limit=10, sort="dateAdded")).contacts


def test_a_code_gives_a_pair_once(world: World) -> None:
    code = world.code()
    grant = world.run(lambda server: server.exchange(code, user_type="Location"))
    assert (grant.location_id, grant.company_id) == (world.vendor.location_id, COMPANY_ID)
    assert "contacts.readonly" in grant.scopes
    assert timedelta(hours=23) < grant.expires_at - datetime.now(UTC) < timedelta(hours=25)
    assert grant.refresh
    with pytest.raises(DeadGrantError, match="connect highlevel"):
        world.run(lambda server: server.exchange(code, user_type="Location"))


def test_a_code_is_refused_for_another_address(world: World) -> None:
    code = world.code()
    with pytest.raises(DeadGrantError):
        world.run(
            lambda server: server.exchange(code, user_type="Location", redirect_uri="http://127.0.0.1/other")
        )


def test_a_wrong_client_secret_says_which_setting(world: World) -> None:
    code = world.code()
    with pytest.raises(BadCredentialError, match="HIGHLEVEL_CLIENT_ID") as caught:
        world.run(lambda server: server.exchange(code, user_type="Location"), secret="wrong-secret")
    assert not isinstance(caught.value, DeadGrantError)
    assert "wrong-secret" not in str(caught.value)


def test_an_ended_token_is_renewed_and_saved(world: World) -> None:
    before = world.connected()
    token = world.use(lambda credential: credential.bearer())
    after = world.held()
    assert token == after.secrets.access != before.secrets.access
    assert after.secrets.refresh != before.secrets.refresh
    assert after.secrets.client_secret == before.secrets.client_secret
    assert after.facts.expires_at
    assert after.facts.expires_at > datetime.now(UTC) + timedelta(hours=23)
    assert world.vendor.oauth() == {"issued": 1, "refreshed": 1, "reused": 0}


@pytest.mark.parametrize(("left", "renewals"), [(86_000, 0), (240, 1)])
def test_a_token_is_renewed_before_it_ends(dated: World, left: float, renewals: int) -> None:
    dated.connected(left=left)
    with dated.hub.write() as connection:  # it was given a day before its end
        connection.exec_driver_sql("UPDATE credentials SET updated_at = datetime('now', '-1 day')")
    dated.use(lambda credential: credential.bearer())
    assert dated.vendor.oauth()["refreshed"] == renewals


def test_a_short_lived_token_is_not_renewed_at_every_request(dated: World) -> None:
    dated.connected(left=120)
    dated.use(lambda credential: credential.bearer())
    assert dated.vendor.oauth()["refreshed"] == 0


def test_a_refused_token_is_renewed_once_and_the_request_repeated(world: World) -> None:
    world.connected(left=86_000)
    world.vendor.expire_tokens()
    assert len(world.ask(first_page)) == 10
    assert world.vendor.oauth()["refreshed"] == 1


def test_a_missing_scope_does_not_renew(dated: World) -> None:
    dated.connected(left=86_000)

    async def send(client: HighLevel) -> Any:
        return await client.call("GET", "/oauth/installedLocations", scope="oauth.readonly")

    with pytest.raises(BadCredentialError):
        dated.ask(send)
    target = dated.vendor.consent(scope="locations.readonly")
    code = SecretStr(parse_qs(urlsplit(target).query)["code"][0])
    grant = dated.run(lambda server: server.exchange(code, user_type="Location"))
    held = dated.held()
    dated.store.put(Stored(held.facts, Secrets(grant.access, grant.refresh, held.secrets.client_secret)))
    with pytest.raises(BadCredentialError, match=r"contacts\.readonly"):
        dated.ask(first_page)
    assert dated.vendor.oauth()["refreshed"] == 0


def test_ten_tasks_make_one_renewal(world: World) -> None:
    world.connected()

    async def ten(credential: OAuthCredential) -> list[SecretStr]:
        return await asyncio.gather(*(credential.bearer() for _ in range(10)))

    assert len(set(world.use(ten))) == 1
    assert world.vendor.oauth() == {"issued": 1, "refreshed": 1, "reused": 0}


def test_ten_requests_that_are_refused_together_make_one_renewal(world: World) -> None:
    world.connected(left=86_000)
    world.vendor.expire_tokens()

    async def ten(client: HighLevel) -> Any:
        return await asyncio.gather(*(first_page(client) for _ in range(10)))

    assert len(world.ask(ten)) == 10
    assert world.vendor.oauth() == {"issued": 1, "refreshed": 1, "reused": 0}


def test_ten_credentials_of_one_row_make_one_renewal(dated: World) -> None:
    stored = dated.connected()

    async def ten(server: AuthorizationServer) -> list[SecretStr]:
        each = [OAuthCredential(dated.store, stored, server) for _ in range(10)]
        return await asyncio.gather(*(credential.bearer() for credential in each))

    assert len(set(dated.run(ten))) == 1
    assert dated.vendor.oauth() == {"issued": 1, "refreshed": 1, "reused": 0}


RENEW = """
import asyncio, pathlib, sys, time
from pydantic import SecretStr
from tasks.vendors.highlevel.auth.authorization import App, AuthorizationServer
from tasks.vendors.highlevel.dialect import DIALECTS
from tasks.vendors.highlevel.auth.oauth import OAuthCredential
from tasks.vendors.transport import Transport
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import TokenStore
url, hub, key, go = sys.argv[1:]
store = TokenStore(Hub(hub), Keyring(SecretStr(key)))
stored = store.get("main")
async def main():
    async with Transport(url, 10) as transport:
        app = App(stored.facts.client_id, stored.secrets.client_secret)
        server = AuthorizationServer(transport, DIALECTS["2021-07-28"], app)
        credential = OAuthCredential(store, stored, server)
        return (await credential.bearer()).get_secret_value()
print("ready", flush=True)
while not pathlib.Path(go).exists():
    time.sleep(0.005)
print(asyncio.run(main()))
"""


def test_processes_make_one_renewal(
    vendor: process.RunningSandbox, hub: Hub, hub_url: str, tmp_path: Path
) -> None:
    world = World(vendor, hub)
    world.connected()
    world.fault("slow", times=1)  # the others arrive while the first one is under way
    words = [vendor.url, hub_url, KEY.get_secret_value(), str(tmp_path / "go")]
    renewers = [
        subprocess.Popen([sys.executable, "-c", RENEW, *words], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for renewer in renewers:
        assert renewer.stdout
        assert renewer.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    tokens = [renewer.communicate(timeout=60)[0].strip() for renewer in renewers]
    assert [renewer.returncode for renewer in renewers] == [0] * 4
    assert set(tokens) == {world.held().secrets.access.get_secret_value()}
    assert vendor.oauth() == {"issued": 1, "refreshed": 1, "reused": 0}


def test_a_killed_holder_is_waited_for_and_then_replaced(dated: World) -> None:
    stored = dated.connected()
    assert dated.store.lease("main", stored.facts.generation, "one that was killed", 0.5)
    start = time.monotonic()
    dated.use(lambda credential: credential.bearer())
    assert time.monotonic() - start > 0.3
    assert dated.vendor.oauth()["refreshed"] == 1


def test_a_task_that_is_cancelled_does_not_lose_the_pair(dated: World) -> None:
    before = dated.connected()
    dated.fault("slow", times=1)

    async def cancelled(credential: OAuthCredential) -> SecretStr:
        impatient = asyncio.create_task(credential.bearer())
        await asyncio.sleep(0.3)
        impatient.cancel()
        return await credential.bearer()

    token = dated.use(cancelled)
    assert token == dated.held().secrets.access != before.secrets.access
    assert dated.vendor.oauth() == {"issued": 1, "refreshed": 1, "reused": 0}


@pytest.mark.parametrize("fault", ["500", "502_html", "reset_before"])
def test_a_passing_fault_is_survived(dated: World, fault: str) -> None:
    dated.connected()
    dated.fault(fault, times=2)
    dated.use(lambda credential: credential.bearer())
    assert dated.vendor.oauth() == {"issued": 1, "refreshed": 1, "reused": 0}


@pytest.mark.parametrize("fault", ["reset_after", "timeout_after", "truncated_json"])
def test_an_answer_lost_after_its_effect_is_mended_by_reconnecting(world: World, fault: str) -> None:
    world.connected()
    world.timeout = 0.5
    world.fault(fault, times=1)
    token = world.use(lambda credential: credential.bearer())
    assert token == world.held().secrets.access
    assert world.vendor.oauth() == {"issued": 2, "refreshed": 1, "reused": 1}
    assert len(world.ask(first_page)) == 10


def test_a_firewall_before_the_reconnect_is_not_told_as_a_lost_app(world: World) -> None:
    world.connected()
    blocked = {"operation": "POST /oauth/reconnect", "fault": "403_html", "times": 1}
    world.vendor.set_faults([{"operation": TOKEN, "fault": "reset_after", "times": 1}, blocked])
    with pytest.raises(BlockedError, match="firewall"):
        world.use(lambda credential: credential.bearer())
    world.use(lambda credential: credential.bearer())
    assert len(world.ask(first_page)) == 10


def test_a_lasting_fault_keeps_the_pair(dated: World) -> None:
    before = dated.connected()
    dated.fault("500")
    with pytest.raises(VendorFailedError, match="stored credential is kept"):
        dated.use(lambda credential: credential.bearer())
    assert dated.held() == before
    dated.vendor.set_faults([])
    dated.use(lambda credential: credential.bearer())  # at once: the lease was given back
    assert dated.vendor.oauth()["refreshed"] == 1


def test_a_token_that_is_still_good_is_used_when_its_renewal_fails(
    dated: World, caplog: pytest.LogCaptureFixture
) -> None:
    before = dated.connected(left=240)
    dated.fault("500")
    with dated.hub.write() as connection:
        connection.exec_driver_sql("UPDATE credentials SET updated_at = datetime('now', '-1 day')")

    async def twice(credential: OAuthCredential) -> list[SecretStr]:
        return [await credential.bearer(), await credential.bearer()]

    with caplog.at_level(logging.WARNING):
        assert dated.use(twice) == [before.secrets.access] * 2
    assert caplog.text.count("still good") == 1
    assert dated.vendor.requests()["operations"][TOKEN]["500"] == authorization.ATTEMPTS


def test_a_dead_refresh_token_says_how_to_connect_again(world: World) -> None:
    stored = world.connected()
    world.vendor.reset()  # the authorization server forgets the app: uninstalled
    with pytest.raises(BadCredentialError, match="connect highlevel --name main") as caught:
        world.use(lambda credential: credential.bearer())
    assert world.vendor.location_id in str(caught.value)
    assert world.held() == stored  # kept, for a person to look at


def test_a_location_token_is_made_from_the_agencys(world: World) -> None:
    world.connected(left=86_000, user_type="Company")
    assert len(world.ask(first_page)) == 10
    name = f"main/{world.vendor.location_id}"
    made = world.held(name).facts
    assert (made.parent, made.location_id) == ("main", world.vendor.location_id)
    world.ask(first_page)
    assert world.vendor.oauth()["issued"] == 2  # the agency's pair and one location token, kept
    world.vendor.expire_tokens()
    assert len(world.ask(first_page)) == 10
    assert world.vendor.oauth() == {"issued": 3, "refreshed": 1, "reused": 0}


def test_a_credential_of_another_location_is_refused_before_any_request(dated: World) -> None:
    dated.connected(left=86_000)
    sent = dated.vendor.requests()["total"]
    with pytest.raises(BadConfigurationError, match="elsewhere"):
        asyncio.run(_elsewhere(dated))
    assert dated.vendor.requests()["total"] == sent


async def _elsewhere(world: World) -> None:
    settings = world.settings().model_copy(update={"location_id": "elsewhere"})
    async with connect(settings, world.hub) as client:
        await first_page(client)


def test_a_secret_that_was_exchanged_comes_from_the_settings(dated: World) -> None:
    held = dated.connected()
    old = replace(held.secrets, client_secret=SecretStr("the old one"))
    dated.store.put(Stored(held.facts, old))
    with pytest.raises(BadCredentialError, match="CLIENT_SECRET"):
        dated.ask(first_page)
    app = {
        "highlevel_client_id": dated.vendor.client_id,
        "highlevel_client_secret": SecretStr(dated.vendor.client_secret),
    }
    assert len(dated.ask(first_page, **app)) == 10


def test_no_secret_gets_out(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    texts: list[str] = []
    code = SecretStr(uuid.uuid4().hex)  # not written here, because a traceback quotes its source
    world.seen.add(code.get_secret_value())

    def fails(action: Callable[[], Any]) -> None:
        try:
            action()
        except LushaConnectError as error:
            texts.extend([str(error), repr(error), "".join(traceback.format_exception(error))])

    with caplog.at_level(logging.DEBUG):
        stored = world.connected()
        world.use(lambda credential: credential.bearer())
        texts.extend([repr(stored), repr(world.held()), repr(world.settings())])
        world.vendor.expire_tokens()
        world.fault("500")
        fails(lambda: world.ask(first_page))
        world.vendor.reset()
        fails(lambda: world.ask(first_page))
        fails(lambda: world.run(lambda server: server.exchange(code, user_type="Location")))
    out, err = capfd.readouterr()
    told = "\n".join([*texts, caplog.text, out, err])
    world.hub.close()
    files = b"".join(path.read_bytes() for path in tmp_path.glob("hub.db*"))
    assert len(world.seen) >= 5
    for secret in {*world.seen, KEY.get_secret_value()}:
        assert secret not in told
        assert secret.encode() not in files
    assert files
