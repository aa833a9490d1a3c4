"""What to do, said to whoever reads it: in Prefect's UI, where a run's error is shown, or at a terminal."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextvars import ContextVar

PROGRAM = "lusha-connect"

at_terminal: ContextVar[bool] = ContextVar("at_terminal", default=False)
"""Whether the reader sits at a terminal: the command line says so of all that runs in its process."""


def by_deployment(deployment: str, command: str, **parameters: object) -> str:
    """A remedy that is a run: as a deployment with its parameters, or as a command.

    Args:
        deployment: Its name, which is its flow's.
        command: The same on the command line, without the program's name.
    """
    if at_terminal.get():
        return by_command(command)
    given = ", ".join(f"{name}={value}" for name, value in parameters.items())
    return f"run the deployment {deployment}{f' with {given}' if given else ''}, or: {PROGRAM} {command}"


def by_command(command: str) -> str:
    """A remedy that only the command line has; it needs the settings and the hub of the worker."""
    where = "" if at_terminal.get() else "on the worker's machine, "
    return f"{where}run: {PROGRAM} {command}"


def in_block(text: str, block: str, fields: Collection[str]) -> str:
    """A text whose settings are those of a Prefect block, for whoever gave the block and not the environment.

    Args:
        block: The block's name.
        fields: Its fields, which have the settings' names; of another setting the environment counts.
    """

    def named(found: re.Match[str]) -> str:
        field = found[1].lower()
        return f"the field {field} of the block `{block}`" if field in fields else found[0]

    return re.sub(r"LUSHA_CONNECT_([A-Z_]*[A-Z])", named, text)
