"""``stop_when``: from which share on a run stops, and what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tasks.core.batch import UNKNOWN, Reason, Reject
from tasks.core.errors import StoppedError, TooManyRejectsError
from tasks.mapping.checks.stop import reasons, stop_if_too_bad
from tasks.mapping.language import Mapping

Load = Callable[..., Mapping]


def rejects(bad: int) -> list[Reject]:
    return [
        Reject(
            f"bad{place}",
            [Reason("required", "id", "?"), Reason("clean", "phone", "?"), Reason("clean", "phone", "!")][
                : place + 1
            ],
            "{}",
        )
        for place in range(bad)
    ]


@pytest.mark.parametrize(
    ("good", "bad", "stops"),
    [
        (80, 20, True),
        (81, 19, False),
        (8, 2, True),
        (7, 2, False),
        (0, 10, True),
        (0, 0, False),
        (100, 0, False),
    ],
)
def test_a_share_reached_stops_batches_that_are_large_enough(
    mapping_of: Load, good: int, bad: int, stops: bool
) -> None:
    mapping = mapping_of(rest="stop_when: {rejected_share: 0.2}\n")
    if stops:
        with pytest.raises(TooManyRejectsError):
            stop_if_too_bad(mapping, good + bad, rejects(bad))
    else:
        stop_if_too_bad(mapping, good + bad, rejects(bad))


def test_without_stop_when_nothing_stops(mapping_of: Load) -> None:
    stop_if_too_bad(mapping_of(), 100, rejects(100))


def test_of_whom_nothing_is_known_is_no_fault_of_the_source(mapping_of: Load) -> None:
    mapping = mapping_of(rest="stop_when: {rejected_share: 0.2}\n")
    unknown = [Reject(f"unknown{place}", [Reason(UNKNOWN, "", "?")], "{}") for place in range(90)]
    stop_if_too_bad(mapping, 100, [*unknown, *rejects(1)])
    with pytest.raises(TooManyRejectsError):
        stop_if_too_bad(mapping, 100, [*unknown, *rejects(2)])


def test_the_message_tells_the_reasons_with_a_few_ids(mapping_of: Load) -> None:
    mapping = mapping_of(rest="stop_when: {rejected_share: 0.2}\n")
    with pytest.raises(TooManyRejectsError) as caught:
        stop_if_too_bad(mapping, 10, rejects(5))
    error = caught.value
    assert isinstance(error, StoppedError)
    assert error.counts == {"required(id)": 5, "clean(phone)": 4}
    assert error.examples == {
        "required(id)": ["bad0", "bad1", "bad2"],
        "clean(phone)": ["bad1", "bad2", "bad3"],
    }
    assert "example: 5 of 10 records rejected, 50%; the mapping stops at 20%" in str(error)
    assert "required(id) 5 times (e.g. bad0, bad1, bad2); clean(phone) 4 times" in str(error)


def test_a_reason_counts_once_per_record() -> None:
    assert reasons(rejects(3))[0] == {"required(id)": 3, "clean(phone)": 2}
