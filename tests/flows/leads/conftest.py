"""A sandbox of few contacts and some of Lusha's people, a hub, and files of leads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from sandbox import process
from sandbox.lusha.export import write_csv
from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub
from tasks.vendors.lusha import limits
from tests.flows.conftest import Ended, Flow

OWNER = {"email": "owner@example.com"}


@pytest.fixture(scope="session")
def world() -> Iterator[RunningSandbox]:
    with process.start(contacts=40, lusha_people=150, seed=9, quota="off", lusha_plan="off") as running:
        yield running


@pytest.fixture
def vendor(world: RunningSandbox) -> RunningSandbox:
    world.reset()
    world.lusha.reset()
    return world


@pytest.fixture
def environment(environment: dict[str, str], vendor: RunningSandbox, monkeypatch: Any) -> dict[str, str]:
    """Those of HighLevel, and of Lusha."""
    settings = {
        "LUSHA_CONNECT_LUSHA_URL": vendor.lusha.url,
        "LUSHA_CONNECT_LUSHA_API_KEY": vendor.lusha.key,
        "LUSHA_CONNECT_LUSHA_TABLE_OWNER": "owner@example.com",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(limits, "OF_PATHS", {})  # stories ask for the account more often
    return environment | settings


def ask(vendor: RunningSandbox, path: str, body: Any) -> Any:
    """What a user of Lusha does there."""
    headers = {"api_key": vendor.lusha.key, "content-type": "application/json"}
    request = Request(f"{vendor.lusha.url}{path}", json.dumps(body).encode(), headers)
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.fixture
def inbox(vendor: RunningSandbox) -> Callable[[list[Any]], None]:
    """Puts people into the table `HighLevel`."""
    made = ask(vendor, "/v3/contacts/tables", {"name": "HighLevel", "owner": OWNER})
    table = made["data"]["tableId"]

    def put(people: list[Any]) -> None:
        body = {"entityIds": [one["id"] for one in people], "owner": OWNER}
        ask(vendor, f"/v3/contacts/tables/{table}/entities", body)

    return put


def rows(vendor: RunningSandbox) -> int:
    """How many people that table holds."""
    [table] = vendor.lusha.records("tables")
    return len(table["rows"])


@pytest.fixture
def go(hub: Hub, run: Flow) -> Callable[..., dict[str, Any]]:
    """Runs an automation that must succeed; what it told beside the counts."""

    def ran(automation: str, **parameters: Any) -> dict[str, Any]:
        ended: Ended = run(automation, **parameters)
        assert ended.error is None, ended.error
        return ended.tally.counts() | ended.tally.more

    return ran


@pytest.fixture
def leads_file(tmp_path: Path) -> Callable[..., str]:
    """Writes people as Lusha exports them; its path."""

    def write(people: list[Any], *, revealed: bool = False, name: str = "leads.csv") -> str:
        path = tmp_path / name
        write_csv(path, people, revealed=revealed)
        return str(path)

    return write


@pytest.fixture
def strangers(vendor: RunningSandbox) -> list[Any]:
    """Lusha's people whom HighLevel does not have, and of whom data may be given and had."""
    found = vendor.lusha.records("people")
    return [one for one in found if not one.get("contactId") and is_plain(one)]


def is_plain(person: Any) -> bool:
    """Whether nothing is odd about somebody."""
    emails = [one["email"] for one in person["emails"] if one["type"] == "work"]
    callable_ = [one for one in person["phones"] if not one["doNotCall"]]
    right = emails and emails[0].partition("@")[2].endswith(
        person["company"]["domain"].lower().removeprefix("www.")
    )
    return bool(right and callable_ and person["socialLinks"].get("linkedin") and not person.get("problem"))


def bought(vendor: RunningSandbox) -> Counter[tuple[str, str]]:
    """How often each datapoint was paid for."""
    charges = vendor.lusha.bill()["charges"]
    return Counter(
        (one["record"], one["datapoint"]) for one in charges if one["datapoint"] in ("emails", "phones")
    )


def spent_on(vendor: RunningSandbox, *datapoints: str) -> float:
    """Credits that went for something."""
    charges = vendor.lusha.bill()["charges"]
    return sum(one["credits"] for one in charges if one["datapoint"] in datapoints)


@pytest.fixture
def hub_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A hub on SQLite, and on PostgreSQL where a test asks for it."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return str(request.getfixturevalue("postgres_hub_url"))
    return f"sqlite:///{tmp_path / 'hub.db'}"
