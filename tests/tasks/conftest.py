"""Mappings for tests: written as a person would write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.mapping.language import Mapping, load_mapping

MINIMAL = """\
source: highlevel.contact
target: hub.contact
fields:
  id: {from: id}
"""


@pytest.fixture
def mapping_file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a text to the file ``example.yaml``."""

    def write(text: str) -> Path:
        path = tmp_path / "example.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def mapping_of(mapping_file: Callable[[str], Path]) -> Callable[..., Mapping]:
    """A mapping that fills ``id``, with further lines of ``fields`` and of the file."""

    def load(fields: str = "", rest: str = "") -> Mapping:
        lines = "".join(f"  {line}\n" for line in fields.splitlines())
        return load_mapping(mapping_file(MINIMAL + lines + rest))

    return load
