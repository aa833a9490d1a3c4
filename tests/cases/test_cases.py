"""Files as people really have them: ``files/`` as they came, ``values.yaml`` what an import makes of each.

After a change that is meant: ``python -m tests.cases.write_values``, and read every difference.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases.reading import what_becomes_of

FILES = Path(__file__).parent / "files"
VALUES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "values.yaml").read_text(encoding="utf-8"))


def test_every_file_is_in_the_table() -> None:
    assert sorted(VALUES) == sorted(file.name for file in FILES.iterdir())


@pytest.mark.parametrize("name", VALUES)
def test_a_file_has_its_right_values(name: str) -> None:
    assert what_becomes_of(FILES / name) == VALUES[name]
