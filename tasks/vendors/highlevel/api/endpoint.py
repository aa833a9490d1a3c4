"""One operation of HighLevel's API as data: method, path, scope, whether it may be repeated.

The modules of this package declare their operations with it and get typed records back. HighLevel has no
common envelope: every operation has a top-level key of its own, some of them misspelt, and its success
flag has three spellings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, TypeVar

from pydantic import ValidationError

from tasks.core.batch import Json
from tasks.core.errors import GarbledAnswerError, LushaConnectError, UnknownOutcomeError, VendorFailedError
from tasks.vendors.highlevel.api.records import Record
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.dialect import SUCCESS_FLAGS
from tasks.vendors.retry import Check

R = TypeVar("R", bound=Record)

ITSELF = ""
"""Stands for a record that comes without a key around it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation.

    Args:
        template: Path with placeholders, trailing slash and case as declared: both are load-bearing.
        scope: The scope the token needs.
        idempotent: Whether the same request twice has the effect of one; a create's is repeated only
            when it cannot have taken effect.
    """

    method: str
    template: str
    scope: str
    idempotent: bool = True

    async def ask(
        self,
        client: HighLevel,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        json: Json = None,
        again: Check | None = None,
    ) -> Json:
        """Send it; ``again`` and the errors are those of ``HighLevel.call``."""
        return await client.call(
            self.method,
            self.template,
            scope=self.scope,
            path=path,
            query=query,
            json=json,
            idempotent=self.idempotent,
            again=again,
        )

    async def do(
        self,
        client: HighLevel,
        path: Mapping[str, str] | None = None,
        *,
        json: Json = None,
        again: Check | None = None,
    ) -> Json:
        """Send a write whose answer is little more than a success flag.

        Raises:
            VendorFailedError: The answer itself says that it did not succeed.
        """
        answer = await self.ask(client, path, json=json, again=again)
        flags = answer if isinstance(answer, dict) else {}
        if any(flags.get(flag) is False for flag in SUCCESS_FLAGS):
            raise VendorFailedError(f"{self._at(client)}: answered, but says that it did not succeed")
        return answer

    def record(
        self, client: HighLevel, answer: Json, kind: type[R], *keys: str, zone: tzinfo | None = None
    ) -> R:
        """The record of an answer, under the first of the keys that is there.

        Args:
            zone: What dates without a zone are meant in.

        Raises:
            GarbledAnswerError: There is none, in the answer to what may be repeated.
            UnknownOutcomeError: There is none, in the answer to a create.
        """
        held = next((found for key in keys if (found := _held(answer, key)) is not None), None)
        try:
            return kind.model_validate(held, context={"zone": zone})
        except ValidationError:
            raise self._garbled(client, f"no {kind.__name__.lower()} with an id") from None

    def records(
        self, client: HighLevel, answer: Json, kind: type[R], key: str, *, zone: tzinfo | None = None
    ) -> list[R]:
        """The records of an answer's list.

        An answer without its list is never taken for an empty one: somebody may ask in order to know
        whether a record exists.

        Raises:
            GarbledAnswerError: There is no list, or an entry without an id.
        """
        held = _held(answer, key)
        if not isinstance(held, list):
            raise self._garbled(client, f"no list of {key}")
        try:
            return [kind.model_validate(item, context={"zone": zone}) for item in held]
        except ValidationError:
            raise self._garbled(client, f"an entry of {key} without an id") from None

    def _garbled(self, client: HighLevel, found: str) -> LushaConnectError:
        what = f"{self._at(client)}: {found} in the answer"
        if self.idempotent:
            return GarbledAnswerError(what)
        return UnknownOutcomeError(
            what, remedy="It may have taken effect; look the record up before creating it again."
        )

    def _at(self, client: HighLevel) -> str:
        return f"{self.method} {self.template} for location {client.location_id}"


def _held(answer: Any, key: str) -> Any:
    if key == ITSELF:
        return answer
    return answer.get(key) if isinstance(answer, dict) else None
