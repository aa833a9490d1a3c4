"""A record that the hub has just as it is is not mapped again, and nobody can tell by the outcome."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tasks.core.batch import Json, Reason, Reject
from tasks.hub.engine import Hub
from tests import chance
from tests.tasks.load.settling import NOON, Clock, Twins, stopped

STORIES = chance.many("RANDOM_SETTLED", 6)
"""In all, spread over both kinds of database."""

STEPS = 9

MAPPING = """\
source: highlevel.contact
target: hub.contact
fields:
  id:                {from: id}
  email:             {from: email, clean: email, on_failure: drop}
  additional_emails: {from: additionalEmails, clean: emails}
  phone:             {from: phone, clean: {phone: {default_region: DE}}, on_failure: warn}
  city:              {from: city, clean: text}
  country:           {from: country, clean: upper}
  website:           {from: website, clean: text}
  dnd_calls:
    from: dndSettings.Call.status
    clean: [lower, {lookup: {table: {active: true, inactive: false}}}]
    on_failure: drop
  tags:              {from: tags, clean: tags}
  custom:            {from: customFields, clean: custom_fields}
  date_added:        {from: dateAdded, clean: timestamp}
  date_updated:      {from: dateUpdated, clean: timestamp}
checks:
  - {expect: expect_column_value_lengths_to_equal, column: country, value: 2, on_failure: warn}
  - {expect: expect_column_values_to_not_be_in_set, column: city, value_set: [Nowhere], on_failure: reject}
  - {expect: expect_column_values_to_match_regex, column: website, regex: '^https:', on_failure: drop}
stop_when: {rejected_share: 0.8, min_rows: 4}
"""
ONCE = pytest.mark.parametrize("hub_url", ["sqlite"], indirect=True)
EDITED = MAPPING.replace("{from: city, clean: text}", "{from: city, clean: upper}").replace(
    "[Nowhere]", "[Graz]"
)
SHORT = "expect_column_value_lengths_to_equal(country)"


def record(id_: str = "ada", **fields: Any) -> Json:
    return {"id": id_, "dateAdded": NOON.isoformat(), "dateUpdated": NOON.isoformat()} | fields


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped(monkeypatch)


@pytest.fixture
def twins(hub: Hub, clock: Clock) -> Twins:
    return Twins(hub, "story", clock)


class Story:
    """What becomes of a few records at the vendor, and what runs see of it."""

    def __init__(self, dice: random.Random, twins: Twins, name: str) -> None:
        self.dice, self.twins, self.name = dice, twins, name
        self.there = [self._record(f"{name}-{n}") for n in range(6)]
        self.before = list(self.there)
        self.mapping = MAPPING

    def play(self) -> None:
        self.read()
        for _ in range(STEPS):
            self.twins.clock.go_on(self.dice.choice((1, 40, 700)))
            rarely = (self.ask, self.lose, self.switch, self.opt_out)
            happening = (self.edit, self.edit, self.write, self.write, *rarely)
            for happens in self.dice.choices(happening, k=self.dice.randrange(4)):
                happens()
            self.read()

    def read(self) -> None:
        some = self.dice.sample(self.there, self.dice.choice((6, 6, 4)))
        if self.dice.random() < 0.3:
            some[0] = self.dice.choice(self.before)  # the search is behind
        if self.dice.random() < 0.2:
            some += [self.dice.choice(self.there + self.before), "no record"]
        ids = [self.dice.choice(self.there)["id"]] if self.dice.random() < 0.1 else []
        rejects = [Reject(id_, [Reason("row", "", "cannot be read")], "{}") for id_ in ids]
        self.twins.do("read", self.mapping, some, rejects=rejects, ago=self.dice.choice((0, 3)))

    def edit(self) -> None:
        """Somebody changes a record, or changes it back."""
        at = self.dice.randrange(len(self.there))
        known, now = self.there[at], self.twins.clock.now().isoformat()
        new = self._record(known["id"]) | {"dateUpdated": now}
        self.there[at], self.before[at] = self.dice.choice((new, new, self.before[at])), known

    def write(self) -> None:
        """We change a record."""
        one, fields = self.dice.choice(self.there), {"tags": [self.dice.choice("abc")]}
        how = self.dice.randrange(4)
        if how == 0:
            self.twins.do("patched", one["id"], **fields)
        elif how == 1:
            self.twins.do("gone", one["id"])
        else:
            self.twins.do("answered", self.mapping, one | fields, partial=how == 2)

    def ask(self) -> None:
        """A record is asked for by itself, perhaps by a run that began with the other mapping."""
        one = self.dice.choice(self.there) | {"dndSettings": {"Call": {"status": "active"}}}
        self.twins.do("told", self.dice.choice((MAPPING, EDITED)), one)

    def lose(self) -> None:
        self.twins.do("delete", self.dice.choice(self.there)["id"])

    def switch(self) -> None:
        self.mapping = EDITED if self.mapping is MAPPING else MAPPING

    def opt_out(self) -> None:
        """Somebody whose address or number is there, in whatever spelling, wants it removed."""
        one = self.dice.choice(self.there)
        if "9018" in one.get("phone", ""):
            self.twins.opt_out(phones=[f"+4930{one['phone'][-7:]}"])
        elif "@" in one.get("email", ""):
            self.twins.opt_out(emails=[one["email"].lower()])

    def _record(self, id_: str) -> Json:
        choice, number = self.dice.choice, self.dice.randrange(10)
        offered: Json = {
            "email": choice((f"{id_}{number}@Example.com", f"{id_}@example.com", "no address")),
            "additionalEmails": choice(([], [{"email": f"further-{id_}@example.com"}])),
            "phone": choice((f"030 90182{number}0", "none", f"(030) 9018{number}00")),
            "city": choice(("Wien", "Graz", "Nowhere")),
            "country": choice(("at", "Austria")),
            "website": choice(("https://a.example", "http://a.example")),
            "dndSettings": {"Call": {"status": choice(("active", "inactive", "sometimes"))}},
            "tags": choice(([], ["a"], ["a", "b"])),
            "customFields": [{"id": "f1", "value": choice(("x", f"{id_}@example.com"))}],
        }
        dated = record(id_) if self.dice.random() < 0.9 else {"id": id_, "dateAdded": "soon"}
        return dated | {name: value for name, value in offered.items() if self.dice.random() < 0.45}


def test_whatever_happens_the_outcome_is_that_of_mapping_everything(hub: Hub, clock: Clock) -> None:
    dice = chance.dice("settled", hub.is_sqlite)
    settled = 0
    for n in range(-(-STORIES // 2)):
        story = Story(dice, Twins(hub, f"story {n}", clock), f"s{n}")
        story.play()
        settled += len(story.twins.one.settled())
    assert settled


@ONCE
def test_a_record_that_is_as_it_was_is_not_mapped(twins: Twins) -> None:
    some = [record("ada", city="Wien"), record("bob", city="Linz")]
    twins.do("read", MAPPING, some)
    some[0] |= {"city": "Graz"}
    told = twins.do("read", MAPPING, some)
    assert (told["updated"], told["unchanged"], told["seen"]) == (1, 1, ["ada", "bob"])
    assert (twins.one.mapped, twins.other.mapped) == (["ada"], ["ada", "bob"])


@ONCE
def test_a_record_that_comes_as_it_was_and_as_it_is_is_mapped(twins: Twins) -> None:
    was, now = record(city="Wien"), record(city="Graz", dateUpdated="2026-06-01T12:00:30Z")
    twins.do("read", MAPPING, [was])
    twins.clock.go_on(60)
    assert twins.do("read", MAPPING, [now, was])["updated"] == 1
    assert twins.one.held("ada")["city"] == "Graz"


@ONCE
def test_what_there_was_to_tell_of_a_record_is_told_again(twins: Twins) -> None:
    some = [
        record("ada", country="Austria"),
        record("bob", website="http://b.example"),
        record("eve", email="none"),
        record("joe", phone="none"),
    ]
    for _ in range(2):
        told = twins.do("read", MAPPING, some)
        assert told["warnings"] == {SHORT: 1, "clean(phone)": 1}
        assert {row[0] for row in told["left out"][0]} == {"email", "website"}
    assert len(twins.one.mapped) == 4


@ONCE
def test_what_there_is_nothing_to_tell_of_any_more_rests_and_is_told_of_when_there_is_again(
    twins: Twins,
) -> None:
    """The texts are the same all the time; by the other mapping they may be spelt that long."""
    some, lenient = [record(country="Austria")], MAPPING.replace("value: 2", "value: 7")
    for _ in range(2):
        assert not twins.do("read", lenient, some)["warnings"]
    assert twins.one.mapped == []
    for _ in range(2):
        assert twins.do("read", MAPPING, some)["warnings"] == {SHORT: 1}


@ONCE
def test_another_mapping_looks_at_every_record_and_so_does_the_former_one_after_it(twins: Twins) -> None:
    for text, city in ((MAPPING, "Wien"), (EDITED, "WIEN"), (MAPPING, "Wien")):
        twins.do("read", text, [record(city="Wien")])
        assert (twins.one.mapped, twins.one.held("ada")["city"]) == (["ada"], city)
    twins.do("read", MAPPING + "# a remark\n", [record(city="Wien")])
    assert twins.one.mapped == []


@ONCE
@pytest.mark.parametrize(
    "told", [{"phone": "030 9018200"}, {"phone": "030\u200b9018200"}, {"referrer": "030 9018200"}]
)
def test_as_long_as_the_vendor_tells_what_was_removed_the_record_is_looked_at(
    twins: Twins, told: Json
) -> None:
    """However it is spelt, in any field: the mirror has what the mapping makes of it."""
    some = [record(**told, city="Wien")]
    twins.do("read", MAPPING, some)
    twins.opt_out(phones=["+49309018200"])
    for _ in range(3):
        twins.clock.go_on(60)
        twins.do("read", MAPPING, some)
        assert (twins.one.mapped, twins.one.held("ada")["phone"]) == (["ada"], None)


@ONCE
def test_a_reject_that_is_good_again_as_it_was_before_is_no_reject_any_more(twins: Twins) -> None:
    good, bad = record(city="Wien"), record(city="Nowhere")
    twins.do("read", MAPPING, [good])
    twins.do("read", MAPPING, [bad])
    assert twins.one.content()["rejects"]
    twins.do("read", MAPPING, [good])
    assert (twins.one.mapped, twins.one.content()["rejects"]) == ([], {})


@ONCE
@pytest.mark.parametrize("write", ["patched", "partial", "gone", "told"])
def test_what_we_wrote_or_asked_for_since_is_mapped(twins: Twins, write: str) -> None:
    one = record(city="Wien")
    twins.do("read", MAPPING, [one])
    if write == "patched":
        twins.do("patched", "ada", tags=["ours"])
    elif write == "gone":
        twins.do("gone", "ada")
    elif write == "partial":
        twins.do("delete", "ada")
        twins.do("answered", MAPPING, one, partial=True)
    else:
        twins.do("told", EDITED, one)
    twins.clock.go_on(1000)
    twins.do("read", MAPPING, [one])
    assert (twins.one.mapped, twins.one.held("ada")["city"]) == (["ada"], "Wien")
    twins.do("read", MAPPING, [one])
    assert twins.one.mapped == []


@ONCE
def test_a_check_over_the_whole_batch_looks_at_every_record(twins: Twins) -> None:
    unique = "  - {expect: expect_column_values_to_be_unique, column: city, on_failure: warn}\n"
    text = MAPPING.replace("checks:\n", f"checks:\n{unique}")
    for _ in range(2):
        twins.do("read", text, [record("ada", city="Wien"), record("bob", city="Linz")])
    told = twins.do("read", text, [record("ada", city="Wien"), record("bob", city="Wien")])
    assert told["warnings"] == {"expect_column_values_to_be_unique(city)": 2}


@ONCE
def test_of_how_many_values_some_were_lost_counts_those_of_records_that_rest(twins: Twins) -> None:
    active = {"dndSettings": {"Call": {"status": "active"}}}
    good = [record(f"good{n}", website="https://a.example") for n in range(6)]
    bad = [
        record(f"bad{n}", website="http://a.example", dndSettings={"Call": {"status": "x"}}) for n in range(5)
    ]
    twins.do("read", MAPPING, good)
    for one in good:
        twins.do("told", MAPPING, one | active)
    for _ in range(2):
        told = twins.do("read", MAPPING, good + bad)
    assert len(twins.one.mapped) == len(bad)
    *_, filled, alarms = told["left out"]
    assert (filled["website"], filled["dnd_calls"]) == (11, 5)
    assert alarms == ["Most of `dnd_calls` was left out: 5 of 5 values."]


@ONCE
def test_what_hangs_on_a_record_and_rests_is_not_taken_for_gone(twins: Twins) -> None:
    notes = "source: highlevel.note\ntarget: hub.note\nfields:\n  id: {from: id}\n"
    notes += "  contact_id: {from: contactId}\n  body: {from: body}\n"
    some = [{"id": f"n{n}", "contactId": "ada", "body": "Hi"} for n in range(2)]
    twins.do("read", notes, some, parents=("ada",))
    twins.clock.go_on(60)
    assert twins.do("read", notes, some, parents=("ada",))["deleted"] == 0
    assert twins.one.mapped == []
    twins.clock.go_on(60)
    assert twins.do("read", notes, some[1:], parents=("ada",))["deleted"] == 1
