"""The order of the tests: none is lost, and each worker begins with what is heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.order import LONG, arranged


@dataclass(frozen=True)
class Item:
    number: int
    path: Path
    fixturenames: tuple[str, ...]


def made(prefect: int, office: int, light: int) -> list[Item]:
    kinds = ["prefect_api"] * prefect + ["small_sandbox"] * office + ["tmp_path"] * light
    return [Item(n, Path(f"test_{kind}.py"), (kind,)) for n, kind in enumerate(kinds)]


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("counts", [(0, 0, 0), (3, 2, 1), (40, 30, 130), (100, 0, 1), (0, 90, 5), (1, 1, 70)])
def test_every_test_runs_once(counts: tuple[int, int, int], workers: int) -> None:
    items = made(*counts)
    found = arranged(items, workers)
    assert sorted(item.number for item in found) == list(range(len(items)))


def test_two_workers_begin_with_a_server_each() -> None:
    found = arranged(made(40, 30, 130), 2)
    firsts = [found[:100], found[100:]]
    assert [{item.fixturenames for item in first[:30]} for first in firsts] == [
        {("prefect_api",)},
        {("small_sandbox",)},
    ]
    assert {first[-1].fixturenames for first in firsts} == {("tmp_path",)}


def test_what_takes_long_is_first_of_its_kind() -> None:
    items = [*made(5, 0, 5), Item(10, Path(LONG[0]), ("prefect_api",))]
    assert arranged(items, 2)[0].number == 10


def test_what_takes_long_and_needs_no_server_is_not_left_for_the_end() -> None:
    items = [*made(5, 5, 20), Item(30, Path(LONG[0]), ("tmp_path",))]
    assert [item.number for item in arranged(items, 2)].index(30) == 15  # the second worker's first


def test_one_worker_keeps_the_order() -> None:
    items = made(2, 2, 2)[::-1]
    assert arranged(items, 1) == items


def test_the_long_ones_are_there() -> None:
    there = {file.name for file in Path(__file__).parent.rglob("test_*.py")}
    assert set(LONG) <= there
