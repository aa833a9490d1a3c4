"""YAML as the mapping language reads it: JSON's values, every line known."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import read_yaml

Write = Callable[[str], Path]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("True", "True"),
        ("true", True),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("010", "010"),
        ("0", 0),
        ("-7", -7),
        ("0.2", 0.2),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("~", None),
        ("''", ""),
        ("9999999999999999999999", "9999999999999999999999"),
        ("<<", "<<"),
    ],
)
def test_scalars_are_json_not_yaml_1_1(mapping_file: Write, text: str, value: object) -> None:
    read = read_yaml(mapping_file(f"a: {text}\n")).value["a"]
    assert (read, type(read)) == (value, type(value))


def test_every_key_and_item_has_its_line(mapping_file: Write) -> None:
    document = read_yaml(mapping_file("# why\na:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n"))
    assert document.value == {"a": {"b": 1, "c": ["x", {"d": 2}]}}
    assert document.lines[("a",)] == 2
    assert document.lines["a", "b"] == 3
    assert document.lines["a", "c", 1, "d"] == 6


def test_an_error_points_at_the_nearest_known_line(mapping_file: Write) -> None:
    document = read_yaml(mapping_file("a: 1\nb: {c: 2}\n"))
    assert document.error("?", ("b", "x", 3)).line == 2
    assert document.error("?", ("z",)).line == 1


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 0, "the file is empty"),
        ("# only a comment\n", 0, "the file is empty"),
        ("a: 1\n\tb: 2\n", 2, "no tabs"),
        ("a:\n\t- 1\n", 2, "no tabs"),
        ("a: [1, 2\nb: 3\n", 2, "not YAML"),
        ("a: 'open\n", 2, "not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not YAML"),
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases"),
        ("a: *x\n", 1, "anchors and aliases"),
        ("a: " + "[" * 1000 + "]" * 1000, 0, "nested too deeply"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(
    mapping_file: Write, text: str, line: int, message: str
) -> None:
    with pytest.raises(BadMappingError) as caught:
        read_yaml(mapping_file(text))
    assert caught.value.line == line
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "`a` is given twice, first in line 1"),
        ("a: !!python/object:os.system x\n", 1, "is not part of the language"),
        ("a: !!int x\n", 1, "is not part of the language"),
        ("? [a]\n: 1\n", 1, "a key must be text"),
        ('a: 1\nb: "x\\ud800"\n', 2, "half a character"),
        ('a: 1\n"x\\udfff": 1\n', 2, "half a character"),
    ],
)
def test_yaml_beyond_the_language_is_a_problem(
    mapping_file: Write, text: str, line: int, message: str
) -> None:
    [problem] = read_yaml(mapping_file(text)).problems
    assert problem.line == line
    assert message in str(problem)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("a: ü".encode("latin-1"))
    for path, message in (
        (tmp_path / "none.yaml", "there is no such file"),
        (tmp_path, "cannot be read"),
        (tmp_path / "latin.yaml", "not UTF-8"),
    ):
        with pytest.raises(BadMappingError, match=message):
            read_yaml(path)


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    (tmp_path / "bom.yaml").write_bytes("a: 1".encode("utf-8-sig"))
    assert read_yaml(tmp_path / "bom.yaml").value == {"a": 1}


@given(
    st.one_of(st.text(), st.text(st.sampled_from("ab:-[]{}#&*!|>'\"%@` \n\t,?0\0\x85\ufeff"), max_size=30))
)
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(BadMappingError):
        read_yaml(path)
