"""Writes ``values.yaml`` anew; read every difference before it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.cases.reading import what_becomes_of

HERE = Path(__file__).parent
HEAD = (
    "# What an import of each file in files/ makes of it. Values that a file does not have are not listed.\n"
)


class _Table(yaml.SafeDumper):
    """Each contact on a line of its own."""


class _Line(dict[str, Any]):
    """A mapping that is written on one line."""


_Table.add_representer(
    _Line, lambda dumper, line: dumper.represent_mapping("tag:yaml.org,2002:map", line, flow_style=True)
)


def main() -> None:
    """Write the table."""
    table = {}
    for file in sorted((HERE / "files").iterdir()):
        found = what_becomes_of(file)
        if "contacts" in found:
            found["contacts"] = [_Line(one) for one in found["contacts"]]
        table[file.name] = found
    text = yaml.dump(table, Dumper=_Table, allow_unicode=True, sort_keys=False, width=10_000)
    (HERE / "values.yaml").write_text(HEAD + text, encoding="utf-8")


if __name__ == "__main__":
    main()
