"""The mapping language: what it accepts, and what it says to a mistake."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.core.errors import BadMappingError
from tasks.core.words import nearest
from tasks.mapping.language import CleanStep, Mapping, OnFailure, find_mapping, load_mapping, shipped_mappings
from tasks.streams import Policy

SHIPPED = shipped_mappings()
Write = Callable[[str], Path]
Load = Callable[..., Mapping]

LEAD = """\
source: lusha.contact
target: highlevel.contact
match: [link, email, phone, custom.lusha_person_id]
fields:
  firstName:   {from: firstName}
  phone:       {from: "phones[0].number", clean: {phone: {region: location.countryIso2}}, policy: fill_empty}
  tags:        {value: [lusha], policy: add}
  country:     {from: country, clean: [text, upper], default: DE, required: true}
checks:
  - {expect: expect_column_values_to_match_regex, column: phone, regex: "^\\\\+", on_failure: warn}
  - expect: expect_column_values_to_not_be_null
    columns: [firstName, country]
    mostly: 0.9
stop_when: {rejected_share: 0.2}
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_mapping_is_read(path: Path) -> None:
    mapping = load_mapping(path)
    assert mapping.name == path.stem
    assert mapping.fields


def test_the_whole_language_is_understood(mapping_file: Write) -> None:
    mapping = load_mapping(mapping_file(LEAD))
    assert mapping.match == ["link", "email", "phone", "custom.lusha_person_id"]
    assert mapping.fields["firstName"].policy is Policy.OVERWRITE
    assert mapping.fields["phone"].clean == [
        CleanStep(name="phone", options={"region": "location.countryIso2"})
    ]
    assert [step.name for step in mapping.fields["country"].clean] == ["text", "upper"]
    assert mapping.fields["tags"].value == ["lusha"]
    assert mapping.checks[0].on_failure is OnFailure.WARN
    assert mapping.checks[0].options == {"column": "phone", "regex": "^\\+"}
    assert mapping.checks[1].on_failure is OnFailure.REJECT
    assert mapping.stop_when is not None
    assert mapping.stop_when.min_rows == 10


def edited(old: str, new: str) -> str:
    assert LEAD.count(old) == 1
    return LEAD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "message", "remedy"),
    [
        (edited("source:", "sourc:"), 1, "unknown key `sourc`", "`source`"),
        (edited("stop_when:", "stopwhen:"), 14, "unknown key `stopwhen`", "`stop_when`"),
        (edited("{from: firstName}", "{form: firstName}"), 5, "unknown key `form`", "`from`"),
        (edited("policy: add", "polcy: add"), 7, "unknown key `polcy`", "`policy`"),
        (
            edited("policy: fill_empty", "policy: fill_emtpy"),
            6,
            "'fill_emtpy' is not a policy",
            "`fill_empty`",
        ),
        (edited("policy: add", "policy: Add"), 7, "'Add' is not a policy", "`add`"),
        (edited("policy: add", "policy: 3"), 7, "3 is not a policy", "one of: add"),
        (edited("on_failure: warn", "on_failure: wran"), 10, "'wran' is not a way", "`warn`"),
        (edited("[link, email", "[lnk, email"), 3, "`lnk` is not a key to match by", "`link`"),
        (edited("[link, email", "[link, custom."), 3, "`custom.` is not a key", "`custom.<key>`"),
        (edited("[link, email", "[link, 7"), 3, "7 is not a key to match by", ""),
        (edited("rejected_share: 0.2", "rejected_shares: 0.2"), 14, "unknown key", "`rejected_share`"),
        (edited("rejected_share: 0.2", "rejected_share: 20"), 14, "less than or equal to 1", ""),
        (edited("rejected_share: 0.2", "rejected_share: 0"), 14, "greater than 0", ""),
        (edited("rejected_share: 0.2", "rejected_share: some"), 14, "must be a number, not 'some'", ""),
        (edited("rejected_share: 0.2", "min_rows: 5"), 14, "`rejected_share` is missing", ""),
        (edited("{from: firstName}", "firstName"), 5, "must be an object", ""),
        (edited("{from: firstName}", "{}"), 5, "neither `from` nor `value`", "where the field comes from"),
        (edited("{from: firstName}", "{from: }"), 5, "neither `from` nor `value`", ""),
        (edited("{from: firstName}", "{from: ''}"), 5, "`from` is empty", ""),
        (edited("{from: firstName}", "{from: 3}"), 5, "`fields.firstName.from` must be text, not 3", ""),
        (edited("{value: [lusha]", "{value: [lusha], from: a"), 7, "exclude each other", ""),
        (edited("clean: [text, upper]", "clean: [text, {upper}]"), 8, "is not a transform", "write `name`"),
        (edited("clean: [text, upper]", "clean: ''"), 8, "is not a transform", "write `name`"),
        (edited("required: true", "required: yes"), 8, "must be true or false, not 'yes'", ""),
        (edited("- expect:", "- expct:"), 11, "`expect` is missing", ""),
        (edited("match: [link", "source: [link"), 3, "`source` is given twice, first in line 1", ""),
        (edited("  firstName:   {", "  phone:   {"), 6, "`phone` is given twice, first in line 5", ""),
        ("just text\n", 1, "the file must be an object", ""),
        ("[a, b]\n", 1, "the file must be an object", ""),
        ("", 0, "the file is empty", ""),
        (edited("  firstName", "\tfirstName"), 5, "not YAML", "no tabs"),
        (edited("[link, email", "[link, [email"), 4, "not YAML", ""),
    ],
)
def test_a_mistake_is_told_with_file_line_and_nearest_word(
    mapping_file: Write, text: str, line: int, message: str, remedy: str
) -> None:
    path = mapping_file(text)
    with pytest.raises(BadMappingError) as caught:
        load_mapping(path)
    problems = [caught.value, *caught.value.others]
    [problem] = [found for found in problems if message in found.what]
    assert (problem.file, problem.line) == (str(path), line)
    assert remedy in problem.remedy
    assert f"{path}:{line}: " in str(caught.value) or not line


def test_all_mistakes_of_a_file_are_told_at_once_in_order(mapping_file: Write) -> None:
    text = edited("policy: add", "policy: ad").replace("sourc", "sorc").replace("failure: warn", "failure: x")
    with pytest.raises(BadMappingError) as caught:
        load_mapping(mapping_file(text))
    lines = [problem.line for problem in (caught.value, *caught.value.others)]
    assert lines == [1, 1, 7, 10]
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert str(again).count("example.yaml:") == 4


def test_a_huge_value_never_ends_up_in_a_message(mapping_file: Write) -> None:
    with pytest.raises(BadMappingError) as caught:
        load_mapping(mapping_file(edited("policy: add", f"policy: {'x' * 1_000_000}")))
    assert len(str(caught.value)) < 500


def test_the_digest_is_that_of_the_meaning(mapping_file: Write) -> None:
    digest = load_mapping(mapping_file(LEAD)).digest
    lines = LEAD.splitlines(keepends=True)
    reordered = "".join([*lines[:4], lines[6], lines[4], lines[5], *lines[7:]])
    assert load_mapping(mapping_file("# a remark\n" + reordered)).digest == digest
    assert (
        load_mapping(mapping_file(edited("{from: firstName}", "{from: firstName, required: false}"))).digest
        == digest
    )
    assert load_mapping(mapping_file(edited("policy: add", "policy: never"))).digest != digest
    assert load_mapping(mapping_file(edited("[link, email", "[email, link"))).digest != digest
    assert len(digest) == 32


def test_a_mapping_is_found_by_name_and_by_path(mapping_file: Write) -> None:
    path = mapping_file(LEAD)
    assert find_mapping("example", path.parent) == path
    assert find_mapping("example.yaml", path.parent).samefile(path)
    assert find_mapping(str(path), path.parent / "elsewhere") == path
    with pytest.raises(BadMappingError, match="did you mean `example`"):
        find_mapping("exampel", path.parent)


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("fone", "did you mean `phone`?"),
        ("EMAIL", "did you mean `email`?"),
        ("qqqq", "one of: email, name, phone"),
    ],
)
def test_the_nearest_word(word: str, remedy: str) -> None:
    assert nearest(word, ["phone", "email", "name"]) == remedy


def test_without_a_near_word_a_long_list_is_not_told() -> None:
    assert nearest("qqqq", [f"word_{index}" for index in range(50)]) == ""
