"""What search sees of the contacts: a view that may lag behind, with its sorted orders.

The vendor's index is eventually consistent ("results may lag a few seconds"; 115 of 117 just written
contacts were found): a write enters this view only ``lag`` seconds later, and only when somebody
searches. Orders, columns and filtered results are made when first asked for and then kept.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sandbox.core.answers import dump
from sandbox.highlevel.filters import Predicate, exact_values, leading_range, predicate
from sandbox.highlevel.orders import DATES, Entry, Order, Sort
from sandbox.highlevel.shapes import Document, Row
from sandbox.highlevel.store import Lookup

__all__ = ["Found", "SearchIndex"]

_KEPT_RESULTS = 4
_REBUILD_SHARE = 20


class _Column(dict[str, Any]):
    """One field of every contact, read out of a contact when it is first asked for."""

    def __init__(self, field: str, rows: Mapping[str, Row]) -> None:
        super().__init__()
        self._field, self._rows = field, rows

    def __missing__(self, contact_id: str) -> Any:
        self[contact_id] = value = _value(self._rows[contact_id], self._field)
        return value


class Found(NamedTuple):
    """The contacts that a search matches: a slice of sorted entries."""

    order: Order
    entries: list[Entry]
    start: int
    stop: int


class SearchIndex:
    """The searchable view of the contacts.

    Args:
        lag: Seconds until a write is seen.
        lookups: The store's present holders of e-mails and phones, used when the view does not lag.
        clock: Seconds; a test may bring its own.
    """

    def __init__(
        self,
        lag: float,
        lookups: Callable[[], tuple[Lookup, Lookup]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lag = lag
        self._lookups = lookups
        self._clock = clock
        self._pending: deque[tuple[float, str, Row | None]] = deque()
        self.rows: dict[str, Row] = {}
        self._orders: dict[Sort, Order] = {}
        self._columns: dict[str, _Column] = {}
        self._results: OrderedDict[bytes, list[Entry]] = OrderedDict()

    def reset(self, rows: Mapping[str, Row]) -> None:
        """Show these contacts and nothing pending."""
        self.rows = dict(rows)
        self._pending.clear()
        self._forget()

    def note(self, contact_id: str, row: Row | None) -> None:
        """A write that will be seen when the lag has passed."""
        self._pending.append((self._clock() + self._lag, contact_id, row))

    def catch_up(self) -> None:
        """Show every write made so far, without waiting for the lag."""
        self._take_in(math.inf)

    def find(self, sort: Sort, filters: list[Any], query: str) -> Found:
        """The matching contacts in order.

        Raises:
            RefusalError: the filters are not understood.
        """
        self._catch_up()
        test = predicate(filters, self.column)  # also refuses what the fast ways would not look at
        order = self._order(sort)
        start, stop, left = 0, len(order.entries), filters
        if sort[0][0] in DATES:
            earliest, latest, left = leading_range(filters, sort[0][0])
            if len(left) < len(filters):
                start, stop = order.between(earliest, latest)
        if (not left and not query) or start >= stop:
            return Found(order, order.entries, start, max(start, stop))
        entries = self._filtered(order, filters, query, test, order.entries[start:stop])
        return Found(order, entries, 0, len(entries))

    def column(self, field: str) -> Mapping[str, Any]:
        """The values of one field by contact."""
        if field not in self._columns:
            self._columns[field] = _Column(field, self.rows)
        return self._columns[field]

    def holding(self, field: str, value: Any) -> list[Row]:
        """The contacts whose field has exactly this value."""
        self._catch_up()
        values = self.column(field)
        return [row for row in self.rows.values() if values[row.id] == value]

    def _filtered(
        self, order: Order, filters: list[Any], query: str, test: Predicate | None, entries: list[Entry]
    ) -> list[Entry]:
        key = dump([order.sort, filters, query])
        if key not in self._results:
            candidates = self._candidates(filters)
            if candidates is not None:
                entries = sorted(order.entry(row) for row in candidates)
            rows = self.rows
            self._results[key] = [entry for entry in entries if self._matches(rows[entry[-1]], test, query)]
            if len(self._results) > _KEPT_RESULTS:
                self._results.popitem(last=False)
        return self._results[key]

    def _matches(self, row: Row, test: Predicate | None, query: str) -> bool:
        if test is not None and not test(row):
            return False
        if not query:
            return True
        text = self.column("*")[row.id]
        return all(word in text for word in query.lower().split())

    def _candidates(self, filters: list[Any]) -> Iterable[Row] | None:
        """The few contacts that an exact filter can mean, or None where all must be looked at."""
        if self._pending:
            return None
        emails, phones = self._lookups()
        wanted = exact_values(filters)
        if "id" in wanted:
            ids: tuple[str, ...] = (wanted["id"],)
        elif "email" in wanted:
            ids = emails.holders(wanted["email"].lower())
        elif "phone" in wanted:
            ids = phones.holders(wanted["phone"])
        else:
            return None
        return [self.rows[contact] for contact in ids if contact in self.rows]

    def _order(self, sort: Sort) -> Order:
        if sort not in self._orders:
            self._orders[sort] = Order(sort, self.rows.values(), self._sort_value)
        return self._orders[sort]

    def _sort_value(self, field: str, row: Row) -> Any:
        value = self.column(field)[row.id]
        if field == "dnd":
            return value is True
        return value.lower() if isinstance(value, str) else ""

    def _catch_up(self) -> None:
        """Take in the writes whose time has come."""
        self._take_in(self._clock())

    def _take_in(self, now: float) -> None:
        due = 0
        for instant, _, _ in self._pending:
            if instant > now:
                break
            due += 1
        if due == 0:
            return
        if due * _REBUILD_SHARE > len(self.rows):
            self._forget()
        self._results.clear()
        for _ in range(due):
            _, contact_id, row = self._pending.popleft()
            self._replace(contact_id, row)

    def _replace(self, contact_id: str, row: Row | None) -> None:
        old = self.rows.get(contact_id)
        if old is not None:
            for order in self._orders.values():
                order.remove(old)
            del self.rows[contact_id]
        for values in self._columns.values():
            values.pop(contact_id, None)
        if row is not None:
            self.rows[contact_id] = row
            for order in self._orders.values():
                order.insert(row)

    def _forget(self) -> None:
        self._orders.clear()
        self._columns.clear()
        self._results.clear()


_SEARCHABLE = ("name", "email", "phone", "companyName")
_READ_AS = {"contactName": "name", "address": "address1"}


def _value(row: Row, field: str) -> Any:
    document = row.document()
    if field == "*":
        return " ".join(value.lower() for key in _SEARCHABLE if isinstance(value := document.get(key), str))
    if field.startswith("customFields."):
        return _custom(document, field.partition(".")[2])
    return document.get(_READ_AS.get(field, field))


def _custom(document: Document, field_id: str) -> Any:
    values = document.get("customFields")
    entries = values if isinstance(values, list) else []
    return next((e.get("value") for e in entries if isinstance(e, dict) and e.get("id") == field_id), None)
