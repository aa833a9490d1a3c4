"""``python -m sandbox``: start the sandbox from a terminal.

The flags are the fields of ``Options``; a flag that cannot be honoured ends in one line that says what to
do, and exit code 2.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from typing import NoReturn

from sandbox import BadOptionError, Options, run


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with code 2."""
        self.exit(2, f"sandbox: {message} (see --help)\n")


def _parser() -> _Parser:
    parser = _Parser(
        prog="python -m sandbox", description="HighLevel's and Lusha's APIs on loopback.", allow_abbrev=False
    )
    for option in fields(Options):
        flag = "--" + option.name.replace("_", "-")
        if isinstance(option.default, bool):
            parser.add_argument(flag, action="store_true", help=option.metadata["help"])
        else:
            convert = type(option.default) if option.default is not None else str
            parser.add_argument(flag, type=convert, default=option.default, help=option.metadata["help"])
    parser.add_argument("--json", action="store_true", help="announce the start by one JSON line")
    return parser


def main() -> int:
    """Parse the flags, serve, and return the exit code."""
    given = vars(_parser().parse_args())
    as_json = given.pop("json")
    try:
        run(Options(**given), as_json=as_json)
    except BadOptionError as refused:
        sys.stderr.write(f"sandbox: {refused}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
