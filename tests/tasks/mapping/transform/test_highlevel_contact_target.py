"""The target stream ``highlevel.contact``: its fields, custom fields by key, what a plan makes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tasks.core.batch import Reject
from tasks.core.errors import BadMappingError
from tasks.hub.spec import PlanSpec
from tasks.mapping.language import Mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.plan.spec import spec_of
from tasks.streams import HIGHLEVEL_CONTACT, HUB_CONTACT, FieldType, Policy, Written

Load = Callable[..., Mapping]
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def target_of(mapping_file: Callable[[str], Path]) -> Load:
    """A mapping of a file into HighLevel's contacts that fills ``id``, with further lines."""

    def load(fields: str = "", match: str = "[link]") -> Mapping:
        lines = "".join(f"  {line}\n" for line in fields.splitlines())
        head = (
            f"source: file.contact\ntarget: highlevel.contact\nmatch: {match}\nfields:\n  id: {{from: id}}\n"
        )
        return load_mapping(mapping_file(head + lines))

    return load


def mapped(mapping: Mapping, **record: Any) -> Any:
    return compile_mapping(mapping).rows([{"id": "1", **record}])[0]


def spec(mapping: Mapping, **custom: str) -> PlanSpec:
    return spec_of(mapping, location_id="loc", system="file", source="file", as_of=AS_OF, custom=custom)


@pytest.mark.parametrize(
    ("field", "given", "value"),
    [
        (
            "asOf: {from: x, clean: timestamp}",
            "2026-01-02T03:04:05Z",
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        ),
        ("dateOfBirth: {from: x, clean: date}", "1990-02-03", date(1990, 2, 3)),
        ("tags: {from: x, clean: tags, policy: add}", "a, b", ["a", "b"]),
        ("note: {from: x, clean: multiline}", "one\ntwo", "one\ntwo"),
        ("business: {from: x, clean: domain}", "https://www.acme.example/about", "acme.example"),
        ("task: {from: x}", {"title": "Call"}, {"title": "Call"}),
        ("custom.lead_id: {from: x}", 7, 7),
        ("custom.lead_id: {from: x, clean: text}", 7, "7"),
        ("custom.colours: {from: x, clean: tags}", "red, blue", ["red", "blue"]),
        ("custom.agreed: {from: x, clean: boolean}", "yes", True),
        ("custom.a.b: {from: x}", "dots are part of a key", "dots are part of a key"),
        ("custom.lead_id: {from: x}", "", None),
    ],
)
def test_what_a_field_is_filled_with(target_of: Load, field: str, given: Any, value: Any) -> None:
    name = field.partition(": ")[0]
    assert mapped(target_of(field), x=given)[name] == value


@pytest.mark.parametrize(
    ("field", "given", "reason"),
    [
        ("custom.lead_id: {from: x}", {"a": 1}, "type(custom.lead_id)"),
        ("custom.lead_id: {from: x}", ["a", 1], "type(custom.lead_id)"),
        ("task: {from: x}", "Call", "type(task)"),
        ("asOf: {from: x}", "2026-01-02T03:04:05Z", "type(asOf)"),
        ("firstName: {from: x}", "x" * 1_001, "length(firstName)"),
    ],
)
def test_a_value_of_another_type_is_a_reject(target_of: Load, field: str, given: Any, reason: str) -> None:
    found = mapped(target_of(field), x=given)
    assert isinstance(found, Reject)
    assert [one.label for one in found.reasons] == [reason]


@pytest.mark.parametrize(
    ("field", "message", "remedy"),
    [
        ("firstname: {from: x}", "`firstname` is not a field of highlevel.contact", "`firstName`"),
        ("first_name: {from: x}", "`first_name` is not a field of highlevel.contact", "`firstName`"),
        ("custom.: {from: x}", "`custom.` is not a field", ""),
        ("custom.lead_id: {from: x, policy: add}", "`add` is for lists and objects", ""),
        ("email: {from: x, policy: add}", "`add` is for lists and objects", ""),
    ],
)
def test_a_mistake_is_told_with_its_line(target_of: Load, field: str, message: str, remedy: str) -> None:
    with pytest.raises(BadMappingError) as caught:
        compile_mapping(target_of(field))
    assert caught.value.line == 6
    assert message in caught.value.what
    assert remedy in caught.value.remedy


def test_the_mirror_has_no_custom_fields_by_key(mapping_of: Load) -> None:
    with pytest.raises(BadMappingError, match=r"`custom\.lead_id` is not a field of hub\.contact"):
        compile_mapping(mapping_of("custom.lead_id: {from: x}"))


def test_every_field_that_is_compared_has_a_column_in_the_mirror() -> None:
    for name, field in HIGHLEVEL_CONTACT.fields.items():
        if field.mirror:
            assert HUB_CONTACT.fields[field.mirror].type is field.type, name
    assert HIGHLEVEL_CONTACT.custom is not None
    assert HUB_CONTACT.fields[HIGHLEVEL_CONTACT.custom.mirror].type is FieldType.OBJECT
    with pytest.raises(KeyError):
        HIGHLEVEL_CONTACT.type_of("nothing")


def test_a_plan_writes_what_the_mapping_names_under_its_policies(target_of: Load) -> None:
    mapping = target_of(
        "asOf: {from: x}\nemail: {from: x, policy: fill_empty}\ncustom.lead_id: {from: x, policy: newest}",
        "[link, custom.foreign, email]",
    )
    found = spec(mapping, lead_id="cf1", foreign="cf2", unused="cf3")
    rules = [(rule.name, rule.policy, rule.custom_id, rule.origin) for rule in found.fields]
    assert rules == [  # neither the record's id nor its age is written
        ("email", Policy.FILL_EMPTY, "", "email"),
        ("custom.lead_id", Policy.NEWEST, "cf1", "custom.cf1"),
    ]
    assert found.match == ("link", "custom.foreign", "email")
    assert found.custom == {"lead_id": "cf1", "foreign": "cf2"}
    assert [rule.name for rule in found.rules(lambda field: field.written is Written.ALWAYS)] == [
        "email",
        "custom.lead_id",
    ]
    assert PlanSpec.read(found.plain()) == found


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ("[link, domain]", "contacts are not matched by `domain`"),
        ("[link, name]", "contacts are not matched by `name`"),
        ("[email, phone]", "`match` needs `link`"),
    ],
)
def test_keys_that_contacts_are_not_found_by_are_told(target_of: Load, match: str, message: str) -> None:
    with pytest.raises(BadMappingError, match=message) as caught:
        compile_mapping(target_of(match=match))
    assert caught.value.line == 3
