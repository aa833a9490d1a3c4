"""The tests are apart from whoever runs them: no setting, server, profile or ``.env`` of theirs counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from prefect.settings import PREFECT_API_URL, PREFECT_HOME, PREFECT_LOGGING_LEVEL

from tasks.core.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]

THEIRS = """
PREFECT_API_URL=http://127.0.0.1:1/api
PREFECT_LOGGING_LEVEL=DEBUG
LUSHA_CONNECT_HUB_URL=sqlite:///theirs.db
LUSHA_CONNECT_MISSPELT=1
"""


def test_no_setting_is_the_developers() -> None:
    assert PREFECT_API_URL.value() != "http://127.0.0.1:1/api"
    assert PREFECT_LOGGING_LEVEL.value() != "DEBUG"
    assert PREFECT_HOME.value() != Path.home() / ".prefect"
    assert load_settings() == Settings(_env_file=None)


def test_nor_is_one_of_an_env_file_where_the_tests_are_started(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(THEIRS, encoding="utf-8")
    one = f"{__file__}::{test_no_setting_is_the_developers.__name__}"
    words = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:randomly",
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(ROOT),
    ]
    done = subprocess.run(
        [sys.executable, *words, one], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
