"""What of a source's values did not go in, counted for a person: by field and by what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(slots=True)
class LeftOut:
    """Values that did not go in; adds up over batches.

    Args:
        counted: How many, by field and problem.
        examples: The first few of each.
        lost: Records that went in without their value, by field.
        filled: Records that had a value of such a field.
    """

    counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)

    EXAMPLES: ClassVar[int] = 3
    MANY: ClassVar[int] = 5

    def note(self, name: str, problem: str, value: str) -> None:
        """Note a value, or a part of one, that did not go in."""
        self.counted[name, problem] += 1
        self._show((name, problem), [value])

    def count(self, name: str, *, lost: bool, kept: bool) -> None:
        """Count a record by what became of its value of a field."""
        self.lost[name] += lost
        self.filled[name] += lost or kept

    def add(self, other: LeftOut) -> None:
        """Add ``other`` to this, in place."""
        self.counted.update(other.counted)
        self.lost.update(other.lost)
        self.filled.update(other.filled)
        for key, some in other.examples.items():
            self._show(key, some)

    def plain(self) -> list[dict[str, Any]]:
        """As JSON, the most frequent first."""
        return [
            {"field": name, "problem": problem, "values": number, "examples": self.examples[name, problem]}
            for (name, problem), number in self.counted.most_common()
        ]

    def rows(self) -> list[tuple[str, str, str, str]]:
        """For a table: field, problem, how many, and some of them."""
        return [
            (name, problem, f"{number:,}", ", ".join(self.examples[name, problem]))
            for (name, problem), number in self.counted.most_common()
        ]

    def alarms(self) -> list[str]:
        """A sentence for each field of which most values were lost: it may be taken for the wrong thing."""
        return [
            f"Most of `{name}` was left out: {lost:,} of {self.filled[name]:,} values."
            for name, lost in self.lost.most_common()
            if lost >= self.MANY and lost * 2 > self.filled[name]
        ]

    def _show(self, key: tuple[str, str], some: list[str]) -> None:
        shown = self.examples.setdefault(key, [])
        for value in some:
            if value and value not in shown and len(shown) < self.EXAMPLES:
                shown.append(value)
