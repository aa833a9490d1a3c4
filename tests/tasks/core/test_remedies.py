"""Who reads an error in Prefect's UI is told what to do there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.automations import AUTOMATIONS, load
from tasks.core.remedies import at_terminal, by_command, by_deployment, in_block
from tasks.streams import STREAMS

ROOT = Path(__file__).parents[3]


def test_a_run_is_named_in_both_ways() -> None:
    told = by_deployment("apply_plan", "plans apply 1a2b", plan="1a2b")
    assert told == "run the deployment apply_plan with plan=1a2b, or: lusha-connect plans apply 1a2b"


def test_a_command_says_where_it_is_run() -> None:
    assert by_command("hub upgrade") == "on the worker's machine, run: lusha-connect hub upgrade"


def test_where_a_block_was_given_its_field_is_named() -> None:
    text = "Correct LUSHA_CONNECT_HUB_URL, or raise LUSHA_CONNECT_QUERY_SECONDS."
    told = in_block(text, "ulm", {"hub_url"})
    assert told == "Correct the field hub_url of the block `ulm`, or raise LUSHA_CONNECT_QUERY_SECONDS."


def test_at_a_terminal_only_the_command_is_named() -> None:
    reader = at_terminal.set(True)
    try:
        assert (
            by_deployment("apply_plan", "plans apply 1a2b", plan="1a2b")
            == "run: lusha-connect plans apply 1a2b"
        )
        assert by_command("hub upgrade") == "run: lusha-connect hub upgrade"
    finally:
        at_terminal.reset(reader)


def calls() -> Iterator[ast.Call]:
    """Where the engine names a deployment in a remedy."""
    for path in sorted((ROOT / "tasks").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "by_deployment":
                yield node


def named(deployment: ast.expr) -> list[str]:
    """The deployments that a call may name: what it says, or else those that keep a mirror up to date."""
    if isinstance(deployment, ast.Constant):
        return [str(deployment.value)]
    mirrors = [stream.mirror for stream in STREAMS.values() if stream.mirror is not None]
    return [mirror.synced_by for mirror in mirrors if mirror.synced_by]


@pytest.mark.parametrize("call", list(calls()), ids=ast.unparse)
def test_the_deployments_and_parameters_that_remedies_name_exist(call: ast.Call) -> None:
    for deployment in named(call.args[0]):
        assert deployment in AUTOMATIONS
        assert {one.arg for one in call.keywords} <= set(load(deployment).parameters.properties)
