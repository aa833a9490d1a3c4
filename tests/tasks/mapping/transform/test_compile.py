"""Compiling a mapping: every name is looked up before any record, every mistake has its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import BadMappingError
from tasks.mapping.language import Mapping, load_mapping, shipped_mappings
from tasks.mapping.transform.compile import compile_mapping

Load = Callable[..., Mapping]


def mapped(mapping: Mapping, record: dict[str, Any]) -> Any:
    return compile_mapping(mapping).rows([{"id": "1", **record}])[0]


@pytest.mark.parametrize("path", shipped_mappings(), ids=lambda path: path.stem)
def test_every_shipped_mapping_compiles(path: Path) -> None:
    compile_mapping(load_mapping(path))


@pytest.mark.parametrize(
    ("field", "message", "remedy"),
    [
        ("emial: {from: email}", "`emial` is not a field of hub.contact", "`email`"),
        ("email: {from: email, clean: emial}", "unknown transform `emial`", "`email`"),
        ("email: {from: email, clean: [text, Email]}", "unknown transform `Email`", "`email`"),
        ("email: {from: email, clean: {email: {x: 1}}}", "`email` has no options", "its name alone"),
        ("phone: {from: phone, clean: {phone: {regoin: c}}}", "has no option `regoin`", "`region`"),
        ("phone: {from: phone, clean: {phone: {region: a..b}}}", "is not a path", "double quotes"),
        ("phone: {from: phone, clean: {phone: {region: 3}}}", "3 is no value for `region`", ""),
        ("phone: {from: phone, clean: {phone: {default_region: Germany}}}", "is no country", "ISO 3166"),
        ("city: {from: city, clean: truncate}", "`truncate` needs the option `length`", ""),
        ("city: {from: city, clean: {truncate: {length: true}}}", "true is no value for `length`", ""),
        ("city: {from: 'a..b'}", "is not a path", ""),
        ("city: {from: 'joim(a, b)'}", "unknown function `joim`", "`join`"),
        ("dnd: {value: maybe}", "`value`: 'maybe' is no boolean", ""),
        ("date_added: {from: a, clean: timestamp, default: soon}", "`default`: 'soon' is no date", ""),
        ("city: {from: a, policy: add}", "`add` is for lists and objects", ""),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_nearest_word(
    mapping_of: Load, field: str, message: str, remedy: str
) -> None:
    with pytest.raises(BadMappingError) as caught:
        compile_mapping(mapping_of(f"name: {{from: name}}\n{field}"))
    assert caught.value.line == 6
    assert message in caught.value.what
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("source: highlevel.contact", "source: highlevel.contacts", 1, "did you mean `highlevel.contact`?"),
        ("target: hub.contact", "target: hubb.contact", 2, "did you mean `hub.contact`?"),
        ("  id: {from: id}", "  name: {from: id}", 3, "hub.contact needs `id`"),
    ],
)
def test_streams_and_required_fields(
    mapping_of: Load, mapping_file: Callable[[str], Path], old: str, new: str, line: int, message: str
) -> None:
    text = Path(mapping_of().file).read_text().replace(old, new)
    with pytest.raises(BadMappingError, match=message) as caught:
        compile_mapping(load_mapping(mapping_file(text)))
    assert caught.value.line == line


def test_all_mistakes_are_told_at_once(mapping_of: Load) -> None:
    with pytest.raises(BadMappingError) as caught:
        compile_mapping(mapping_of("emial: {from: a}\ncity: {from: 'a..b'}\nstate: {from: a, clean: txt}"))
    assert [problem.line for problem in (caught.value, *caught.value.others)] == [5, 6, 7]


@pytest.mark.parametrize(
    ("field", "record", "value"),
    [
        ("city: {from: city}", {"city": "Wien"}, "Wien"),
        ("city: {from: a.b}", {"a": {"b": "Wien"}}, "Wien"),
        ("city: {from: \"join('-', [a, b])\"}", {"a": "x", "b": "y"}, "x-y"),
        ("city: {from: city, clean: [text, upper]}", {"city": " wien "}, "WIEN"),
        ("city: {from: city, clean: [text, upper]}", {"city": " "}, None),
        ("city: {from: city, default: Wien}", {}, "Wien"),
        ("city: {from: city, clean: upper, default: Wien}", {"city": " "}, "WIEN"),
        ("city: {value: Wien}", {"city": "Graz"}, "Wien"),
        ("city: {from: cities, clean: [first, text]}", {"cities": ["", " Wien"]}, "Wien"),
        ("tags: {value: [a, b]}", {}, ["a", "b"]),
        ("phone: {from: p, clean: {phone: {region: c}}}", {"p": "0171 1234567", "c": "DE"}, "+491711234567"),
        ("phone: {from: p, clean: phone, on_failure: drop}", {"p": "0171 1234567"}, None),
        (
            "phone: {from: p, clean: [first, {phone: {region: c}}]}",
            {"p": ["+43 1 71100"], "c": 1},
            "+43171100",
        ),
        (
            "phone: {from: p, clean: {phone: {region: c, default_region: US}}}",
            {"p": "2125550123"},
            "+12125550123",
        ),
    ],
)
def test_what_a_field_is_filled_with(
    mapping_of: Load, field: str, record: dict[str, Any], value: Any
) -> None:
    name = field.partition(":")[0]
    assert mapped(mapping_of(field), record)[name] == value


def test_a_constant_list_is_not_shared_between_rows(mapping_of: Load) -> None:
    rows: list[Any] = compile_mapping(mapping_of("tags: {value: [a]}")).rows([{"id": "1"}, {"id": "2"}])
    assert rows[0] == {"id": "1", "tags": ["a"]}
    rows[0]["tags"].append("b")
    assert rows[1] == {"id": "2", "tags": ["a"]}


def test_a_field_the_mapping_requires(mapping_of: Load) -> None:
    reject = mapped(mapping_of("city: {from: city, clean: text, required: true}"), {"city": " "})
    assert [reason.label for reason in reject.reasons] == ["required(city)"]


@pytest.mark.parametrize(
    ("field", "what"),
    [
        (
            "name: {from: a, required: true, on_failure: drop}",
            "`name` is required: its value cannot be dropped",
        ),
        ("dnd: {from: a, on_failure: warn}", "a value that is no boolean cannot stay"),
        ("date_of_birth: {from: a, clean: {date: {order: ymd}}}", "'ymd' is no value for `order`"),
        ("date_of_birth: {from: a, clean: {date: {epoch: days}}}", "'days' is no value for `epoch`"),
        ("phone: {from: a, clean: {phone: {extension: note}}}", "`note` is not a field of this mapping"),
        ("phone: {from: a, clean: {phone: {extension: dnd}}}\ndnd: {from: b}", "`dnd` holds no text"),
        ("city: {from: a, clean: {blank: {but: na}}}", "'na' is no value for `but`"),
    ],
)
def test_what_cannot_be_done_with_a_value_is_told(mapping_of: Load, field: str, what: str) -> None:
    with pytest.raises(BadMappingError) as caught:
        compile_mapping(mapping_of(field))
    assert what in str(caught.value)
