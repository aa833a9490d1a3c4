"""One operation of Lusha's API as data, and the parts that its answers have in common.

Almost nothing of an answer is promised: keys may be absent, and order means nothing. People are told apart by
the reference that was sent with them, or else by id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import Json
from tasks.core.errors import GarbledAnswerError, LushaConnectError, UnknownOutcomeError
from tasks.vendors.leads import Problem
from tasks.vendors.lusha.client import UNKNOWN, Lusha
from tasks.vendors.retry import Check

UNTOLD = "NOT_TOLD"
"""The problem of one of whom an answer says nothing at all."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation.

    Args:
        repeatable: Whether the same request twice is charged no more than once.
    """

    method: str
    template: str
    repeatable: bool = True

    async def ask(
        self,
        client: Lusha,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        json: Json = None,
        again: Check | None = None,
    ) -> dict[str, Any]:
        """Send it; ``again`` and the errors are those of ``Lusha.call``.

        Returns:
            The answer, an object.
        """
        answer = await client.call(
            self.method,
            self.template,
            path=path,
            query=query,
            json=json,
            repeatable=self.repeatable,
            again=again,
        )
        if not isinstance(answer, dict):
            raise self.garbled("an object")
        return answer

    def listed(self, answer: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        """The objects of an answer's list; an answer without it is never taken for an empty one.

        Raises:
            GarbledAnswerError: There is no list.
            UnknownOutcomeError: The same, where it may have been charged.
        """
        held = answer.get(key)
        if not isinstance(held, list):
            raise self.garbled(f"a list of {key}")
        return [item for item in held if isinstance(item, dict)]

    def garbled(self, missing: str) -> LushaConnectError:
        """The error for an answer that lacks what it is for."""
        what = f"{self.method} {self.template}: the answer has not {missing}"
        return GarbledAnswerError(what) if self.repeatable else UnknownOutcomeError(what, remedy=UNKNOWN)


def charged(answer: Mapping[str, Any]) -> float | None:
    """Credits that an answer says were taken; None where it does not say."""
    billing = answer.get("billing")
    return number((billing if isinstance(billing, dict) else answer).get("creditsCharged"))


def number(value: Any) -> float | None:
    """A number, as JSON has it or as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def text(value: Any) -> str:
    """A text or a number as text; "" for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def sorted_out(
    entries: Iterable[Mapping[str, Any]], asked: Collection[str], references: Mapping[str, str] | None = None
) -> tuple[dict[str, Json], dict[str, Problem]]:
    """An answer's entries by reference or id: those that tell something, and those that say why not.

    Args:
        asked: References or ids of those who were asked for; of one who is not among the entries that is told
            as a problem. Entries of anybody else are left out.
        references: The reference of those who were asked for by id.
    """
    people: dict[str, Json] = {}
    problems: dict[str, Problem] = {}
    by_id, wanted = references or {}, set(asked)
    for entry in entries:
        named = text(entry.get("clientReferenceId"))
        whose = named if named in wanted else by_id.get(text(entry.get("id")), text(entry.get("id")))
        if whose not in wanted:
            continue
        error = entry.get("error")
        if isinstance(error, dict):
            problems[whose] = Problem(text(error.get("code")) or UNTOLD, text(error.get("message")))
        else:
            people[whose] = dict(entry)
    for whose in asked:
        if whose not in people and whose not in problems:
            problems[whose] = Problem(UNTOLD, "Lusha's answer does not mention them.")
    return people, problems
