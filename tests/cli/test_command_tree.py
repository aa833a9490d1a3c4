"""Every command and option that scripts rely on is there, and says the same thing everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli import LushaConnect, main
from tests.cli.command_tree import commands, parameters

PROMISED = json.loads(Path(__file__).with_name("commands.json").read_text(encoding="utf-8"))
"""The commands of release 0.1.0 with what each takes. More may come; none of these may go or change."""

SHARED = ("--json", "--dry-run", "--verbose -v", "--output -o")

WITHOUT_JSON = {"lusha-connect operations page"}
"""It writes a page of the documentation."""


@pytest.fixture(scope="module")
def tree() -> dict[str, Any]:
    return commands()


def help_of(parameter: Any) -> str:
    return str(parameter.help or "")


@pytest.mark.parametrize("words", PROMISED)
def test_what_was_promised_is_there(tree: dict[str, Any], words: str) -> None:
    assert words in tree
    takes = parameters(tree[words])
    assert {name: takes.get(name) for name in PROMISED[words]} == PROMISED[words]


def test_everything_explains_itself(tree: dict[str, Any]) -> None:
    silent = [words for words, command in tree.items() if not command.help]
    silent += [
        f"{words} {one.opts}" for words, command in tree.items() for one in command.params if not one.help
    ]
    assert not silent


@pytest.mark.parametrize("option", SHARED)
def test_an_option_means_the_same_everywhere(tree: dict[str, Any], option: str) -> None:
    found = {
        (help_of(one), repr(one.default))
        for command in tree.values()
        for one in command.params
        if set(option.split()) & {*one.opts}
    }
    assert len(found) == 1
    first = option.split(maxsplit=1)[0]
    spelt = {name for command in tree.values() for name in parameters(command) if first in name.split()}
    assert spelt == {option}


def test_every_command_can_speak_to_programs(tree: dict[str, Any]) -> None:
    mute = {
        words
        for words, command in tree.items()
        if not hasattr(command, "commands") and "--json" not in parameters(command)
    }
    assert mute == WITHOUT_JSON


def test_the_list_of_nouns_says_what_each_noun_says_of_itself(tree: dict[str, Any]) -> None:
    listed = {noun.name: noun.about for noun in LushaConnect.nouns}
    assert listed == {name: tree[f"lusha-connect {name}"].help for name in listed}


@pytest.mark.parametrize(
    ("words", "near"),
    [(("plann",), "plan"), (("plan", "shw"), "show"), (("plan", "show", "x", "--limt"), "--limit")],
)
def test_a_misspelt_word_is_refused_with_the_nearest(
    words: tuple[str, ...], near: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["lusha-connect", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert near in capsys.readouterr().err.replace(words[-1], "")
