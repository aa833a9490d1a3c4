"""One writer at a time: a lease is taken, renewed, given back, and lost by whoever was held up too long."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tasks.errors import StoppedError
from tasks.hub.engine import Hub
from tasks.hub.leases import Lease
from tasks.hub.tables import leases

NAME = "write the location"


def test_only_one_has_it_until_it_is_given_back(hub: Hub) -> None:
    mine, theirs = Lease(NAME, "plan 1"), Lease(NAME, "plan 2")
    assert mine.take(hub) == ""
    assert mine.take(hub) == ""  # renewed
    assert theirs.take(hub) == "plan 1"
    mine.release(hub)
    assert theirs.take(hub) == ""


def test_another_takes_over_what_nobody_renewed_and_the_first_may_send_nothing_more(hub: Hub) -> None:
    mine, theirs = Lease(NAME, "plan 1"), Lease(NAME, "plan 2")
    mine.take(hub)
    with hub.write() as connection:
        mine.require(connection)
        connection.execute(sa.update(leases).values(until_ms=0))
    assert theirs.take(hub) == ""
    with hub.write() as connection, pytest.raises(StoppedError, match="took over"):
        mine.require(connection)
    mine.release(hub)  # gives back nothing that is not its own
    with hub.write() as connection:
        theirs.require(connection)


def test_a_dead_process_of_this_machine_holds_nobody_up(hub: Hub) -> None:
    host = Lease(NAME, "").holder.partition("/")[0]
    dead = Lease(NAME, "plan of the dead", holder=f"{host}/999999999/x")
    assert dead.take(hub) == ""
    assert Lease(NAME, "plan 2").take(hub) == ""
