"""A rules file that is mistaken: every mistake with its line and what was meant, all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasks.core.errors import BadMappingError
from tasks.mapping.rules.compile import Rules
from tasks.mapping.rules.scope import NESTING_LIMIT

Compile = Callable[[str], Rules]

ALL = """\
on: {stream: hub.contact, when: [created, updated], fields: [tags, company_name, custom.plan]}
at_most: 500
calendar: {country: AT, subdivision: "9", zone: Europe/Vienna, closed: ["2026-12-24"]}
channels: {sales: {block: slack-webhook/team-sales}}
rules:
  - key: welcome_call
    if: {all: [{contact.type: {is: lead}}, {not: {contact.tags: {has: customer}}}]}
    then:
      - highlevel.crm_task:
          title: "Call {contact.first_name | default: 'the new contact'} {contact.last_name}"
          dueDate: {in: 2 working days, at: "09:00"}
          assignedTo: {first: [contact.assigned_to, {round_robin: [Sam, Kim]}]}
      - notice: {channel: sales, text: "{contact.name} is new", digest: true}
  - key: overdue
    on: {stream: hub.crm_task, passed: due_date}
    at_most: 20
    then:
      - highlevel.note: {body: "{task.title} is overdue"}
"""


def test_the_whole_language_is_understood(rules: Compile) -> None:
    found = rules(ALL)
    welcome, overdue = found.rules
    assert found.name == "example"
    assert found.on is not None
    assert (found.on.stream, found.on.when) == ("hub.contact", {"created", "updated"})
    assert found.on.fields == {"tags", "company_name", "custom.plan"}
    assert (welcome.key, welcome.line, welcome.at_most, welcome.on) == ("welcome_call", 6, 500, found.on)
    assert welcome.targets == ("highlevel.crm_task", "notice")
    assert (overdue.on.stream, overdue.on.passed, overdue.on.when) == ("hub.crm_task", "due_date", set())
    assert overdue.at_most == 20
    assert not overdue.by_change
    assert found.roots == {"contact", "task"}


def test_a_rule_touches_a_thousand_records_at_most_unless_the_file_says_otherwise(rules: Compile) -> None:
    text = "on: {stream: hub.contact, when: created}\nrules: [{key: a, then: [{highlevel.note: {body: x}}]}]"
    [rule] = rules(text).rules
    assert rule.at_most == 1_000
    assert rule.on.when == {"created"}


def test_the_digest_is_of_what_the_file_means(rules: Compile) -> None:
    assert rules(ALL).digest == rules(f"# a comment\n{ALL}").digest
    assert rules(ALL).digest != rules(ALL.replace("2 working days", "3 working days")).digest


def test_all_mistakes_are_told_at_once(rules: Compile) -> None:
    text = """\
on: {stream: hub.contact}
calendar: {zone: Europe/Viena}
rules:
  - key: one
    if: {contact.typ: {is: lead}}
    then:
      - highlevel.crm_task: {titel: "{contact.first_name | uper}"}
  - key: two
    if: {contact.tags: {hass: lead}}
    then:
      - highlevel.tasks: {title: x}
"""
    with pytest.raises(BadMappingError) as refused:
        rules(text)
    told = [(one.line, one.what, one.remedy) for one in refused.value.each()]
    assert [line for line, _, _ in told] == [2, 5, 7, 7, 9, 11]
    assert told[0][1:] == ("there is no time zone `Europe/Viena`", "did you mean `Europe/Vienna`?")
    assert told[1][1:] == ("unknown field `typ`", "did you mean `type`?")
    assert told[3][1:] == ("`titel` is not a field of highlevel.crm_task", "did you mean `title`?")
    assert told[4][1:] == ("there is no operator `hass`", "did you mean `has`?")
    assert told[5][1] == "rules do not write `highlevel.tasks`"
    assert refused.value.file.endswith("example.yaml")


NOTE = "{highlevel.note: {body: x}}"

FRAME = [
    ("", 0, "the file is empty", ""),
    ("- a", 1, "the file must be an object", ""),
    ("rules: []", 1, "", ""),
    ("on: {stream: hub.contact}\nrule: []", 1, "`rules` is missing", "`rule` is given instead"),
    (
        "on: {stream: hub.contact}\nchanels: {}\nrules: [{key: a, then: [x]}]",
        2,
        "unknown key `chanels`",
        "`channels`",
    ),
    (
        "on: {stream: hub.contacts}\nrules: [{key: a, then: [x]}]",
        1,
        "unknown stream `hub.contacts`",
        "hub.contact",
    ),
    ("on: {stream: hub.contact, when: [loaded]}\nrules: [{key: a, then: [x]}]", 1, "'loaded'", "created"),
    (
        "on: {stream: hub.contact, fields: [tag]}\nrules: [{key: a, then: [x]}]",
        1,
        "`tag` is not a field",
        "tags",
    ),
    ("on: {stream: hub.crm_task, passed: title}\nrules: [{key: a, then: [x]}]", 1, "no date", "due_date"),
    (
        "on: {stream: hub.crm_task, passed: due_date, when: created}\nrules: [{key: a, then: [x]}]",
        1,
        "exclude each other",
        "",
    ),
    ("rules:\n  - key: a\n    then: [{highlevel.note: {body: x}}]", 2, "does not say `on`", "write `on`"),
    ("rules:\n  - key: 1st\n    then: [x]", 2, "`1st` is no key", "letters"),
    ("rules:\n  - key: a b\n    then: [x]", 2, "`a b` is no key", "letters"),
    ("rules:\n  - {key: a, then: [x]}\n  - {key: a, then: [x]}", 3, "given twice, first in line 2", ""),
    ("rules:\n  - {key: a, them: [x]}", 2, "`then` is missing", "`them` is given instead"),
    ("rules:\n  - {key: a, iff: x, then: [x]}", 2, "unknown key `iff`", "`if`"),
    ("at_most: 0\nrules:\n  - {key: a, then: [x]}", 1, "greater than or equal to 1", ""),
]


@pytest.mark.parametrize(("text", "line", "what", "remedy"), FRAME)
def test_a_mistake_of_the_frame(rules: Compile, text: str, line: int, what: str, remedy: str) -> None:
    with pytest.raises(BadMappingError) as refused:
        rules(text)
    assert any(
        one.line == line and what in one.what and remedy in one.remedy for one in refused.value.each()
    ), str(refused.value)


@pytest.mark.parametrize(
    ("calendar", "what", "remedy"),
    [
        ("{country: Austria}", "the holidays of `Austria` are not known", "write `AT`"),
        ("{country: XX}", "the holidays of `XX` are not known", "e.g. AT"),
        ("{country: AT, subdivision: Viena}", "`Viena` is no part of AT", "1, 2"),
        ("{subdivision: '9'}", "`subdivision` without `country`", ""),
        ("{zone: Vienna}", "there is no time zone `Vienna`", ""),
        ("{closed: ['24.12.2026']}", "`24.12.2026` is no day", "2026-12-24"),
        ("{closed: ['2026-02-30']}", "`2026-02-30` is no day", ""),
        ("{land: AT}", "unknown key `land`", "country"),
    ],
)
def test_a_calendar_that_is_not_there(rules: Compile, calendar: str, what: str, remedy: str) -> None:
    with pytest.raises(BadMappingError) as refused:
        rules(f"on: {{stream: hub.contact}}\ncalendar: {calendar}\nrules: [{{key: a, then: [{NOTE}]}}]")
    assert what in refused.value.what
    assert remedy in refused.value.remedy
    assert refused.value.line == 2


@pytest.mark.parametrize(
    ("condition", "what", "remedy"),
    [
        ("[{contact.type: {is: a}}]", "is no condition", "`all`"),
        ("{}", "is no condition", ""),
        ("lead", "is no condition", ""),
        ("{all: {contact.type: {is: a}}}", "`all` takes a list of conditions", "all: ["),
        ("{any: []}", "`any` takes a list", ""),
        ("{not: [{contact.type: {is: a}}]}", "is no condition", ""),
        ("{contact.type: lead}", "`contact.type` needs an operator", "`contact.type: {is: lead}`"),
        ("{contact.type: {is: null}}", "is nothing", ""),
        ("{contact.type: {equals: lead}}", "there is no operator `equals`", ""),
        ("{contac.type: {is: lead}}", "unknown root `contac`", "`contact`"),
        ("{task.title: {is: a}}", "unknown root `task`", "`tasks`"),
        ("{contact.tipe: {is: lead}}", "unknown field `tipe`", "`type`"),
        ("{contact.type.name: {is: lead}}", "there is no `name` in a single value", ""),
        ("{tasks.title: {is: lead}}", "there is no `title` in a list", "tasks[0].title"),
        ("{'tasks[?complete].title | [0]': {is: a}}", "unknown field `complete`", "`completed`"),
        ("{'tasks[0].titel': {is: a}}", "unknown field `titel`", "`title`"),
        ("{'tasks[].titel': {empty: true}}", "unknown field `titel`", "`title`"),
        ("{'tasks[*].titel': {empty: true}}", "unknown field `titel`", "`title`"),
        ("{'lenght(tasks)': {is: 1}}", "unknown function `lenght`", "`length`"),
        ("{'contact..type': {is: 1}}", "is not a path", ""),
        ("{contact: {is: a}}", "`contact` is a record", "fields"),
        ("{contact.tags: {contains: vip}}", "`contains` is not for `contact.tags`", "has"),
        ("{contact.tags: {is: vip}}", "`contact.tags` is a list", "has"),
        ("{contact.date_added: {contains: '2026'}}", "`contains` is not for `contact.date_added`", "before"),
        ("{contact.date_added: {more_than: 5}}", "`more_than` is not for `contact.date_added`", "after"),
        ("{contact.dnd: {is: 'yes'}}", "`contact.dnd` is true or false", ""),
        ("{contact.type: {is: true}}", "`contact.type` is text", "quotes"),
        ("{contact.assigned_to: {is: Sam}}", "holds an id, and 'Sam' is none", "`owner.name`"),
        ("{contact.phone: {starts_with: 43}}", "`starts_with`: 43 is no text", ""),
        ("{contact.custom.n: {more_than: many}}", "'many' is no number", ""),
        ("{contact.custom.n: {more_than: 2026-01-01}}", "`after`", ""),
        ("{contact.date_added: {after: soon}}", "'soon' is no date", ""),
        ("{contact.date_added: {after: 2026-02-30}}", "'2026-02-30' is no date", ""),
        ("{contact.date_added: {within_last: 2 working days}}", "working days", ""),
        ("{contact.date_added: {within_last: -2 days}}", "no length of time to look back", ""),
        ("{contact.date_added: {within_last: 2 dais}}", "did you mean `day`?", ""),
        ("{contact.custom.n: {between: [1]}}", "is no pair", ""),
        ("{contact.type: {in: lead}}", "is no list", ""),
        ("{contact.type: {in: []}}", "is no list", ""),
        ("{contact.type: {empty: 'yes'}}", "is neither true nor false", ""),
        ("{contact.type: {empty: {path: contact.type}}}", "`empty` takes no path", ""),
        ("{contact.type: {is: {path: contact.tipe}}}", "unknown field `tipe`", ""),
        ("{contact.type: {is: {a: b}}}", "is an object", ""),
        ("{business.name: {changed: true}}", "no field of the record whose change is known", "`record.…`"),
        ("{now: {changed: true}}", "no field of the record whose change is known", ""),
        ("{'contact.custom.`[1,2]`': {is: 1}}", "", ""),
        ("{'contact.custom.[a,b] | [a,b] | [a,b]': {is: 1}}", "2 lists or objects at most", ""),
        (f"{{contact.custom.{'a' * 600}: {{is: 1}}}}", "500 characters at most", ""),
    ],
)
def test_a_condition_that_is_none(rules: Compile, condition: str, what: str, remedy: str) -> None:
    text = f"on: {{stream: hub.contact}}\nrules:\n - key: a\n   if: {condition}\n   then: [{NOTE}]"
    with pytest.raises(BadMappingError) as refused:
        rules(text)
    assert what in refused.value.what
    assert remedy in refused.value.remedy
    assert refused.value.line == 4


@pytest.mark.parametrize(
    ("row", "what", "remedy"),
    [
        ("x", "'x' is no row", "stream"),
        ("{highlevel.note: {body: x}, notice: {channel: a, text: x}}", "is no row", ""),
        ("{highlevel.appointment: {title: x}}", "rules do not write `highlevel.appointment`", ""),
        ("{highlevel.note: x}", "are no fields", ""),
        ("{highlevel.crm_task: {body: x}}", "highlevel.crm_task needs `title`", ""),
        ("{notice: {text: x}}", "notice needs `channel`", ""),
        (
            "{highlevel.crm_task: {title: x, contact: y}}",
            "`contact` is not a field of highlevel.crm_task",
            "",
        ),
        ("{highlevel.contact: {id: x}}", "`id` is not a field of highlevel.contact", ""),
        ("{highlevel.contact: {custom.: x}}", "`custom.` is not a field", ""),
        (
            "{highlevel.crm_task: {title: x, dueDate: tomorrow}}",
            "`dueDate` takes a date, not 'tomorrow'",
            "in: 2",
        ),
        ("{highlevel.crm_task: {title: x, completed: 'yes'}}", "`completed`: 'yes' is no boolean", ""),
        ("{highlevel.crm_task: {title: [a, b]}}", "`title` takes one value, not a list", ""),
        ("{highlevel.crm_task: {title: 5}}", "`title`: 5 is no text", ""),
        ("{highlevel.contact: {tags: [5]}}", "`tags`: 5 is no text", ""),
        ("{highlevel.note: {body: '{contact.first_name'}}", "`{` without `}`", "{{"),
        ("{highlevel.note: {body: 'contact.first_name}'}}", "`}` without `{`", "}}"),
        ("{highlevel.note: {body: '{}'}}", "is not a path", ""),
        ("{highlevel.note: {body: '{contact.name | uper}'}}", "there is no filter `uper`", "`upper`"),
        ("{highlevel.note: {body: '{contact.name | upper: 5}'}}", "`upper` takes no argument", ""),
        ("{highlevel.note: {body: '{contact.name | truncate}'}}", "`truncate` needs an argument", "80"),
        ("{highlevel.note: {body: '{contact.name | truncate: x}'}}", "is no argument", "80"),
        (
            "{highlevel.note: {body: '{contact.name | default: contact.nam}'}}",
            "unknown field `nam`",
            "`name`",
        ),
        ("{highlevel.note: {body: '{now | date: \"DD. MMM\"}'}}", "`M` is not one of", ""),
        ("{highlevel.note: {body: {chose: []}}}", "there is no value `chose`", "`choose`"),
        ("{highlevel.note: {body: {path: contact.nam}}}", "unknown field `nam`", ""),
        ("{highlevel.note: {body: {path: 5}}}", "5 is no path", ""),
        ("{highlevel.note: {body: {first: a}}}", "is no list of values", ""),
        ("{highlevel.note: {body: {first: []}}}", "is no list of values", ""),
        ("{highlevel.note: {body: {round_robin: []}}}", "is no list of values", ""),
        ("{highlevel.note: {body: {first: [contact.nam]}}}", "unknown field `nam`", ""),
        ("{highlevel.note: {body: {choose: [{else: a}, {else: b}]}}}", "never reached", ""),
        ("{highlevel.note: {body: {choose: [{if: {contact.type: {is: a}}}]}}}", "is no choice", ""),
        ("{highlevel.note: {body: {first: [a], path: b}}}", "is no value", ""),
        ("{highlevel.note: {body: 'x {contact} y'}}", "`contact` is a record", "fields"),
        ("{highlevel.note: {body: {path: tasks}}}", "`tasks` is a list of records", "length(tasks)"),
        ("{highlevel.crm_task: {title: x, dueDate: {in: 2 work days}}}", "did you mean `working day`?", ""),
        ("{highlevel.crm_task: {title: x, dueDate: {at: '9'}}}", "is no time of day", ""),
        (
            "{highlevel.crm_task: {title: x, dueDate: {in: 2 hours, at: '09:00'}}}",
            "contradicts `in: 2 hours`",
            "",
        ),
        ("{highlevel.crm_task: {title: x, dueDate: {from: contact.nam}}}", "unknown field `nam`", ""),
    ],
)
def test_a_row_that_is_none(rules: Compile, row: str, what: str, remedy: str) -> None:
    text = f"on: {{stream: hub.contact}}\nrules:\n - key: a\n   then:\n   - {row}"
    with pytest.raises(BadMappingError) as refused:
        rules(text)
    assert what in refused.value.what
    assert remedy in refused.value.remedy
    assert refused.value.line == 5


def nested(depth: int) -> str:
    condition = "{not: " * depth + "{contact.type: {is: a}}" + "}" * depth
    return f"on: {{stream: hub.contact}}\nrules:\n - key: a\n   if: {condition}\n   then: [{NOTE}]"


def test_conditions_are_nested_as_deeply_as_anyone_needs(rules: Compile) -> None:
    assert rules(nested(NESTING_LIMIT - 1)).rules


@pytest.mark.parametrize("depth", [NESTING_LIMIT, 200, 3_000])
def test_and_no_more(rules: Compile, depth: int) -> None:
    with pytest.raises(BadMappingError, match="nested too deeply"):
        rules(nested(depth))


@pytest.mark.parametrize("depth", [NESTING_LIMIT, 200])
def test_neither_are_values(rules: Compile, depth: int) -> None:
    value: Any = "{first: [" * depth + "x" + "]}" * depth
    text = f"on: {{stream: hub.contact}}\nrules: [{{key: a, then: [{{highlevel.note: {{body: {value}}}}}]}}]"
    with pytest.raises(BadMappingError, match="nested too deeply"):
        rules(text)
