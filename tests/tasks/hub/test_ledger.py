"""The ledger and the cursors: where each automation stands, and which of its runs are alive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tasks.hub.engine import Hub
from tasks.hub.ledger import Cursor

CURSOR = Cursor("loc", "sync_contacts", "dateUpdated")


def test_two_first_moves_at_once_are_one_cursor(hub: Hub) -> None:
    together = Barrier(2)

    def move(number: int) -> None:
        with hub.write() as connection:
            if not hub.is_sqlite:  # where the second waits for the first from its first statement on
                together.wait()
            CURSOR.move(connection, {"at": number}, "run")

    for number in range(5):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(move, (number, number)))
        with hub.write() as connection:
            assert CURSOR.read(connection) == {"at": number}
            CURSOR.clear(connection)
