"""Faults: what the client sees, what took place all the same, and what is counted."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sandbox.core.faults import BadFaultError, Fault, draw, parse_faults
from sandbox.highlevel.app import KINDS
from sandbox.process import SandboxFailedError

CREATE = "POST /contacts/"


def play(vendor: Any, fault: str, **more: Any) -> None:
    vendor.running.set_faults([{"operation": CREATE, "fault": fault, "times": 1, **more}])


def outcomes(vendor: Any) -> dict[str, int]:
    counted: dict[str, int] = vendor.running.requests()["operations"][CREATE]
    return counted


def exists(vendor: Any) -> bool:
    return any(contact.get("email") == "f@example.com" for contact in vendor.running.records("contacts"))


@pytest.mark.parametrize(
    ("fault", "status"), [("429", 429), ("500", 500), ("502_html", 502), ("403_html", 403)]
)
def test_statuses_strike_before_the_effect(vendor: Any, fault: str, status: int) -> None:
    play(vendor, fault)
    response = vendor.create(email="f@example.com")
    assert response.status_code == status
    assert not exists(vendor)
    assert outcomes(vendor) == {str(status): 1}
    assert response.headers["content-type"].startswith(
        "text/html" if fault.endswith("html") else "application"
    )
    assert vendor.create(email="f@example.com").status_code == 201


@pytest.mark.parametrize(("moment", "effect"), [("before", False), ("after", True)])
def test_reset(vendor: Any, moment: str, effect: bool) -> None:
    play(vendor, f"reset_{moment}")
    with pytest.raises(httpx.TransportError):
        vendor.create(email="f@example.com")
    assert exists(vendor) is effect
    assert outcomes(vendor) == {"reset": 1}


@pytest.mark.parametrize(("moment", "effect"), [("before", False), ("after", True)])
def test_timeout(vendor: Any, moment: str, effect: bool) -> None:
    play(vendor, f"timeout_{moment}")
    with pytest.raises(httpx.ReadTimeout):
        vendor("POST", "/contacts/", json={"locationId": vendor.location_id, "email": "f@example.com"},
               timeout=0.2)  # fmt: skip
    assert exists(vendor) is effect
    assert outcomes(vendor) == {"timeout": 1}


def test_timeout_ends_in_a_closed_connection(vendor: Any) -> None:
    play(vendor, "timeout_before", seconds=0.1)
    with pytest.raises(httpx.TransportError):
        vendor.create(email="f@example.com")


def test_truncated_json_took_place(vendor: Any) -> None:
    play(vendor, "truncated_json")
    response = vendor.create(email="f@example.com")
    assert response.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert exists(vendor)


def test_slow_is_answered_in_the_end(vendor: Any) -> None:
    play(vendor, "slow", seconds=0.05)
    assert vendor.create(email="f@example.com").status_code == 201


def test_faults_of_other_operations_do_not_strike(vendor: Any) -> None:
    play(vendor, "500")
    assert vendor.search().status_code == 200


def test_star_strikes_every_operation(vendor: Any) -> None:
    vendor.running.set_faults([{"operation": "*", "fault": "500"}])
    assert vendor.search().status_code == 500
    assert vendor("GET", "/nothing").status_code == 500
    vendor.running.set_faults([])
    assert vendor.search().status_code == 200


def test_share_and_seed_decide_the_hits() -> None:
    def hits(seed: int) -> list[int]:
        fault = Fault("*", "500", share=0.2, seed=seed)
        return [place for place in range(500) if fault.strikes("GET /x")]

    assert hits(1) == hits(1)
    assert hits(1) != hits(2)
    assert 60 < len(hits(1)) < 140


def test_the_first_fault_that_strikes_wins() -> None:
    never, always = Fault("*", "429", share=0.0), Fault("*", "500")
    assert draw([never, always], "GET /x") is always


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"operation": "*"}, "must be a list"),
        (["429"], "must be an object"),
        ([{"operation": "*", "fault": "429", "shares": 1}], "unknown key 'shares'"),
        ([{"fault": "429"}], "operation"),
        ([{"operation": "*", "fault": "404"}], "reset_before"),
        ([{"operation": "*", "fault": "429", "share": 2}], "from 0 to 1"),
        ([{"operation": "*", "fault": "429", "times": 0}], "times"),
        ([{"operation": "*", "fault": "slow", "seconds": "1"}], "seconds"),
        ([{"operation": "*", "fault": "slow", "seed": 1.5}], "seed"),
    ],
)
def test_malformed_faults_are_refused_by_name(vendor: Any, given: Any, named: str) -> None:
    with pytest.raises(BadFaultError, match=named):
        parse_faults(given, KINDS)
    response = vendor("POST", "/_sandbox/faults", json=given)
    assert response.status_code == 422
    assert named in response.json()["message"]
    with pytest.raises(SandboxFailedError, match=named):
        vendor.running.set_faults(given)
