"""Leads from a table that is emptied, and from a saved search: whoever was told once costs nothing more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.core.errors import BadConfigurationError, BadMappingError
from tests.flows.conftest import Flow
from tests.flows.leads.conftest import bought, rows, spent_on

Go = Callable[..., dict[str, Any]]


def test_an_inbox_is_read_once_and_emptied_when_its_people_are_in_highlevel(
    go: Go, vendor: RunningSandbox, strangers: list[Any], inbox: Callable[[list[Any]], None]
) -> None:
    inbox(strangers[:3])
    preview = go("push_leads", source="inbox", dry_run=True)
    assert preview["credits"]["would_cost"] == 3 + 3 * (1 + 5), "reading them, and what they may lack"
    assert vendor.lusha.bill()["credits"] == 0

    go("push_leads", source="inbox")
    assert spent_on(vendor, "tableRead") == 3
    assert sorted(record for record, _ in bought(vendor)) == sorted(one["id"] for one in strangers[:3] * 2)
    assert rows(vendor) == 0

    inbox(strangers[3:5])
    go("push_leads", source="inbox")
    assert spent_on(vendor, "tableRead") == 5
    assert rows(vendor) == 0


def test_people_whose_plan_was_not_applied_stay_in_the_inbox_and_are_not_read_again(
    run: Flow, go: Go, vendor: RunningSandbox, strangers: list[Any], inbox: Callable[[list[Any]], None]
) -> None:
    inbox(strangers[:2])
    vendor.set_faults([{"operation": "POST /contacts/", "fault": "422_before"}])
    run("push_leads", source="inbox", businesses=False)
    assert rows(vendor) == 2
    credits_ = vendor.lusha.bill()["credits"]

    vendor.set_faults([])
    go("push_leads", source="inbox", businesses=False)
    assert vendor.lusha.bill()["credits"] == credits_
    assert rows(vendor) == 0


def test_a_saved_search_brings_whom_it_did_not_tell_before(
    go: Go, vendor: RunningSandbox, tmp_path: Path
) -> None:
    search = tmp_path / "germans.yaml"
    search.write_text("pages: 1\nsize: 25\nfilters: {contacts: {include: {countries: [DE]}}}\n")
    done = go("push_leads", source="search", search=str(search), reveal=["emails"], businesses=False)
    assert spent_on(vendor, "contactSearch") == 1
    assert 0 < done["leads"]["leads"] <= 25

    again = go("push_leads", source="search", search=str(search), reveal=["emails"], businesses=False)
    assert spent_on(vendor, "contactSearch") == 2
    assert max(bought(vendor).values()) == 1
    assert again.get("applied", {}).get("create done", 0) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("filters: {contact: {include: {}}}", "`contact` is no side of a search"),
        ("filter: {}", "filters"),
        ("filters: {contacts: {include: {countries: [DE]}}}\npages: 0", "pages"),
    ],
)
def test_a_search_that_does_not_say_what_it_means_is_refused(
    run: Flow, hub: Any, vendor: RunningSandbox, tmp_path: Path, text: str, told: str
) -> None:
    search = tmp_path / "wrong.yaml"
    search.write_text(text)
    error = run("push_leads", source="search", search=str(search)).error
    assert isinstance(error, BadMappingError)
    assert told in str(error)
    assert vendor.lusha.bill()["credits"] == 0


def test_a_table_that_is_not_there_is_told(run: Flow, hub: Any, vendor: RunningSandbox) -> None:
    error = run("push_leads", source="inbox", table="Nowhere").error
    assert isinstance(error, BadConfigurationError)
    assert "Nowhere" in str(error)
