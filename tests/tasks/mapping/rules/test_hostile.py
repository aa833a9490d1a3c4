"""Whatever a file or a record says: a mistake in the file, or a reject of the rule; no code is run."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Document
from tasks.mapping.rules.compile import compile_rules
from tasks.mapping.rules.conditions import compile_condition
from tasks.mapping.rules.filters import FILTERS
from tasks.mapping.rules.language import understood
from tasks.mapping.rules.moments import At, WorkingDays
from tasks.mapping.rules.operators import OPERATORS
from tasks.mapping.rules.refusal import CannotEvaluateError
from tasks.mapping.rules.rows import compile_row
from tasks.mapping.rules.scope import Scope

AT = At(dt.datetime(2026, 12, 22, 10, 30, tzinfo=dt.UTC), WorkingDays(dt.UTC))

TEXTS = st.text(max_size=20) | st.text("{}|'\":`.[]()&?*@!=<>,$\\0129abct \u200b\0", max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXTS
    | st.sampled_from(
        ["now", "2026-12-22", "9999-12-31", "0001-01-01T00:00+14:00", "3 days", "100 years", "09:00"]
    )
)
JSON = st.recursive(SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXTS, one, max_size=3))
MOMENTS = st.dates() | st.datetimes() | st.datetimes(timezones=st.just(dt.UTC))
HELD = JSON | MOMENTS
PATHS = st.sampled_from(
    [
        *("contact.custom.a", "contact.tags", "contact.type", "contact.date_added", "record.id", "now"),
        *("change.fields", "tasks[*].title", "length(contact.tags)", "contact.custom.[a, b]", "location.x"),
    ]
)
OPERANDS = HELD.filter(lambda one: not isinstance(one, dt.date)) | st.builds(lambda one: {"path": one}, PATHS)


def conditions() -> st.SearchStrategy[Any]:
    test = st.builds(
        lambda path, name, operand: {path: {name: operand}},
        PATHS | TEXTS,
        st.sampled_from(sorted(OPERATORS)) | TEXTS,
        OPERANDS,
    )
    return st.recursive(
        test | JSON,
        lambda one: st.builds(
            lambda key, some: {key: some},
            st.sampled_from(["all", "any", "not"]),
            st.lists(one, max_size=3) | one,
        ),
        max_leaves=5,
    )


def values() -> st.SearchStrategy[Any]:
    steps = st.builds(
        lambda path, name, argument: f"a {{{path} | {name}{argument}}} b",
        PATHS | TEXTS,
        st.sampled_from(sorted(FILTERS)) | TEXTS,
        st.sampled_from(["", ": 'x'", ": 5", ": contact.type", ": 'DD.MM.YYYY'"]) | TEXTS,
    )
    dates = st.fixed_dictionaries({}, optional={"in": SCALARS, "at": SCALARS, "from": PATHS | SCALARS})
    return st.recursive(
        steps | dates | TEXTS | PATHS | JSON,
        lambda one: (
            st.builds(
                lambda key, some: {key: some},
                st.sampled_from(["first", "round_robin", "path", "choose"]),
                st.lists(one, max_size=3),
            )
            | st.builds(
                lambda condition, some: {"choose": [{"if": condition, "value": some}, {"else": some}]},
                conditions(),
                one,
            )
        ),
        max_leaves=5,
    )


CONTACTS = st.fixed_dictionaries(
    {"type": HELD, "tags": HELD, "date_added": HELD, "custom": st.fixed_dictionaries({"a": HELD, "b": HELD})}
)
CONTEXTS = st.fixed_dictionaries(
    {
        "contact": CONTACTS | st.none(),
        "tasks": st.lists(st.fixed_dictionaries({"title": HELD, "due_date": HELD}), max_size=2) | HELD,
        "change": st.fixed_dictionaries(
            {"fields": st.dictionaries(st.sampled_from(["type", "tags"]), st.tuples(HELD, HELD))}
        )
        | st.none(),
        "location": HELD,
    },
)


def scope() -> Scope:
    return Scope(Document("rules.yaml"), "key", "hub.contact")


@given(conditions(), CONTEXTS)
def test_whatever_a_condition_says(said: Any, context: dict[str, Any]) -> None:
    view = {**context, "now": AT.now, "today": AT.today}
    with suppress(BadMappingError, CannotEvaluateError):
        condition = compile_condition(said, ("if",), scope())
        assert isinstance(condition.holds(view, AT), bool)
        assert isinstance(condition.why(view, AT), str)


@given(
    st.sampled_from(["highlevel.contact", "highlevel.crm_task", "highlevel.note", "notice"]),
    st.sampled_from(["tags", "custom.a", "title", "dueDate", "body", "dateOfBirth", "channel", "dnd"])
    | TEXTS,
    values(),
    CONTEXTS,
)
def test_whatever_a_row_says(target: str, name: str, said: Any, context: dict[str, Any]) -> None:
    view = {**context, "now": AT.now, "today": AT.today}
    needed = {"title": "x", "body": "x", "channel": "x", "text": "x"}
    for fields in ({name: said}, {**needed, name: said}):
        with suppress(BadMappingError, CannotEvaluateError):
            assert isinstance(compile_row({target: fields}, (), scope()).read(view, AT), dict)


ON = st.fixed_dictionaries(
    {"stream": st.just("hub.contact") | TEXTS}, optional={"when": JSON, "fields": JSON, "passed": TEXTS}
)
CALENDAR = st.fixed_dictionaries(
    {}, optional={"country": TEXTS, "subdivision": TEXTS, "zone": TEXTS, "closed": JSON}
)
RULE = st.fixed_dictionaries(
    {
        "key": st.just("a") | TEXTS,
        "then": st.lists(
            st.fixed_dictionaries({"highlevel.note": st.fixed_dictionaries({"body": values()})}), max_size=2
        )
        | JSON,
    },
    optional={"if": conditions(), "on": ON | JSON, "at_most": SCALARS},
)
FRAME = st.fixed_dictionaries(
    {"rules": st.lists(RULE, max_size=2) | JSON},
    optional={"on": ON, "calendar": CALENDAR | JSON, "at_most": SCALARS},
)


@given(FRAME | JSON, CONTEXTS)
def test_whatever_a_file_says(frame: Any, context: dict[str, Any]) -> None:
    with suppress(BadMappingError):
        for rule in compile_rules(understood(Document("rules.yaml", frame))).rules:
            with suppress(CannotEvaluateError):
                if rule.holds(context, AT):
                    rule.rows(context, AT)


@pytest.mark.parametrize(
    "text",
    [
        "{__import__('os').system('touch /tmp/run')}",
        "{contact.__class__.__mro__}",
        "{contact.custom.__class__}",
        "{contact.first_name.upper()}",
        "{0}",
        "%(contact)s",
        "${contact}",
        "{contact.first_name!r:>9}",
    ],
)
def test_no_code_is_run(text: str) -> None:
    view = {"contact": {"first_name": "Ann", "custom": {}}, "now": AT.now, "today": AT.today}
    with suppress(BadMappingError):
        row = compile_row({"highlevel.contact": {"city": text}}, (), scope()).read(view, AT)
        assert row.get("city") in (None, "%(contact)s")


@pytest.mark.parametrize(
    "path",
    [
        "[@,@][] | [@,@][] | [@,@][] | contact.type",
        "to_string([to_string([to_string([contact.type])])])",
        "map(&map(&`1`, `[1,1,1]`), `[1,1,1]`)",
        "{a: {a: {a: contact.type}}}",
        " || ".join(["contact.type"] * 40) + " || ((((" * 50,
    ],
)
def test_a_path_that_would_grow_without_end_is_refused(path: str) -> None:
    with pytest.raises(BadMappingError):
        scope().path(path, ())


def test_a_pattern_that_hangs_a_regular_expression_is_judged_at_once() -> None:
    condition = compile_condition({"contact.type": {"like": "*a" * 100}}, (), scope())
    view = {"contact": {"type": "a" * 60_000 + "b"}}
    assert not condition.holds(view, AT)
