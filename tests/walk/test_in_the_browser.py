"""A stranger in Prefect's UI: a backfill from its form, an import whose worker is killed as it waits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sandbox.process import RunningSandbox
from tasks.hub import plans
from tasks.hub.engine import Hub
from tests.flows.test_deployments import deploy, prefect, working
from tests.flows.test_import_contacts import known
from tests.walk import pictures
from tests.walk.browser import chromium, opened
from tests.walk.prefect_ui import PrefectUI

PEOPLE = """First name,Last name,Email,City
Ada,Lovelace,ada@walk.example,London
Grace,Hopper,grace@walk.example,Arlington
,,no address,
"""


def moved(vendor: RunningSandbox) -> str:
    """A row for a contact that is there, with another city."""
    names = ("firstName", "lastName", "email", "city")
    one = next(one for one in known(vendor, 50) if all(str(one.get(name)).isascii() for name in names))
    return f"{one['firstName']},{one['lastName']},{one['email']},Vienna\n"


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def deployed(prefect_api: str, environment: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """Every automation deployed; the environment of a worker."""
    chromium()
    home = tmp_path / "home"
    home.mkdir()
    variables = {**os.environ, "PREFECT_API_URL": prefect_api, "PREFECT_HOME": str(home)}
    prefect(variables, "work-pool", "create", "lusha-connect", "--type", "process", "--overwrite")
    deploy(variables)
    yield variables | environment | {"PREFECT_LOGGING_TO_API_ENABLED": "true"}
    prefect(variables, "deployment", "delete", "--all")


@pytest.fixture
def ui(deployed: dict[str, str], prefect_api: str, tmp_path: Path) -> Iterator[PrefectUI]:
    with opened(tmp_path / "failed.png") as page:
        yield PrefectUI(page, prefect_api)


def test_a_backfill_and_an_import_whose_worker_is_killed_while_it_waits(
    ui: PrefectUI, deployed: dict[str, str], hub: Hub, vendor: RunningSandbox, tmp_path: Path
) -> None:
    log, file = tmp_path / "worker.log", (Path("/tmp") if pictures.folder() else tmp_path) / "people.csv"
    file.write_text(PEOPLE + moved(vendor), encoding="utf-8")
    there = len(vendor.records("contacts"))
    with working(deployed, log):
        ui.open_form("backfill_contacts")
        ui.submit()
        ui.see_state("Completed")
        ui.open_artifact("backfill-contacts-summary", "completed")
        assert ui.count_in_table("read") == there
        pictures.take("result", ui.main, 700)

        ui.open_form("import_contacts")
        expect(ui.field("approve")).to_be_checked()
        ui.field("file").fill(str(file))
        pictures.take("form", ui.main, 800)
        address = ui.submit()
        ui.see_state("Suspended")
        assert len(vendor.records("contacts")) == there
    with working(deployed, log):  # another one: the first was killed
        dialog = ui.ask_to_resume()
        expect(dialog).to_contain_text("new contacts")
        expect(dialog).to_contain_text("ada@walk.example")
        expect(dialog).to_contain_text("Off: it is declined")
        expect(dialog.get_by_role("switch")).not_to_be_checked()
        dialog.get_by_role("switch").click()
        dialog.get_by_role("textbox").fill("Charles")
        pictures.take("approval", dialog)
        dialog.get_by_role("button", name="Resume").click()
        ui.see_state("Completed")
    assert ui.page.url == address
    ui.open_artifact("import-contacts-summary", "completed")
    assert ui.count_in_table("created") == 2

    emails = {one.get("email") for one in vendor.records("contacts")}
    assert {"ada@walk.example", "grace@walk.example"} <= emails
    assert len(vendor.records("contacts")) == there + 2
    assert plans.find(hub, "last").approved_by == "Charles"
