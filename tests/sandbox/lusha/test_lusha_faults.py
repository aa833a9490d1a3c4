"""Faults of Lusha's side: what the client sees, and what was paid for all the same."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.process import RunningSandbox, SandboxFailedError

ENRICH = "POST /v3/contacts/enrich"


def bought(lusha: Any, fault: str, **more: Any) -> tuple[int | str, int]:
    """What the client saw of one reveal, and what it cost."""
    lusha.running.set_faults([{"operation": ENRICH, "fault": fault, "times": 1, **more}])
    [person] = lusha.some(1)
    body = {"ids": [person["id"]], "reveal": ["emails"]}
    try:
        seen: int | str = lusha("POST", "/v3/contacts/enrich", body, timeout=0.3).status_code
    except httpx.TransportError as broken:
        seen = type(broken).__name__
    assert lusha.running.hits() == [1]
    return seen, lusha.running.bill()["credits"]


@pytest.mark.parametrize(
    ("fault", "seen", "cost"),
    [
        ("401", 401, 0), ("402", 402, 0), ("403", 403, 0), ("429", 429, 0), ("429_hourly", 429, 0),
        ("429_daily", 429, 0), ("429_trial", 429, 0), ("451", 451, 0), ("499_before", 499, 0),
        ("499", 499, 1), ("500", 500, 0), ("500_after", 500, 1), ("502_html", 502, 0), ("503", 503, 0),
        ("truncated_json", 200, 1), ("timeout_before", "ReadTimeout", 0), ("timeout_after", "ReadTimeout", 1),
    ],
)  # fmt: skip
def test_what_strikes_after_the_effect_was_paid_for(
    lusha: Any, fault: str, seen: int | str, cost: int
) -> None:
    assert bought(lusha, fault) == (seen, cost)


@pytest.mark.parametrize(("fault", "cost"), [("reset_before", 0), ("reset_after", 1)])
def test_a_broken_connection(lusha: Any, fault: str, cost: int) -> None:
    seen, paid = bought(lusha, fault)
    assert isinstance(seen, str)
    assert paid == cost
    assert lusha.running.requests()["operations"][ENRICH] == {"reset": 1}


def test_an_edit_may_follow_a_request_that_was_hit(lusha: Any) -> None:
    [person] = lusha.some(1)
    then = {"kind": "people", "id": person["id"], "optOut": True}
    assert bought(lusha, "500_after", then=then) == (500, 1)
    [found] = lusha.search({"id": person["id"]})["results"]
    assert found["error"]["code"] == "COMPLIANCE_RESTRICTED"


def test_each_vendor_has_its_own_faults_and_counts(lusha: Any, lusha_process: RunningSandbox) -> None:
    with pytest.raises(SandboxFailedError, match="must be one of"):
        lusha_process.set_faults([{"operation": "*", "fault": "402"}])
    with pytest.raises(SandboxFailedError, match="must be one of"):
        lusha.running.set_faults([{"operation": "*", "fault": "422_after"}])
    lusha("GET", "/v3/account/usage")
    assert lusha.running.requests() == {"total": 1, "operations": {"GET /v3/account/usage": {"200": 1}}}
    assert lusha_process.requests()["total"] == 0
