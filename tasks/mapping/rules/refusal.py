"""A rule that cannot be judged for a record: that record is a reject of the rule, others go on."""

from __future__ import annotations

from tasks.mapping.transform.refusal import RefusedValueError


class UnfitError(ValueError):
    """A value is not what an operator, a filter or a date works with; the message goes on from the path."""


class CannotEvaluateError(RefusedValueError):
    """A rule cannot be judged for a record, or its rows cannot be made.

    Args:
        rule: The rule's key.
        path: Where the value came from, as the file has it.
        what: What is wrong with it, e.g. ``has no value``.
    """

    def __init__(self, rule: str, path: str, what: str) -> None:
        super().__init__("rule", f"`{path}` {what}", problem=f"`{path}` {what}")
        self.key = rule
        self.path = path
        self.what = what
