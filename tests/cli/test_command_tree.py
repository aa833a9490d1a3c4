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

METAVARS = {"AUTOMATION", "PLAN", "REVIEW", "REJECT", "CONTACT", "FILE", "MAPPING", "STREAM", "OPERATION"}
METAVARS |= {"CONNECTION", "CREDENTIAL", "RECORD", "NOTICE", "OPT_OUT"}

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


def test_an_argument_is_named_for_what_it_is(tree: dict[str, Any]) -> None:
    named = {
        one.metavar
        for command in tree.values()
        for one in command.params
        if one.param_type_name == "argument"
    }
    assert named <= METAVARS


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
    [(("plann",), "plan"), (("plans", "shw"), "show"), (("plans", "show", "x", "--limt"), "--limit")],
)
def test_a_misspelt_word_is_refused_with_the_nearest(
    words: tuple[str, ...], near: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["lusha-connect", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert near in capsys.readouterr().err.replace(words[-1], "")


@pytest.mark.parametrize("words", [("qwxz",), ("plans", "qwxz"), ("run", "qwxz"), ("run", "foobar")])
def test_nonsense_gets_no_suggestion(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["lusha-connect", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "id you mean" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("alias", "noun"), [("plan", "plans"), ("review", "reviews"), ("mapping", "mappings")]
)
def test_a_noun_in_the_singular_is_an_alias_that_help_does_not_show(
    tree: dict[str, Any],
    alias: str,
    noun: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    below = {words.removeprefix(f"lusha-connect {noun} ") for words in tree if f" {noun} " in words}
    assert below == {words.removeprefix(f"lusha-connect {alias} ") for words in tree if f" {alias} " in words}
    monkeypatch.setattr("sys.argv", ["lusha-connect", "--help"])
    with pytest.raises(SystemExit):
        main()
    assert {noun, alias} & set(capsys.readouterr().out.split()) == {noun}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("plans", "shw"), "No such command 'shw'"),
        (("plans", "show", "--limt", "3", "x"), "No such option: --limt"),
        (("plans", "show"), "Missing argument"),
        (("plans", "list", "--limit", "many"), "Invalid value"),
        (("run", "foobar"), "There is no automation 'foobar'"),
    ],
)
def test_an_error_is_told_to_programs_on_the_last_line(
    words: tuple[str, ...], error: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked in (False, True):
        monkeypatch.setattr("sys.argv", ["lusha-connect", *words, *(["--json"] if asked else [])])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert error.split(maxsplit=1)[0] in err
        if not asked:
            assert out == ""
            continue
        told = json.loads(out.splitlines()[-1])
        assert error in told["error"]
        assert told["remedy"]
        assert told["exit_code"] == ended.value.code == 2
