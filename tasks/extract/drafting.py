"""A mapping drafted from a file's columns: what the shipped mapping says of each that was recognised.

Nothing of a row comes into the draft: mappings are shared, and people are in the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.core.marked_yaml import read_yaml
from tasks.extract.reading import ColumnReading, Reading
from tasks.mapping.language import MAPPINGS, Mapping, load_mapping
from tasks.streams import CUSTOM, FILLED, SOURCES

KINDS = {
    name.removeprefix("file."): source.mapping for name, source in SOURCES.items() if source.system == "file"
}
"""What the rows of a file may be, e.g. ``contact``, and the shipped mapping of each."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted mapping.

    Args:
        text: As YAML.
        fields: The fields that it fills.
        unread: Headers of the columns that nothing reads; each stands in a comment.
    """

    text: str
    fields: list[str]
    unread: list[str]


def draft(reading: Reading, kind: str) -> Draft:
    """Draft a mapping.

    Args:
        reading: How the file was read.
        kind: One of ``KINDS``.
    """
    shipped = MAPPINGS / f"{KINDS[kind]}.yaml"
    mapping = load_mapping(shipped)
    kept = _kept(mapping, {column.field or column.name for column in reading.columns})
    own = mapping.model_copy(update={"fields": {name: mapping.fields[name] for name in kept}})
    unread = [column for column in reading.read_by(own.names_read()).columns if not column.imported]
    text = [*_head(reading, own), *_blocks(shipped, kept), *_comments(own, unread), *_rest(mapping)]
    return Draft("\n".join(text) + "\n", kept, [column.header for column in unread])


def _kept(mapping: Mapping, names: set[str]) -> list[str]:
    """The shipped mapping's fields that columns fill or that must be filled, and those that these name."""
    needed = {name for name, field in FILLED[mapping.target].fields.items() if field.required}
    found = {
        name
        for name, said in mapping.fields.items()
        if name in needed or names & set(re.findall(r"[A-Za-z_]\w*", said.from_ or ""))
    }
    found |= {
        str(step.options["extension"])
        for name in found
        for step in mapping.fields[name].clean
        if "extension" in step.options
    }
    return [name for name in mapping.fields if name in found]


def _head(reading: Reading, own: Mapping) -> list[str]:
    name = Path(reading.file).name
    match = [key for key in own.match if key == "link" or key in own.fields]
    return [
        f"# Drafted from the columns of {name}. What each value may overwrite, and what becomes of one that",
        "# cannot be read, is that of the shipped mapping: change what you like, then look at what it makes:",
        f"# lusha-connect mappings preview THIS_FILE --file {name} --sample 10",
        f"source: {own.source}",
        f"target: {own.target}",
        f"match: [{', '.join(match)}]",
        "fields:",
    ]


def _blocks(shipped: Path, kept: list[str]) -> Iterator[str]:
    """The lines of some of a mapping's fields, as they stand in its file."""
    lines = shipped.read_text(encoding="utf-8").splitlines()
    starts = read_yaml(shipped).lines
    for name in kept:
        at = starts["fields", name]
        yield lines[at - 1]
        while at < len(lines) and lines[at].startswith("    "):
            yield lines[at]
            at += 1


def _comments(own: Mapping, unread: list[ColumnReading]) -> Iterator[str]:
    if not unread:
        return
    stream = FILLED[own.target]
    free = [name for name in stream.fields if name not in own.fields]
    yield f"  # Columns that nothing reads yet. Take away the `# ` and name a field: {', '.join(free)}"
    if stream.custom is not None:
        yield f"  # or {CUSTOM}KEY, a custom field of the location by its key."
    for column in unread:
        name = column.name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column.name) else f"'\"{column.name}\"'"
        field = f"{CUSTOM}{column.name}" if stream.custom is not None else "FIELD"
        said = f"{{from: {name}, clean: [blank, text], policy: fill_empty, on_failure: drop}}"
        yield f"  # {field}: {said}  # {' '.join(column.header.split())}"


def _rest(mapping: Mapping) -> Iterator[str]:
    if mapping.stop_when is not None:
        yield f"stop_when: {{rejected_share: {mapping.stop_when.rejected_share}}}"
