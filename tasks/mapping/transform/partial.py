"""A value of which a part does not go in, or that is not quite what it seems: what its field tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tasks.core.batch import Json, shown
from tasks.mapping.transform.refusal import RefusedValueError


@dataclass(frozen=True, slots=True)
class Partial:
    """What a transform, or a field's ``on_failure``, makes of a value that it cannot take as it is.

    Args:
        value: What goes in; None for nothing.
        left_out: What does not: rule, problem (the same for all values of its kind) and value of each.
        warnings: Rules that the value breaks, though it goes in.
        is_key: Whether the value identifies its record.
        moved: What other fields hold of it: field to text.
    """

    value: Any
    left_out: tuple[tuple[str, str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    is_key: bool = True
    moved: Mapping[str, str] = field(default_factory=dict)

    def then(self, later: Any) -> Partial:
        """What the next step makes of it."""
        if not isinstance(later, Partial):
            return replace(self, value=later)
        return Partial(
            later.value,
            self.left_out + later.left_out,
            self.warnings + later.warnings,
            self.is_key and later.is_key,
            {**self.moved, **later.moved},
        )

    def kept(self, keep: Callable[[Any], Any]) -> Partial:
        """The same, its value checked for the field."""
        return self if self.value is None else replace(self, value=keep(self.value))


def without(refused: RefusedValueError) -> Partial:
    """No value, because it was refused."""
    return Partial(None, ((refused.rule, refused.problem, refused.value),))


def part_of(value: Any, left: Json, problem: str) -> Partial:
    """A value of which something is left over."""
    return Partial(value, (("clean", problem, shown(left)),))
