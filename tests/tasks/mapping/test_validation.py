"""A mapping file with many mistakes: each is told at once, and nothing is called wrong that is right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.mapping.language import shipped_mappings
from tasks.mapping.validation import validate

Write = Callable[[str], Path]

MISTAKEN = """\
source: file.contct
target: highlevel.contat
match: [emial, link, phon]
fields:
  id:          {from: id, clean: text}
  firstNam:    {from: first_name, clean: text}
  lastName:    {form: last_name, clean: txt, policy: newst}
  email:       {from: email, clean: [blank, emial, {phone: {regon: country}}], on_failure: drp}
  phone:       {from: "phone[", clean: {phone: {default_region: XX}}}
  city:        {from: city, clean: [{text}, upperr], required: yes}
  country:     {from: country, policy: add}
  tags:        {clean: [blank, tags]}
checks:
  - {expct: expect_column_values_to_not_be_null, column: email}
  - {expect: expect_column_values_to_not_be_nul, column: email}
  - {expect: expect_column_values_to_not_be_null, colum: city, column: emal}
  - {expect: expect_column_values_to_not_be_null, column: country, on_failure: rejct}
stop_when: {rejected_share: 20}
matches: []
"""

TOLD = [
    (1, "`file.contct`", "`file.contact`"),
    (2, "`highlevel.contat`", "`highlevel.contact`"),
    (3, "`emial`", "`email`"),
    (3, "`phon`", "`phone`"),
    (6, "`firstNam`", "`firstName`"),
    (7, "`form`", "`from`"),
    (7, "`txt`", "`text`"),
    (7, "'newst'", "`newest`"),
    (8, "`emial`", "`email`"),
    (8, "`regon`", "`region`"),
    (8, "'drp'", "`drop`"),
    (9, "`phone[`", "double quotes"),
    (9, "'XX'", "ISO 3166"),
    (10, "{'text': null}", "write `name`"),
    (10, "`upperr`", "`upper`"),
    (10, "'yes'", ""),
    (11, "`add`", ""),
    (12, "neither `from` nor `value`", "where the field comes from"),
    (14, "`expect` is missing", "`expct`"),
    (15, "expect_column_values_to_not_be_nul`", "expect_column_values_to_not_be_null"),
    (16, "`colum`", "`column`"),
    (16, "'emal'", "`email`"),
    (17, "'rejct'", "`reject`"),
    (18, "rejected_share", ""),
    (19, "`matches`", "`match`"),
]


def test_every_mistake_is_told_at_once_with_its_line_and_the_nearest_word(mapping_file: Write) -> None:
    mapping, problems = validate(mapping_file(MISTAKEN))
    assert mapping is None
    for line, what, remedy in TOLD:
        [_] = [one for one in problems if one.line == line and what in one.what and remedy in one.remedy]
    assert len(problems) == len(TOLD)
    assert [one.line for one in problems] == sorted(one.line for one in problems)


@pytest.mark.parametrize("path", shipped_mappings(), ids=lambda path: path.stem)
def test_a_good_mapping_has_none(path: Path) -> None:
    mapping, problems = validate(path)
    assert mapping is not None
    assert not problems


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n", ["the file must be an object"]),
        ("source: file.contact\ntarget: highlevel.contact\n", ["`fields` is missing"]),
        ("fields: [a: 1\n", ["not YAML"]),
        (
            "fields: {id: {from: id}, firstNam: {from: a}, name: {from: a}, asOf: {from: a}}\n",
            ["source", "target", "`firstNam`", "`link`"],
        ),
        ("source: [1]\ntarget: 3\nfields: {id: {from: id}}\n", ["`source`", "`target`", ""]),
    ],
)
def test_as_much_is_told_as_can_be_understood(mapping_file: Write, text: str, told: list[str]) -> None:
    _, problems = validate(mapping_file(text))
    found = [one.what for one in problems]
    assert [any(part in what for what in found) for part in told] == [True] * len(told), found


def test_a_file_that_is_not_there_is_told() -> None:
    _, [problem] = validate("nowhere.yaml")
    assert "no such file" in problem.what
