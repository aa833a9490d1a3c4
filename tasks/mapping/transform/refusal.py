"""Why a value is refused: raised below, gathered into a reject's reasons by ``apply``, never seen above."""

from __future__ import annotations

from tasks.core.batch import Json, shown


class RefusedValueError(ValueError):
    """A value cannot become what the target field holds.

    Args:
        rule: ``type``, ``text``, ``length``, ``required``, ``shape`` or ``clean``.
        message: For the person who corrects it; never a whole payload.
        problem: What is wrong, without the value: the same for all values of its kind.
        value: What it was given, shortened.
    """

    def __init__(self, rule: str, message: str, *, problem: str = "", value: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.problem = problem or message
        self.value = value


class CleanError(RefusedValueError):
    """A transform cannot clean this value.

    Args:
        value: What it was given; shown shortened.
        problem: What is wrong with it, e.g. ``is no date``.
    """

    def __init__(self, value: Json, problem: str) -> None:
        told = shown(value)
        super().__init__("clean", f"{told} {problem}", problem=problem, value=told)
