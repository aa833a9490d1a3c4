"""Rules whose effects set each other off come to rest, whatever they are: no record goes round for ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests import chance

TAGS = ("red", "green", "blue")
RUNS = 10

tag = st.sampled_from(TAGS)
condition = st.one_of(
    st.builds(lambda name: {"contact.tags": {"has": name}}, tag),
    st.builds(lambda name: {"not": {"contact.tags": {"has": name}}}, tag),
    st.just({"contact.tags": {"changed": True}}),
)
effect = st.one_of(
    st.builds(lambda name: {"tags": [name]}, tag),
    st.builds(lambda name: {"tagsRemoved": [name]}, tag),
    st.builds(lambda one, other: {"tags": [one], "tagsRemoved": [other]}, tag, tag),
)
rule = st.builds(
    lambda when, given, does: {
        "on": {"stream": "hub.contact", "when": when},
        "if": given[0] if len(given) == 1 else {"all": given},
        "then": [{"highlevel.contact": does}],
    },
    st.sampled_from((["created", "updated"], ["updated"], ["created"])),
    st.lists(condition, min_size=1, max_size=2),
    effect,
)

mover = st.builds(
    lambda one, other: {
        "on": {"stream": "hub.contact", "when": ["created", "updated"]},
        "if": {"contact.tags": {"has": one}},
        "then": [{"highlevel.contact": {"tags": [other], "tagsRemoved": [one]}}],
    },
    tag,
    tag,
).filter(lambda made: made["if"]["contact.tags"]["has"] not in made["then"][0]["highlevel.contact"]["tags"])


@settings(max_examples=chance.many("RANDOM_RULES", 40))
@given(st.lists(st.one_of(rule, mover), min_size=1, max_size=5), st.sets(tag), st.sets(tag))
def test_rules_come_to_rest(
    new_location: Callable[[], Any], made: list[dict[str, Any]], before: set[str], after: set[str]
) -> None:
    text = json.dumps({"rules": [{"key": f"rule{n}", **one} for n, one in enumerate(made)]})
    with new_location() as location:
        rules = location.rules(text)
        location.make("ada", tags=sorted(before))
        for _ in range(2):
            ran = [location.run(rules) for _ in range(RUNS)]
            fired = [len(run.fired) for run in ran]
            told = [reason.told for run in ran for reject in run.refused for reason in reject.reasons]
            note(f"{text}\n{sorted(before)} → {sorted(after)}: {fired} {told}")
            assert fired[-1] == 0, "it never ends"
            assert sum(fired) <= len(made) ** 2
            assert all("set each other off" in one or "undo each other" in one for one in told)
            location.edit("ada", tags=sorted(after))
