"""Two locations from one worker: at the same time, and neither touches the other."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from pydantic import SecretStr

from flows.automations import check_parameters, load
from sandbox import process
from tasks.core.errors import BadConfigurationError, BadCredentialError
from tasks.edge.report import artifact_key
from tasks.hub import connections
from tasks.hub.connections import SavedConnection
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tables import MIRRORS, cursors, request_log, runs
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore
from tasks.run import leasing

KEY = "q0HPWzIYBZR8wL0Zx0vWKhjKxMVFKqyCVCxx0RpTxHM="
CONTACTS = 300
REJECTED = 3
SEARCH = "POST /contacts/search"
contacts = MIRRORS["hub.contact"]

Both = dict[str, process.RunningSandbox]


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[process.RunningSandbox]:
    with process.start(contacts=CONTACTS, locations=2, quota="1000/10s") as running:
        yield running


@pytest.fixture
def vendor(sandbox_process: process.RunningSandbox) -> process.RunningSandbox:
    for place in (1, 2):
        sandbox_process.at(place).reset()
    return sandbox_process


@pytest.fixture
def both(
    environment: dict[str, str],
    hub: Hub,
    vendor: process.RunningSandbox,
    prefect_api: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Both:
    """Two locations, each a connection of the hub with a credential of its own; the environment has none."""
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", KEY)
    for name in ("LUSHA_CONNECT_HIGHLEVEL_TOKEN", "LUSHA_CONNECT_LOCATION_ID"):
        monkeypatch.delenv(name)
    found = {"graz": vendor.at(1), "ulm": vendor.at(2)}
    store = TokenStore(hub, Keyring(SecretStr(KEY)))
    for name, one in found.items():
        facts = Facts(f"of {name}", Kind.PRIVATE, location_id=one.location_id)
        store.put(Stored(facts, Secrets(SecretStr(one.token))))
        connections.add(hub, SavedConnection(name, "highlevel", one.location_id, f"of {name}"))
    return found


Runs = Callable[..., dict[str, State[Any]]]


@pytest.fixture
def together(both: Both) -> Runs:
    """Runs an automation for some connections at the same time, in this process; how each ended."""

    def go(automation: str, *names: str, **parameters: Any) -> dict[str, State[Any]]:
        flow = load(automation)

        async def all_of_them() -> list[Any]:
            asked = (check_parameters(flow, {"connection": name, **parameters}) for name in names)
            return await asyncio.gather(*(flow(**one, return_state=True) for one in asked))

        return dict(zip(names, asyncio.run(all_of_them()), strict=True))

    return go


def error_of(state: State[Any]) -> Any:
    assert not state.is_completed()
    return asyncio.run(state.aresult(raise_on_failure=False))


def held(hub: Hub, one: process.RunningSandbox) -> int:
    mine = contacts.c.location_id == one.location_id
    with hub.read() as connection:
        return connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one()


def by_location(hub: Hub, table: sa.Table) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    with hub.read() as connection:
        for row in connection.execute(sa.select(table)).mappings():
            found.setdefault(row["location_id"], []).append(dict(row))
    return found


def test_two_locations_sync_at_the_same_time(together: Runs, both: Both, hub: Hub) -> None:
    for one in both.values():
        one.set_faults([{"operation": SEARCH, "fault": "slow", "seconds": 0.7}])
    meeting = threading.Thread(target=quick_when_all_were_asked, args=[list(both.values())])
    meeting.start()
    ended = together("sync_contacts", *both, batch_size=20)
    meeting.join()
    for name, one in both.items():
        assert ended[name].is_completed(), ended[name]
        assert held(hub, one) == CONTACTS - REJECTED
    [[first], [second]] = by_location(hub, runs).values()
    assert first["started_at"] < second["finished_at"]
    assert second["started_at"] < first["finished_at"]


def quick_when_all_were_asked(places: list[process.RunningSandbox]) -> None:
    until = time.monotonic() + 60
    while not all(one.requests()["total"] for one in places) and time.monotonic() < until:
        time.sleep(0.1)
    for one in places:
        one.set_faults([])


def test_cursors_budgets_ledger_and_artifacts_are_apart(together: Runs, both: Both, hub: Hub) -> None:
    together("sync_contacts", *both)
    places = {one.location_id for one in both.values()}
    for table in (cursors, runs):
        assert set(by_location(hub, table)) == places
    with hub.read() as connection:
        accounts = set(connection.execute(sa.select(request_log.c.account)).scalars())
    assert accounts == {f"highlevel:{place}" for place in places}

    async def kept() -> set[str]:
        async with get_client() as client:
            return {str(artifact.key) for artifact in await client.read_latest_artifacts(limit=200)}

    there = asyncio.run(kept())
    for what in ("summary", "rejects", "progress"):
        keys = {artifact_key("sync_contacts", place, what) for place in places}
        assert len(keys) == len(places)
        assert keys <= there


def test_one_agencys_credential_serves_both(
    together: Runs, both: Both, hub: Hub, vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = {"client_id": vendor.client_id, "client_secret": vendor.client_secret}
    for name, value in app.items():
        monkeypatch.setenv(f"LUSHA_CONNECT_HIGHLEVEL_{name.upper()}", value)
    code = httpx.URL(vendor.consent(user_type="Company")).params["code"]
    form = {**app, "grant_type": "authorization_code", "code": code}
    pair = httpx.post(f"{vendor.url}/oauth/token", data=form).json()
    facts = Facts("agency", Kind.OAUTH, company_id=pair["companyId"], client_id=vendor.client_id)
    secrets = Secrets(SecretStr(pair["access_token"]), SecretStr(pair["refresh_token"]))
    TokenStore(hub, Keyring(SecretStr(KEY))).put(Stored(facts, secrets))
    for name, one in both.items():
        saved = SavedConnection(name, "highlevel", one.location_id, "agency")
        connections.add(hub, saved, replace=True)
    ended = together("sync_contacts", *both)
    assert {state.name for state in ended.values()} == {"Completed"}
    assert [held(hub, one) for one in both.values()] == [CONTACTS - REJECTED] * 2


def test_each_goes_on_where_it_stood(together: Runs, both: Both, hub: Hub) -> None:
    together("sync_contacts", *both)
    [some] = both["ulm"].records("contacts")[5:6]
    both["ulm"].edit(kind="contacts", id=some["id"], set={"city": "Nagoya"})
    ended = together("sync_contacts", *both)
    counts = {name: asyncio.run(state.aresult()) for name, state in ended.items()}
    assert (counts["graz"]["updated"], counts["ulm"]["updated"]) == (0, 1)


def test_the_failure_of_one_leaves_the_other_complete(together: Runs, both: Both, hub: Hub) -> None:
    both["graz"].set_faults([{"operation": SEARCH, "fault": "slow", "seconds": 1, "times": 2}])
    revoked = {"operation": SEARCH, "fault": "401"}
    both["ulm"].set_faults([{"operation": SEARCH, "fault": "slow", "seconds": 0.1, "times": 1}, revoked])
    ended = together("sync_contacts", *both, batch_size=100)
    assert ended["graz"].is_completed()
    assert held(hub, both["graz"]) == CONTACTS - REJECTED
    assert isinstance(error_of(ended["ulm"]), BadCredentialError)
    states = {place: rows[0]["state"] for place, rows in by_location(hub, runs).items()}
    assert states == {both["graz"].location_id: "completed", both["ulm"].location_id: "failed"}
    both["ulm"].set_faults([])
    assert together("sync_contacts", "ulm")["ulm"].is_completed()
    assert held(hub, both["ulm"]) == CONTACTS - REJECTED


def test_a_removed_location_is_refused_before_anything_is_read(together: Runs, both: Both, hub: Hub) -> None:
    both["ulm"].remove()
    ended = together("sync_contacts", *both)
    assert ended["graz"].is_completed()
    assert isinstance(error_of(ended["ulm"]), BadCredentialError)
    assert held(hub, both["ulm"]) == 0
    assert set(by_location(hub, runs)) == {both["graz"].location_id}


def test_a_location_that_the_credential_is_not_for_is_refused(together: Runs, both: Both, hub: Hub) -> None:
    wrong = SavedConnection("linz", "highlevel", both["ulm"].location_id, "of graz")
    connections.add(hub, wrong)
    refused = error_of(together("sync_contacts", "linz")["linz"])
    assert isinstance(refused, BadConfigurationError)
    assert "belongs to location" in str(refused)
    assert sum(one.requests()["total"] for one in both.values()) == 0


@pytest.mark.parametrize(
    "automation", ["sync_contacts", "sync_businesses", "backfill_contacts", "housekeeping"]
)
def test_a_second_run_of_the_same_location_is_skipped_and_the_others_is_not(
    together: Runs, both: Both, hub: Hub, automation: str
) -> None:
    place = both["graz"].location_id
    work = "…" if automation == "backfill_contacts" else ""

    async def meanwhile() -> dict[str, State[Any]]:
        async with leasing.exclusive(hub, automation, place, work):
            return await asyncio.to_thread(together, automation, *both)

    ended = asyncio.run(meanwhile())
    assert (ended["graz"].name, ended["ulm"].name) == ("Skipped", "Completed")
    assert ended["graz"].is_completed()
    assert place in str(ended["graz"].message)
    assert both["graz"].requests()["total"] == 0
    assert place not in by_location(hub, runs)
    assert together(automation, "graz")["graz"].name == "Completed"


def test_two_runs_of_one_location_at_once_are_one_run(together: Runs, both: Both, hub: Hub) -> None:
    both["graz"].set_faults([{"operation": SEARCH, "fault": "slow", "seconds": 8, "times": 1}])

    async def twice() -> list[str]:
        flow = load("sync_contacts")
        ended = await asyncio.gather(*(flow(connection="graz", return_state=True) for _ in range(2)))
        return sorted(str(state.name) for state in ended)

    assert asyncio.run(twice()) == ["Completed", "Skipped"]
    assert len(by_location(hub, runs)[both["graz"].location_id]) == 1
    assert held(hub, both["graz"]) == CONTACTS - REJECTED


def test_a_backfill_of_another_window_is_not_skipped(together: Runs, both: Both, hub: Hub) -> None:
    async def meanwhile() -> State[Any]:
        async with leasing.exclusive(hub, "backfill_contacts", both["graz"].location_id, "…"):
            ended = await asyncio.to_thread(together, "backfill_contacts", "graz", added_from="2026-01-01")
            return ended["graz"]

    assert asyncio.run(meanwhile()).name == "Completed"


def test_an_import_is_the_named_locations(together: Runs, both: Both, hub: Hub, tmp_path: Any) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,new@two.example\n", encoding="utf-8")
    [ended] = together("import_contacts", "ulm", file=str(file)).values()
    assert ended.is_completed(), ended
    made = {
        name: sum(one.get("email") == "new@two.example" for one in place.records("contacts"))
        for name, place in both.items()
    }
    assert made == {"graz": 0, "ulm": 1}


def test_an_unknown_connection_is_refused_with_the_nearest(together: Runs, both: Both) -> None:
    refused = error_of(together("sync_contacts", "gratz")["gratz"])
    assert isinstance(refused, BadConfigurationError)
    assert "Did you mean graz?" in str(refused)
    assert "environment, graz" in str(refused)
    assert sum(one.requests()["total"] for one in both.values()) == 0
