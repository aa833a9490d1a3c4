"""A check that cannot work is found before anything is read; one that worked is not tried at every run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.core.errors import BadMappingError
from tasks.edge.session import _compiled, _named, _probe, open_session
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.tables import runs

TEXT = """\
source: highlevel.contact
target: hub.contact
fields:
  id: {from: id}
  city: {from: city, clean: text}
checks:
  - {expect: expect_column_values_to_match_regex, column: city, regex: "REGEX", on_failure: warn}
"""
BROKEN = "cannot be evaluated"
ONCE = pytest.mark.parametrize("hub_url", ["sqlite"], indirect=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.yaml"


def say(file: Path, regex: str) -> None:
    file.write_text(TEXT.replace("REGEX", regex), encoding="utf-8")


def run_of(file: Path, automation: str = "sync_contacts") -> Run:
    return Run(
        automation, "loc", *_named([mapper.mapping for mapper, _ in _compiled(str(file), may_stop=True)]), {}
    )


def opened(hub: Hub, file: Path, automation: str = "sync_contacts") -> None:
    _probe(hub, automation, "loc", _compiled(str(file), may_stop=True))


@ONCE
def test_a_broken_check_is_refused_before_anything_is_read(
    environment: dict[str, str], hub: Hub, vendor: RunningSandbox, file: Path
) -> None:
    async def run() -> None:
        async with open_session("sync_contacts", connection="", mapping=str(file)):
            pytest.fail("it began")

    say(file, "(")
    with pytest.raises(BadMappingError, match=BROKEN):
        asyncio.run(run())
    assert vendor.requests()["total"] == 0
    with hub.read() as connection:
        assert connection.execute(sa.select(runs)).all() == []


@ONCE
def test_a_check_that_breaks_when_the_mapping_is_edited_is_refused(hub: Hub, file: Path) -> None:
    say(file, "^[A-Z]")
    run = run_of(file)
    run.open(hub)
    run.close(hub)
    opened(hub, file)
    say(file, "^[A-Z")
    with pytest.raises(BadMappingError, match=BROKEN):
        opened(hub, file)


@ONCE
def test_checks_are_tried_until_a_run_of_the_automation_was_through_with_them(hub: Hub, file: Path) -> None:
    """What is tried is seen by a check that does not work: where it is not tried, nobody complains yet."""
    say(file, "(")
    run = run_of(file)
    run.open(hub)
    run.close(hub, "it failed")
    with pytest.raises(BadMappingError, match=BROKEN):
        opened(hub, file)
    run = run_of(file)
    run.open(hub)
    run.close(hub)
    opened(hub, file)
    with pytest.raises(BadMappingError, match=BROKEN):
        opened(hub, file, "import_contacts")
