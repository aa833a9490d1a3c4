"""What the account has subscribed to: its webhooks, their secret, and what was delivered.

Deliveries are made and signed here, and kept; nobody is called over HTTP.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from sandbox.lusha.companies import Document

__all__ = ["OPT_OUT", "Subscribed"]

OPT_OUT = "optOut"
"""The signal of the one subscription that is about everybody."""


class Subscribed:
    """Subscriptions, newest last.

    Attributes:
        secret: What deliveries are signed with; empty until one is made.
        audit: What was delivered, or failed to be, newest last.
    """

    def __init__(self) -> None:
        self.secret = ""
        self.audit: list[Document] = []
        self._subscriptions: dict[str, Document] = {}
        self._next = 0x507F1F77BCF86CD799439011

    def add(self, subscription: Document, now: str) -> Document:
        """Keep a subscription under a new id: 24 hexadecimal digits."""
        identity = f"{self._next:024x}"
        self._next += 1
        dates = {"createdAt": now, "updatedAt": now}
        self._subscriptions[identity] = {"id": identity, **subscription, "isActive": True, **dates}
        return self._subscriptions[identity]

    def get(self, identity: str) -> Document | None:
        """One by its id."""
        return self._subscriptions.get(identity)

    def remove(self, identity: str) -> Document | None:
        """End one; None where there is none."""
        return self._subscriptions.pop(identity, None)

    def newest_first(self) -> list[Document]:
        """All of them."""
        return list(reversed(self._subscriptions.values()))

    def about(self, entity_type: str, entity_id: str) -> Document | None:
        """The one of an entity: there is never a second one."""
        return next(
            (
                one
                for one in self._subscriptions.values()
                if (one["entityType"], one["entityId"]) == (entity_type, entity_id)
            ),
            None,
        )

    def opt_out(self) -> Document | None:
        """The one that tells opt-outs."""
        return next((one for one in self._subscriptions.values() if OPT_OUT in one["signalTypes"]), None)

    def listening(self, ids: tuple[str, ...], signal: str) -> Iterator[Document]:
        """Active ones about an entity, by any of its ids, that are told a signal."""
        for one in self._subscriptions.values():
            told = signal in one["signalTypes"] or "allSignals" in one["signalTypes"]
            if one["isActive"] and told and one["entityId"] in ids:
                yield one

    def rotate(self) -> str:
        """A new secret; the old one ends at once for all subscriptions."""
        self.secret = "whsec_" + secrets.token_hex(24)
        return self.secret
