"""Values that did not go in, counted for a person."""

from __future__ import annotations

from tasks.core.left_out import LeftOut


def test_batches_add_up_and_show_a_few_examples_of_each_problem() -> None:
    whole = LeftOut()
    for batch in (["a", "b"], ["b", "c", "d"]):
        found = LeftOut()
        for value in batch:
            found.note("city", "is odd", value)
            found.count("city", lost=True, kept=False)
        found.count("city", lost=False, kept=True)
        whole.add(found)
    assert whole.plain() == [{"field": "city", "problem": "is odd", "values": 5, "examples": ["a", "b", "c"]}]
    assert whole.rows() == [("city", "is odd", "5", "a, b, c")]
    assert whole.alarms() == ["Most of `city` was left out: 5 of 7 values."]


def test_a_few_values_are_no_alarm() -> None:
    found = LeftOut()
    for _ in range(4):
        found.count("city", lost=True, kept=False)
    assert found.alarms() == []
