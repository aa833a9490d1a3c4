"""Great Expectations at arm's length: imported late, and silent."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from tasks.mapping.checks import engine

ROOT = Path(__file__).parents[4]

PROGRAM = """
import logging, sys
logging.basicConfig(format="%(name)s %(message)s")  # warnings and worse go to stderr
from pathlib import Path
from tasks.core.batch import Batch
from tasks.mapping.language import load_mapping
from tasks.mapping.checks.checks import Checker, compile_checks
from tasks.mapping.transform.compile import compile_mapping
mapping = load_mapping(Path("mappings/highlevel_contact.yaml"))
mapper = compile_mapping(mapping)
record = {"id": "1", "email": "bad", "dateAdded": "2024-01-01T00:00:00Z"}
batch = Batch("highlevel.contact", "location", [record], position={})
checker = Checker(mapping)
assert checker.by_row
assert checker.check(mapper.apply(batch, list)).settled == ["1"]
assert "great_expectations" not in sys.modules and "pandas" not in sys.modules, "imported too early"
checker = compile_checks(mapping)
assert len(checker.check(mapper.apply(batch)).rejects) == 1
assert not any(Path(sys.argv[1]).iterdir()), "files were left"
"""


def test_it_is_imported_when_there_is_something_to_judge_and_says_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_two_runs_of_one_process_judge_each_its_own_rows() -> None:
    gx = engine.load()
    wanted = gx.expectations.ExpectColumnValuesToNotBeNull(column="a")
    validates = [engine.validation(f"m{n}", [wanted]) for n in range(2)]

    def bad_rows(place: int) -> set[tuple[int, ...]]:
        rows = pd.DataFrame({"a": [None if n == place else n for n in range(50)]}, dtype=object)
        verdicts = (next(iter(validates[place](rows))) for _ in range(40))
        return {tuple(verdict.result["unexpected_index_list"]) for verdict in verdicts}

    with ThreadPoolExecutor() as threads:
        assert list(threads.map(bad_rows, range(2))) == [{(0,)}, {(1,)}]
