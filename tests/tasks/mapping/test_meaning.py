"""What a record's row depends on is told by one hash: where it stays, no row would become another one."""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.mapping import meaning as module
from tasks.mapping.language import Mapping, load_mapping
from tasks.mapping.meaning import LIBRARIES, PARTS, TASKS, meaning

MAPS_AND_CHECKS = ("tasks.mapping.transform.compile", "tasks.mapping.checks.checks")
READ_THE_MAPPING = {"pydantic", "pydantic_core", "yaml", "mappings"}
"""What is asked about the mapping, and not about a record."""

SPELL_THE_TEXT = {"orjson"}
"""What makes the record's text, by which it is compared."""

TEXT = """\
source: highlevel.contact
target: hub.contact
fields:
  id: {from: id}
  city: {from: city, clean: text}
checks:
  - {expect: expect_column_values_to_not_be_null, column: city, on_failure: warn}
"""


@pytest.fixture
def meaning_of(mapping_file: Callable[[str], Path]) -> Callable[[str], str]:
    return lambda text: meaning(load_mapping(mapping_file(text)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("clean: text", "clean: upper"),
        ("from: city", "from: town"),
        ("on_failure: warn", "on_failure: drop"),
        ("not_be_null", "be_null"),
        ("fields:\n", "fields:\n  state: {from: state}\n"),
        ("checks:\n", "stop_when: {rejected_share: 0.5}\nchecks:\n"),
    ],
)
def test_another_meaning_has_another_hash(meaning_of: Callable[[str], str], old: str, new: str) -> None:
    assert old in TEXT
    assert meaning_of(TEXT.replace(old, new)) != meaning_of(TEXT)


def test_comments_and_spaces_mean_nothing(meaning_of: Callable[[str], str]) -> None:
    assert meaning_of(f"# a remark\n{TEXT.replace('{from: city', '{ from:  city')}") == meaning_of(TEXT)


@pytest.fixture
def anew(mapping_of: Callable[..., Mapping]) -> Iterator[Callable[[], str]]:
    """The hash as another process would have it."""
    mapping = mapping_of()

    def told() -> str:
        module._program.cache_clear()
        return meaning(mapping)

    yield told
    module._program.cache_clear()


def test_another_program_means_something_else(
    anew: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = anew()
    for part in PARTS:
        shutil.copytree(TASKS / part, tmp_path / part)
    monkeypatch.setattr(module, "TASKS", tmp_path)
    assert anew() == before
    with (tmp_path / "mapping" / "transform" / "clean.py").open("a", encoding="utf-8") as file:
        file.write("# another rule\n")
    assert anew() != before


def test_another_library_means_something_else_and_so_does_another_python(
    anew: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, known = anew(), module.version
    with monkeypatch.context() as patch:
        patch.setattr(module, "version", lambda name: known(name) + "1" * (name == "phonenumbers"))
        assert anew() != before
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version", f"{sys.version} of tomorrow")
        assert anew() != before
    assert anew() == before


def test_all_that_maps_and_checks_counts() -> None:
    """Whatever the code imports, at the beginning or late: this program's parts, and libraries by version."""
    found = set(MAPS_AND_CHECKS)
    waiting = list(found)
    while waiting:
        for name in _imports(_file(waiting.pop())) - found:
            found.add(name)
            waiting += [name] if name.startswith("tasks.") else []
    ours = {name for name in found if name.startswith("tasks.")}
    assert {name.split(".")[1] for name in ours} <= set(PARTS)
    asked = {name.partition(".")[0] for name in found - ours} - sys.stdlib_module_names
    assert {name.replace("-", "_") for name in LIBRARIES} == asked - READ_THE_MAPPING - SPELL_THE_TEXT


def _file(name: str) -> Path:
    path = TASKS.joinpath(*name.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _imports(file: Path) -> set[str]:
    return set(_named(ast.parse(file.read_text(encoding="utf-8"))))


def _named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module.startswith("tasks."):
                inner = (f"{node.module}.{one.name}" for one in node.names)
                yield from (name for name in inner if _file(name).is_file())
