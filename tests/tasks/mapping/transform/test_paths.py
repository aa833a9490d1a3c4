"""Paths: the fast way means what JMESPath means, and mistakes are found when compiling."""

from __future__ import annotations

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform.paths import BadPathError, compile_path
from tasks.mapping.transform.refusal import RefusedValueError

RECORD = {
    "name": "Ada",
    "company": {"name": "Engines", "size": 0},
    "emails": [{"type": "home", "email": "a@x.com"}, {"type": "work", "email": "b@x.com"}],
    "my-key": 1,
    "empty": "",
    "none": None,
}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("name", "Ada"),
        ("company.name", "Engines"),
        ("company.name.more", None),
        ("name.more", None),
        ("nothing", None),
        ("empty || name", "Ada"),
        ("none || nothing || company.name", "Engines"),
        ("company.size || name", 0),
        ('"my-key"', 1),
        ("emails[?type=='work'] | [0].email", "b@x.com"),
        ("emails[].email", ["a@x.com", "b@x.com"]),
        ("length(emails)", 2),
        ("join(' ', [name, company.name])", "Ada Engines"),
    ],
)
def test_what_a_path_finds(expression: str, found: Any) -> None:
    assert compile_path(expression)(RECORD) == found


@pytest.mark.parametrize(
    ("expression", "message", "remedy"),
    [
        ("", "it is empty", "double quotes"),
        ("a.", "`a.` is not a path: it ends too early", "double quotes"),
        ("a..b", "`.` in column 3", "double quotes"),
        ("my-key", "`-` in column 3", "double quotes"),
        ("a = 'b'", "`=` in column 3", "double quotes"),
        ("emails[?type=='work'", "it ends too early", "double quotes"),
        ("8Kf.value", "not a path", "double quotes"),
        ("joim(', ', tags)", "unknown function `joim`", "`join`"),
        ("a || {x: lenght(b)}", "unknown function `lenght`", "`length`"),
        ("length(a, b)", "`length` takes 1 argument, not 2", ""),
        ("join(a)", "`join` takes 2 arguments, not 1", ""),
        ("(" * 2_000 + "a" + ")" * 2_000, "nested too deeply", ""),
    ],
)
def test_a_mistake_is_found_when_compiling(expression: str, message: str, remedy: str) -> None:
    with pytest.raises(BadPathError) as caught:
        compile_path(expression)
    assert message in str(caught.value)
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("expression", ["length(name2)", "join(', ', emails)", "sort(emails)", "abs(name)"])
def test_a_function_that_does_not_suit_the_record_refuses_the_value(expression: str) -> None:
    with pytest.raises(RefusedValueError) as caught:
        compile_path(expression)(RECORD)
    assert caught.value.rule == "shape"
    assert expression in caught.value.message


KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.sampled_from([None, False, True, 0, 0.0, 1, "", "x", [], ["y"]]),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
)
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(".".join)


@given(st.lists(DOTTED, min_size=1, max_size=3).map(" || ".join), st.dictionaries(KEYS, VALUES, max_size=3))
def test_the_fast_way_means_what_jmespath_means(expression: str, record: dict[str, Any]) -> None:
    ours, theirs = compile_path(expression)(record), jmespath.search(expression, record)
    assert (ours, type(ours)) == (theirs, type(theirs))
