"""The errors: a class says what to do, a message says what was done, and none loses its parts on the way."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest

from tasks.core import errors
from tasks.core.errors import (
    BadConfigurationError,
    BadMappingError,
    ConnectionFaultError,
    DuplicateContactError,
    InvalidRequestError,
    LushaConnectError,
    RateLimitedError,
    Recovery,
    RefusedError,
    RetryableError,
    StoppedError,
    TooManyRejectsError,
)

EVERY = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, LushaConnectError) and kind is not LushaConnectError
]
BRANCHES = {RetryableError: Recovery.RETRY, RefusedError: Recovery.REFUSE, StoppedError: Recovery.STOP}

WITH_PARTS: list[LushaConnectError] = [
    RateLimitedError("429", wait=3.5),
    ConnectionFaultError("reset", sent=False),
    InvalidRequestError("no", fields=("companyName",)),
    DuplicateContactError("there", contact_id="c1", matching_field="email"),
    TooManyRejectsError("too many", counts={"required(id)": 12}, examples={"required(id)": ["a"]}),
    BadMappingError("unknown word", file="m.yaml", line=3, others=(BadMappingError("b", file="m.yaml"),)),
]


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_is_of_one_branch_which_says_what_to_do(kind: type[LushaConnectError]) -> None:
    [branch] = [branch for branch in BRANCHES if issubclass(kind, branch)]
    assert kind.recovery is BRANCHES[branch]


@pytest.mark.parametrize("kind", EVERY)
def test_the_tree_in_the_docstring_names_it(kind: type[LushaConnectError]) -> None:
    assert f"── {kind.__name__} " in str(errors.__doc__)


@pytest.mark.parametrize("error", WITH_PARTS, ids=lambda error: type(error).__name__)
def test_nothing_is_lost_between_processes(error: LushaConnectError) -> None:
    error.remedy = "Wait."
    error.note_done("5 read")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)

    def plain(one: LushaConnectError) -> dict[str, Any]:
        return {name: str(value) for name, value in vars(one).items()}

    assert plain(again) == plain(error)


def test_what_was_done_before_is_told_below_the_remedy() -> None:
    error = BadConfigurationError("No token.", remedy="Set one.")
    error.note_done("")
    assert str(error) == "No token.\n  → Set one."
    error.note_done("500 read")
    error.note_done("")
    error.note_done("2 plans made")
    assert str(error) == "No token.\n  → Set one.\n  Done before, and kept: 500 read; 2 plans made."


def test_problems_of_one_file_are_told_in_the_order_of_their_lines() -> None:
    problems = [BadMappingError(f"line {line}", file="m.yaml", line=line) for line in (9, 2, 5)]
    told = str(BadMappingError.of(problems)).splitlines()
    assert told == ["m.yaml:2: line 2", "m.yaml:5: line 5", "m.yaml:9: line 9"]


def test_a_problem_without_a_line_names_the_file_alone() -> None:
    assert str(BadMappingError("empty", file="m.yaml")) == "m.yaml: empty"
