"""One operation of Lusha's contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.core.answers import Answer
from sandbox.core.routing import Template
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call

__all__ = ["Route"]


@dataclass(frozen=True, slots=True)
class Route(Template):
    """What answers a method and a path.

    Attributes:
        handler: Does it.
        limit: Which limit of its own the route is under: ``usage``, ``webhooks``, or none.
    """

    handler: Callable[[Account, Call], Answer]
    limit: str = ""
