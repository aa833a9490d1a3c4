"""Whether a column's dates begin with the day or with the month: what its own values prove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tasks.core.batch import Json
from tasks.mapping.language import FieldMapping, Mapping
from tasks.mapping.transform.dates import TWO_WAYS, NoDateError, Order, order_told, read_date
from tasks.mapping.transform.paths import Getter
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.mapping.transform.steps import step_path
from tasks.mapping.transform.vocabulary import TRANSFORMS

_SAID = {Order.DAY_FIRST: "day/month", Order.MONTH_FIRST: "month/day"}


@dataclass(slots=True)
class Column:
    """The dates of one field's column.

    Args:
        proven: How many values can only be in an order.
        open: A value that may be in either; empty while there is none.
    """

    get: Getter
    proven: Counter[Order] = field(default_factory=Counter)
    open: str = ""

    @property
    def order(self) -> Order | None:
        """The order of all its values; None where none proves it, or they contradict each other."""
        return next(iter(self.proven)) if len(self.proven) == 1 else None

    def look(self, record: Json) -> None:
        """Take a record's value into account."""
        try:
            value = self.get(record)
        except RefusedValueError:
            return
        if not isinstance(value, str):
            return
        if (order := order_told(value)) is not None:
            self.proven[order] += 1
        elif not self.open and _is_open(value):
            self.open = value


class Columns:
    """The columns of a mapping's dates whose order it leaves open."""

    def __init__(self, mapping: Mapping) -> None:
        self._columns = {
            name: Column(step_path(mapping, said.from_, ("fields", name, "from")))
            for name, said in mapping.fields.items()
            if said.from_ is not None and _leaves_open(said)
        }

    def __bool__(self) -> bool:
        return bool(self._columns)

    def look(self, records: Iterable[Json]) -> None:
        """Take the values of records into account."""
        for record in records:
            if type(record) is dict:
                for column in self._columns.values():
                    column.look(record)

    def options(self) -> dict[str, dict[str, str]]:
        """What turned out, as options of each field's transforms."""
        return {name: {"order": column.order} for name, column in self._columns.items() if column.order}

    def notes(self) -> list[str]:
        """What was concluded, for people."""
        return [
            f"{name}: dates such as {column.open} are read as {_SAID[column.order]}, as {number:,} other"
            f" value{'s' if number > 1 else ''} of the column can only be."
            for name, column in self._columns.items()
            if column.open and column.order and (number := column.proven[column.order])
        ]


def _leaves_open(said: FieldMapping) -> bool:
    dated = [step for step in said.clean if "order" in TRANSFORMS[step.name].options]
    return bool(dated) and all(step.options.keys().isdisjoint({"order", "format", "epoch"}) for step in dated)


def _is_open(text: str) -> bool:
    try:
        read_date(text, None)
    except NoDateError as error:
        return str(error) == TWO_WAYS
    return False
