"""Rows as the data frame that Great Expectations judges: declared types, and only the columns it needs.

Types come from the stream, never from the values: a column that is empty in this batch is still text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tasks.core.batch import Row
from tasks.streams import FieldType, Stream

if TYPE_CHECKING:
    import pandas as pd

DTYPES: dict[FieldType, str] = {
    FieldType.TEXT: "str",
    FieldType.BOOLEAN: "boolean",
    FieldType.NUMBER: "float64",
    FieldType.DATE: "datetime64[us]",
    FieldType.TIMESTAMP: "datetime64[us]",  # UTC
    FieldType.TEXTS: "object",
    FieldType.OBJECT: "object",
    FieldType.VALUE: "object",
}
"""The pandas type of each field type."""


def frame_of(rows: Sequence[Row], columns: Iterable[str], stream: Stream) -> pd.DataFrame:
    """The rows' ``columns``, one line per row at its position."""
    import pandas as pd  # noqa: PLC0415 - half a second, for mappings with checks alone

    series = {name: _column([row[name] for row in rows], stream.type_of(name)) for name in columns}
    return pd.DataFrame(series, index=pd.RangeIndex(len(rows)))


def _column(values: list[Any], kind: FieldType) -> pd.Series[Any]:
    import pandas as pd  # noqa: PLC0415 - half a second, for mappings with checks alone

    if kind is FieldType.TIMESTAMP:
        # Great Expectations compares some moments with their zone and some without: all go without.
        values = [value and value.replace(tzinfo=None) for value in values]
    return pd.Series(values, dtype=DTYPES[kind])
