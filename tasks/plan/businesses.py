"""Which business is meant: by id, by domain or by name, where exactly one fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A business of the location, as matching sees it.

    Args:
        domain: Of its website, as DNS spells it; empty where there is none.
    """

    id: str
    name: str
    domain: str


class Businesses:
    """The location's businesses, by what they may be called."""

    def __init__(self, known: Iterable[Named]) -> None:
        self._ids: set[str] = set()
        self._domains: dict[str, list[str]] = {}
        self._names: dict[str, list[str]] = {}
        for business in known:
            self._ids.add(business.id)
            if business.domain:
                self._domains.setdefault(business.domain, []).append(business.id)
            if business.name:
                self._names.setdefault(_folded(business.name), []).append(business.id)

    def find(self, text: str) -> list[str]:
        """The ids of those that the text may mean."""
        if text in self._ids:
            return [text]
        by_domain, by_name = self._domains.get(text.lower(), []), self._names.get(_folded(text), [])
        return list(dict.fromkeys([*by_domain, *by_name]))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
