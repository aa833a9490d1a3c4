"""A mapping at work on hostile records: nothing raises, everything is counted, good rows are clean."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mappings
from tasks.core.batch import NOT_KEYS, Batch, Json, MappedBatch, Reason, Reject, Row, shown
from tasks.core.errors import BadMappingError, FailedCheckError
from tasks.mapping.language import Mapping, load_mapping
from tasks.mapping.transform.apply import NO_ID, Mapper
from tasks.mapping.transform.compile import compile_mapping
from tasks.streams import STREAMS, TEXT_LIMIT, Field, FieldType

CONTACT = load_mapping(Path(mappings.__file__).parent / "highlevel_contact.yaml")
MAPPER = compile_mapping(CONTACT)
Load = Callable[..., Mapping]


def batch(*records: Json, stream: str = "highlevel.contact") -> Batch:
    return Batch(stream, "location", list(records), position={})


def only(record: Json, mapper: Mapper = MAPPER) -> Any:
    [outcome] = mapper.rows([record])
    return outcome


def labels(outcome: Any) -> list[str]:
    assert isinstance(outcome, Reject)
    return [reason.label for reason in outcome.reasons]


def test_what_the_source_could_not_read_is_counted_and_kept() -> None:
    unread = Reject("raw:1", [Reason("row", "", "row 3: 5 cells")], '{"text":"a,b"}')
    read = batch({"id": "abc", "dateAdded": "2024-01-31T22:30:00.000Z"}, 7)
    read.rejects.append(unread)
    mapped = MAPPER.apply(read)
    assert (mapped.read, len(mapped.rows), mapped.collapsed) == (3, 1, 0)
    assert mapped.rejects[0] == unread
    assert read.rejects == [unread]


def test_a_contact_becomes_a_row() -> None:
    record = {
        "id": "abc",
        "firstName": " Ada ",
        "contactName": "Ada Lovelace",
        "email": "ADA@Example.com",
        "additionalEmails": [{"email": "Countess@Example.com"}],
        "phone": "(212) 555-0123",
        "country": "us",
        "tags": ["vip"],
        "dnd": False,
        "customFields": [{"id": "f1", "value": ["x"]}],
        "dateOfBirth": "1815-12-10",
        "dateAdded": "2024-01-31T22:30:00.000Z",
        "searchAfter": [1706740200000, "abc"],
        "unknown": {"anything": None},
    }
    mapped = MAPPER.apply(batch(record))
    [row] = mapped.rows
    filled = {name: value for name, value in row.items() if value is not None}
    assert filled == {
        "id": "abc",
        "first_name": "Ada",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "additional_emails": ["countess@example.com"],
        "phone": "+12125550123",
        "country": "US",
        "tags": ["vip"],
        "dnd": False,
        "custom": {"f1": ["x"]},
        "date_of_birth": dt.date(1815, 12, 10),
        "date_added": dt.datetime(2024, 1, 31, 22, 30, tzinfo=dt.UTC),
    }
    assert list(row) == list(CONTACT.fields)
    assert (mapped.stream, mapped.source, mapped.mapping) == (
        "hub.contact",
        "highlevel.contact",
        CONTACT.name,
    )
    record.pop("searchAfter")
    assert json.loads(mapped.raws[0]) == record


def test_the_paging_key_changes_nothing_and_the_batch_is_left_alone() -> None:
    records = [{"id": "abc", "searchAfter": [page, "abc"]} for page in (1, 2)]
    first, second = (MAPPER.apply(batch(record)) for record in records)
    assert first == second
    assert records[0] == {"id": "abc", "searchAfter": [1, "abc"]}


@pytest.mark.parametrize(
    ("record", "reasons"),
    [
        (None, ["shape"]),
        ("text", ["shape"]),
        (7, ["shape"]),
        ([], ["shape"]),
        ({}, ["required(id)"]),
        ({"id": None}, ["required(id)"]),
        ({"id": ""}, ["required(id)"]),
        ({"id": 7}, ["type(id)"]),
        ({"id": {"$oid": "x"}}, ["type(id)"]),
        ({"id": "x" * 65}, ["length(id)"]),
        ({"id": "1", "firstName": "a\0"}, ["text(first_name)"]),
        ({"id": "1", "firstName": "a\ud83d"}, ["text(first_name)"]),
        ({"id": "1", "address1": "x" * 1_000_000}, ["length(address)"]),
        ({"id": "1", "firstName": ["Ada"]}, ["clean(first_name)"]),
        ({"id": "1", "dateAdded": "yesterday"}, ["clean(date_added)"]),
        ({"id": "1", "dnd": "yes"}, ["type(dnd)"]),
        ({"id": "1", "tags": {"a": 1}}, ["clean(tags)"]),
        ({"id": "1", "tags": ["x" * (TEXT_LIMIT + 1)]}, ["length(tags)"]),
        ({"id": "1", "customFields": [{"value": 1}]}, ["clean(custom)"]),
        ({"id": "1", "customFields": [{"id": "f", "value": 1e400}]}, ["type(custom)"]),
        ({"lastName": 1.5, "email": 3, "phone": [], "dateAdded": {}}, ["required(id)", "clean(email)"]),
    ],
)
def test_a_bad_record_is_rejected_with_every_reason(record: Json, reasons: list[str]) -> None:
    outcome = only(record)
    assert labels(outcome)[: len(reasons)] == reasons
    assert all(len(reason.message) < 200 for reason in outcome.reasons)
    json.loads(outcome.raw)


def test_every_script_and_emoji_is_fine() -> None:
    for name in ("🙂👩‍👩‍👧", "清河", "कविता", "ŁÓDŹ", "عربى", "\U0001d518"):
        assert only({"id": "1", "firstName": name})["first_name"] == name


def test_a_mirrored_number_with_an_extension_is_a_column_s_value_alone() -> None:
    mapped = MAPPER.apply(batch({"id": "1", "phone": "+1 212 555 0103 ext. 12"}))
    assert list(mapped.rows[0]) == list(CONTACT.fields)
    assert mapped.rows[0]["phone"] == "+12125550103"
    assert [one.value for one in mapped.remarks[0]] == ["12"]


def test_the_mirror_keeps_an_odd_phone_and_warns_of_it() -> None:
    mapped = MAPPER.apply(batch({"id": "1", "phone": " call  me "}, {"id": "2", "phone": "+12125550101"}))
    assert [row["phone"] for row in mapped.rows] == ["call me", "+12125550101"]
    assert mapped.warnings == {"clean(phone)": 1}


def test_one_bad_record_leaves_the_others() -> None:
    mapped = MAPPER.apply(batch({"id": "1"}, None, {"id": "2", "dnd": "?"}, {"id": "3"}))
    assert [row["id"] for row in mapped.rows] == ["1", "3"]
    assert [reject.record_id for reject in mapped.rejects][1] == "2"
    assert mapped.read == 4


def test_a_reject_without_an_id_is_filed_under_its_content() -> None:
    ids = [
        reject.record_id for reject in MAPPER.apply(batch(None, {"id": 3}, {"id": 3}, {"id": "a\0"})).rejects
    ]
    assert all(found.startswith("raw:") for found in ids)
    assert ids[1] == ids[2] != ids[3]


@pytest.mark.parametrize(
    ("dates", "kept"),
    [
        ([None, None, None], 2),
        (["2024-01-01", "2024-01-03", "2024-01-02"], 1),
        (["2024-01-03", None, "2024-01-02"], 2),
        (["2024-01-01", "2024-01-01", "2024-01-01"], 2),
    ],
)
def test_a_record_that_comes_twice_gives_one_row_the_newest(dates: list[str | None], kept: int) -> None:
    records = [{"id": "a", "city": str(place), "dateUpdated": date} for place, date in enumerate(dates)]
    mapped = MAPPER.apply(batch({"id": "b"}, *records, {"id": "c"}))
    [row] = [row for row in mapped.rows if row["id"] == "a"]
    assert row["city"] == str(kept)
    assert (mapped.read, mapped.collapsed, len(mapped.raws)) == (3, 2, 3)
    assert [json.loads(raw)["id"] for raw in mapped.raws] == [row["id"] for row in mapped.rows]


def test_of_a_row_and_a_reject_of_one_record_the_later_counts() -> None:
    good, bad = {"id": "a"}, {"id": "a", "dnd": "?"}
    mapped = MAPPER.apply(batch(good, bad, None, None))
    assert (len(mapped.rows), len(mapped.rejects), mapped.collapsed) == (0, 3, 1)
    mapped = MAPPER.apply(batch(bad, good))
    assert (len(mapped.rows), len(mapped.rejects), mapped.collapsed) == (1, 0, 1)


def test_rows_of_a_file_are_all_handed_on_with_their_numbers() -> None:
    mapper = compile_mapping(load_mapping(Path(mappings.__file__).parent / "file_to_contact.yaml"))
    rows = [{"id": "a", "_row": 2}, {"_row": 3}, {"id": "a", "_row": 4}, None]
    mapped = mapper.apply(batch(*rows, stream="file.contact"))
    assert [row["id"] for row in mapped.rows] == ["a", "a"]
    assert (mapped.numbers, mapped.read, mapped.collapsed) == ([2, 4], 4, 0)


def test_a_batch_of_another_stream_is_refused() -> None:
    with pytest.raises(BadMappingError, match=r"reads highlevel\.contact, not highlevel\.note"):
        MAPPER.apply(batch(stream="highlevel.note"))


def nested(depth: int) -> Json:
    value: Json = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [nested(3_000), 10**5_000, float("nan")], ids=["deep", "huge", "nan"])
@pytest.mark.parametrize(
    "key", ["id", "firstName", "email", "phone", "tags", "customFields", "dateAdded", "other"]
)
def test_what_json_can_hardly_say_is_rejected_or_mapped(key: str, value: Json) -> None:
    mapped = MAPPER.apply(batch({"id": "1", key: value}))
    assert mapped.read == 1
    assert bool(mapped.rejects) == (key != "other")


JMESPATHS = """\
name: {from: "join(', ', tags)"}
city: {from: "sort_by(emails, &email)[0].email"}
tags: {from: "keys(@)"}
custom: {from: "{a: emails, b: @}"}
company_name: {from: "emails[?type=='work'].email | [0]", clean: [first, text, {truncate: {length: 5}}]}
date_added: {from: dateAdded, clean: timestamp, default: "2024-01-01"}
date_of_birth: {from: dateOfBirth, clean: {date: {format: "%d.%m.%Y"}}}
dnd: {from: dnd, clean: boolean}
phone: {from: phone, clean: [{join: {separator: ""}}, {phone: {region: country, default_region: DE}}]}
state: {from: state, clean: {lookup: {table: {a: Alpha, b: ""}}}}
"""

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**17, 10**25),
    st.floats(),
    st.text(max_size=8),
    st.text(st.characters(exclude_categories=[]), max_size=8),
    st.sampled_from(
        ["a\0b", "\ud800", "x" * 70_000, "🙂", "2024-01-01T00:00:00Z", "+12125550123", "a@b.co", ""]
    ),
)
KEYS = st.one_of(
    st.sampled_from(
        ["id", "value", "email", "phone", "country", "tags", "customFields", "dateAdded", "emails"]
    ),
    st.sampled_from(
        ["firstName", "additionalEmails", "dateUpdated", "dateOfBirth", "dnd", "state", "searchAfter"]
    ),
    st.text(max_size=5),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=10)
WITH_IDS = st.builds(lambda record, id_: {**record, "id": id_}, OBJECTS, st.sampled_from(["1", "2", "3"]))
RECORDS = st.one_of(VALUES, OBJECTS, WITH_IDS, WITH_IDS)

PYTHON_TYPES: dict[FieldType, type] = {
    FieldType.TEXT: str,
    FieldType.BOOLEAN: bool,
    FieldType.DATE: dt.date,
    FieldType.TIMESTAMP: dt.datetime,
    FieldType.TEXTS: list,
    FieldType.OBJECT: dict,
}


def assert_storable(value: Any) -> None:
    """No NUL, no lone surrogate, no NaN: what every database takes."""
    if isinstance(value, str):
        assert "\0" not in value
        value.encode()
    elif isinstance(value, float):
        assert math.isfinite(value)
    elif isinstance(value, dict):
        for item in [*value, *value.values()]:
            assert_storable(item)
    elif isinstance(value, list):
        for item in value:
            assert_storable(item)


def assert_good(row: Row, fields: dict[str, Field]) -> None:
    for name, field in fields.items():
        value: Any = row.get(name)
        assert value is not None or not field.required
        if value is None:
            continue
        kind: type = type(value)
        assert kind is PYTHON_TYPES[field.type]
        assert_storable(value)
        if field.type is FieldType.TEXT:
            assert 0 < len(value) <= field.limit
        if field.type is FieldType.TIMESTAMP:
            assert value.tzinfo is dt.UTC


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORDS, max_size=6))
def test_nothing_raises_everything_is_counted_and_rows_are_good(
    mapping_of: Load, records: list[Json]
) -> None:
    for mapper in (MAPPER, compile_mapping(_odd(mapping_of))):
        mapped = mapper.apply(batch(*records))
        assert mapped.read == len(mapped.rows) + len(mapped.rejects) == len(records) - mapped.collapsed
        ids = [row["id"] for row in mapped.rows]
        ids += [found.record_id for found in mapped.rejects if not found.record_id.startswith(NO_ID)]
        assert len(set(ids)) == len(ids)
        assert len(mapped.rows) == len(mapped.raws)
        for row in mapped.rows:
            assert_good(row, STREAMS["hub.contact"].fields)
        for reject in mapped.rejects:
            assert reject.reasons
            assert_storable([reject.record_id, reject.raw, *(reason.message for reason in reject.reasons)])
            assert all(len(reason.message) < 250 for reason in reject.reasons)
        for raw in [*mapped.raws, *(reject.raw for reject in mapped.rejects)]:
            json.loads(raw)


_compiled: list[Mapping] = []


def _odd(load: Load) -> Mapping:
    """A mapping of everything that ``highlevel_contact`` does not use, read once."""
    if not _compiled:
        _compiled.append(load(JMESPATHS))
    return _compiled[0]


FILE = compile_mapping(load_mapping(Path(mappings.__file__).parent / "file_to_contact.yaml"))


def from_file(**record: Json) -> MappedBatch:
    return FILE.apply(batch({"id": "1", "first_name": "Ada", **record}, stream="file.contact"))


@pytest.mark.parametrize(
    ("field", "column", "value", "problem"),
    [
        ("dateOfBirth", "date_of_birth", "0/0/00", "is no day of the calendar"),
        ("dateOfBirth", "date_of_birth", "--02-28", "has no year"),
        ("country", "country", "Atlantis", "is no country of ISO 3166"),
        ("phone", "phone", "000-000-0000", "is a placeholder, no phone number"),
        ("email", "email", "ada@example,com", "is no e-mail address"),
        ("asOf", "updated_at", "yesterday", "is no date"),
        ("city", "city", True, "is no text"),
    ],
)
def test_one_odd_value_is_left_out_and_told_and_the_contact_goes_in(
    field: str, column: str, value: Json, problem: str
) -> None:
    mapped = from_file(**{column: value})
    [row] = mapped.rows
    assert (row["firstName"], row[field]) == ("Ada", None)
    assert mapped.left_out().plain() == [
        {"field": field, "problem": problem, "values": 1, "examples": [shown(value)]}
    ]


def test_a_contact_that_is_left_without_name_and_address_is_rejected_with_its_reasons() -> None:
    record = {"id": "1", "email": "ada@example,com", "phone": "555-0101", "city": "Rome"}
    [reject] = FILE.apply(batch(record, stream="file.contact")).rejects
    assert [(reason.label, reason.message) for reason in reject.reasons] == [
        ("clean(email)", "'ada@example,com' is no e-mail address"),
        ("clean(phone)", "'555-0101' has no area code"),
    ]


def test_empty_words_are_empty_but_never_in_names_and_countries() -> None:
    mapped = from_file(
        first_name="Null",
        last_name="Na",
        email="N/A",
        phone="0",
        country="NA",
        city="-",
        tags="none",
        state="NA",
    )
    [row] = mapped.rows
    filled = {name: value for name, value in row.items() if value is not None}
    assert filled == {"id": "1", "firstName": "Null", "lastName": "Na", "country": "NA", "state": "NA"}
    assert not mapped.remarks


def test_a_number_with_an_extension_is_no_key_and_stands_in_the_note() -> None:
    [row] = from_file(phone="+1 212 555 0103 ext. 12", note="met at fair").rows
    assert row["phone"] == "+12125550103"
    assert row[NOT_KEYS] == ["phone"]
    assert row["note"] == "Phone: +12125550103 ext. 12\nmet at fair"
    [plain] = from_file(phone="+1 212 555 0103").rows
    assert NOT_KEYS not in plain


def test_a_long_note_is_cut_and_told_and_a_name_with_a_comma_has_two_parts() -> None:
    mapped = from_file(first_name=None, name="Muster, Bea", note="x" * 70_000)
    [row] = mapped.rows
    assert (row["firstName"], row["lastName"], row["name"]) == ("Bea", "Muster", "Bea Muster")
    assert len(row["note"]) == 65_000
    assert [(one.problem, one.value) for one in mapped.remarks[0]] == [
        ("is cut to 65,000 characters", "5,000 characters")
    ]


def test_most_of_a_column_left_out_is_said_in_a_sentence() -> None:
    odd = [{"id": f"{at}", "name": "Ada", "country": "Atlantis"} for at in range(6)]
    good = [{"id": "x", "name": "Ada", "country": "Italy"}, {"id": "y", "name": "Ada"}]
    left = FILE.apply(batch(*odd, *good, stream="file.contact")).left_out()
    assert left.alarms() == ["Most of `country` was left out: 6 of 7 values."]


def test_a_value_may_stop_the_run(mapping_of: Load) -> None:
    mapper = compile_mapping(mapping_of("country: {from: c, clean: country, on_failure: stop}"))
    with pytest.raises(
        FailedCheckError, match="`clean\\(country\\)` failed: 'Atlantis' is no country of ISO 3166"
    ):
        mapper.apply(batch({"id": "1", "c": "Atlantis"}))


def test_a_default_stands_for_what_was_dropped(mapping_of: Load) -> None:
    mapper = compile_mapping(mapping_of("country: {from: c, clean: country, on_failure: drop, default: IT}"))
    mapped = mapper.apply(batch({"id": "1", "c": "Atlantis"}))
    assert mapped.rows[0]["country"] == "IT"
    assert mapped.left_out().counted == {("country", "is no country of ISO 3166"): 1}
