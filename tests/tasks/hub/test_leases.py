"""One writer at a time: a lease is taken, renewed, given back, and lost by whoever was held up too long."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tasks.core.errors import LeaseLostError
from tasks.hub import leases as lease_module
from tasks.hub.engine import Hub
from tasks.hub.leases import Lease
from tasks.hub.tables import leases

NAME = "write the location"


def run_out(hub: Hub) -> None:
    with hub.write() as connection:
        connection.execute(sa.update(leases).values(until_ms=1))


def is_ours(hub: Hub, lease: Lease) -> bool:
    try:
        with hub.write() as connection:
            lease.require(connection)
    except LeaseLostError:
        return False
    return True


def test_only_one_has_it_until_it_is_given_back(hub: Hub) -> None:
    mine, theirs = Lease(NAME, "plan 1"), Lease(NAME, "plan 2")
    assert mine.take(hub) == ""
    mine.renew(hub)
    assert theirs.take(hub) == "plan 1"
    mine.release(hub)
    assert theirs.take(hub) == ""


def test_another_takes_over_what_nobody_renewed_and_the_first_may_send_nothing_more(hub: Hub) -> None:
    mine, theirs = Lease(NAME, "plan 1"), Lease(NAME, "plan 2")
    mine.take(hub)
    assert is_ours(hub, mine)
    run_out(hub)
    assert theirs.take(hub) == ""
    with hub.write() as connection, pytest.raises(LeaseLostError, match="took over"):
        mine.require(connection)
    mine.release(hub)  # gives back nothing that is not its own
    assert is_ours(hub, theirs)


def test_a_renewal_never_takes_back_what_was_lost_even_if_it_is_free_again(hub: Hub) -> None:
    mine, theirs, later = Lease(NAME, "plan 1"), Lease(NAME, "plan 2"), Lease(NAME, "plan 3")
    mine.take(hub)
    run_out(hub)
    theirs.take(hub)
    theirs.release(hub)
    with pytest.raises(LeaseLostError):
        mine.renew(hub)
    assert not is_ours(hub, mine)
    assert later.take(hub) == ""
    assert later.generation > theirs.generation > mine.generation
    assert not is_ours(hub, mine)


def test_it_may_be_renewed_late_as_long_as_nobody_took_it(hub: Hub) -> None:
    mine = Lease(NAME, "plan 1")
    mine.take(hub)
    run_out(hub)
    mine.renew(hub)
    assert is_ours(hub, mine)
    assert Lease(NAME, "plan 2").take(hub) == "plan 1"


def test_it_is_overdue_when_either_clock_of_this_machine_says_so(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Lease(NAME, "plan 1")
    assert mine.overdue
    mine.take(hub)
    assert not mine.overdue
    elapsed, now = lease_module.elapsed(), time.time()
    with monkeypatch.context() as patch:  # the machine slept
        patch.setattr(lease_module, "elapsed", lambda: elapsed + lease_module.SECONDS)
        assert mine.overdue
    with monkeypatch.context() as patch:  # a virtual machine was paused, and its date was corrected
        patch.setattr(time, "time", lambda: now + lease_module.SECONDS)
        assert mine.overdue
        mine.renew(hub)
        assert not mine.overdue


def test_a_lease_from_a_clock_that_was_ahead_holds_nobody_up(hub: Hub) -> None:
    Lease(NAME, "plan of the future", holder="elsewhere/1/x").take(hub)
    ahead = int(timedelta(minutes=10).total_seconds() * 1000)
    with hub.write() as connection:
        connection.execute(sa.update(leases).values(until_ms=leases.c.until_ms + ahead))
    assert Lease(NAME, "plan 2").take(hub) == ""


def test_a_dead_process_of_this_machine_holds_nobody_up(hub: Hub) -> None:
    host = Lease(NAME, "").holder.partition("/")[0]
    dead = Lease(NAME, "plan of the dead", holder=f"{host}/999999999/x")
    assert dead.take(hub) == ""
    assert Lease(NAME, "plan 2").take(hub) == ""
