"""Reading the records of JSON files, which stay as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tasks.core.batch import Json
from tasks.core.errors import BadConfigurationError
from tasks.extract.encodings import Encoding
from tasks.extract.tables import SAMPLE, Row, Table, blank


class JsonTable(Table):
    """JSON objects: one on each line, or all of them in one array.

    The keys of all objects, in the order they first appear, are the headers.
    """

    def __init__(self, path: Path, encoding: Encoding) -> None:
        super().__init__()
        self.facts = {"encoding": encoding.title}
        self.notes = [*filter(None, [encoding.said])]
        if encoding.damaged:
            raise BadConfigurationError(
                f"{path}, line {encoding.damaged}: it holds bytes that are no UTF-8.",
                remedy="Mend that line, or give the encoding of the file.",
            )
        self._path = path
        self._encoding = encoding.name
        self._array = self._whole() if path.suffix.lower() == ".json" else None
        keys: dict[str, None] = {}
        self.total = 0
        for _, record in self._objects():
            keys |= dict.fromkeys(record)
            self.total += 1
        self._keys = list(keys)
        self.headers = [key.strip() for key in keys]
        self.sample = [row.cells for row in islice(self.rows(), SAMPLE)]
        if self._array is None and not self.total:
            raise BadConfigurationError(f"{path} is empty.", remedy="Give a file with a record on each line.")

    def rows(self) -> Iterator[Row]:
        """The objects that are not blank, numbered by their line, or by their place in the array."""
        for number, record in self._objects():
            yield Row(number, [record.get(key) for key in self._keys])

    def _objects(self) -> Iterator[tuple[int, dict[str, Json]]]:
        unit = "line" if self._array is None else "item"
        for number, value in self._lines() if self._array is None else enumerate(self._array, 1):
            if not isinstance(value, dict):
                raise BadConfigurationError(
                    f"{self._path}, {unit} {number} is no JSON object.", remedy="Each record is one object."
                )
            if not blank(value.values()):
                yield number, value

    def _lines(self) -> Iterator[tuple[int, Json]]:
        with self._path.open(encoding=self._encoding) as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield number, self._parsed(line.strip(), number)

    def _whole(self) -> list[Json] | None:
        """The array of a ``.json`` file; None where each line is a record of its own."""
        text = self._path.read_text(self._encoding)
        first, _, rest = text.lstrip().partition("\n")
        if not first or (first.rstrip().endswith("}") and rest.lstrip().startswith("{")):
            return None
        value = self._parsed(text, 1)
        if isinstance(value, list):
            return value
        raise BadConfigurationError(
            f"{self._path} holds no JSON array.",
            remedy="Put the records into one array, [{…}, {…}], or one on each line of a .jsonl file.",
        )

    def _parsed(self, text: str, line: int) -> Json:
        try:
            # Unlike the faster parser this one keeps numbers of more than 64 bits as they are.
            return json.loads(text, parse_constant=_refuse)
        except json.JSONDecodeError as error:
            problem, line = error.msg, line + error.lineno - 1
        except (ValueError, RecursionError) as error:
            problem = str(error)
        raise BadConfigurationError(
            f"{self._path}, line {line} is no JSON: {problem}.", remedy="Mend that line; nothing was read."
        )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
