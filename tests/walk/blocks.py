"""The fenced blocks of the documents, in the order in which a reader meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

COMMANDS = ("sh", "bash", "console")
SETTINGS = "dotenv"

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<kind>\S*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"\((docs/[\w-]+\.md)")


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two fences.

    Args:
        document: Path from the project's folder, e.g. ``docs/plans.md``.
        line: Of its first line, from 1.
        kind: The word behind the opening fence; empty where there is none.
    """

    document: str
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, e.g. ``README.md:18``."""
        return f"{self.document}:{self.line}"


def documents(root: Path) -> list[str]:
    """README, then the documents in the order in which it links to them, then the others."""
    linked = _LINK.findall((root / "README.md").read_text(encoding="utf-8"))
    there = sorted(file.relative_to(root).as_posix() for file in (root / "docs").glob("*.md"))
    return ["README.md", *dict.fromkeys([*(name for name in linked if name in there), *there])]


def blocks_of(root: Path) -> list[Block]:
    """Every fenced block of every document."""
    return [block for name in documents(root) for block in _blocks(root, name)]


def _blocks(root: Path, document: str) -> Iterator[Block]:
    text = (root / document).read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start("text")) + 1
        yield Block(document, line, found["kind"], dedent(found["text"]))
