"""A running sandbox's Lusha account, and its control door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.core.door import ask

__all__ = ["RunningLusha"]


@dataclass(frozen=True, slots=True)
class RunningLusha:
    """Lusha's side of a sandbox that answers.

    Attributes:
        url: Base URL.
        key: What the header ``api_key`` must carry.
    """

    url: str
    port: int
    key: str
    host: str = "127.0.0.1"

    def bill(self) -> dict[str, Any]:
        """All that was charged: ``{"credits": n, "charges": [{"record", "datapoint", "credits"}]}``.

        One line for each datapoint of a person that was revealed (``emails`` or ``phones``), for each search
        (``record`` is empty, ``datapoint`` is ``contactSearch``) and so on; what is free leaves no line.
        """
        return self._door("GET", "bill")

    def requests(self) -> dict[str, Any]:
        """``{"total": n, "operations": {"POST /v3/contacts/search": {"200": n}}}``."""
        return self._door("GET", "requests")

    def records(self, kind: str) -> list[Any]:
        """Every record of a kind, whole: people (with their company), companies, tables, subscriptions."""
        records: list[Any] = self._door("GET", f"records/{kind}")["records"]
        return records

    def set_faults(self, faults: list[dict[str, Any]]) -> None:
        """Play these faults from now on; an empty list for none."""
        self._door("POST", "faults", faults)

    def hits(self) -> list[int]:
        """How many requests each of the faults has hit so far."""
        hits: list[int] = self._door("GET", "faults")["hits"]
        return hits

    def reset(self) -> None:
        """Back to the generated data and all credits, with no counts, no faults and fresh limits."""
        self._door("POST", "reset")

    def edit(self, person: str, **change: Any) -> dict[str, Any]:
        """Change one of the people.

        Args:
            person: Their id.
            **change: ``set={fields}``; ``job={"companyId", "title"}`` for a new job, with a new work address
                where the company is another one; or ``optOut=True``, after which their data are restricted.
        """
        record: dict[str, Any] = self._door("POST", "edit", {"kind": "people", "id": person, **change})[
            "record"
        ]
        return record

    def set_credits(self, total: int) -> None:
        """Give the account so many credits in all, those included that it has used."""
        self._door("POST", "credits", {"total": total})

    def set_prices(self, **prices: dict[str, int]) -> None:
        """Change the price list, e.g. ``revealPhone={"credits": 10, "perQuantity": 1}``."""
        self._door("POST", "prices", prices)

    def deliver(self, person: str, signal: str) -> list[dict[str, Any]]:
        """What Lusha would post to the subscribers of one of the people: signed; url, headers, body.

        Args:
            signal: ``companyChange``, ``promotion`` or ``optOut``.
        """
        given = {"id": person, "signal": signal}
        deliveries: list[dict[str, Any]] = self._door("POST", "deliver", given)["deliveries"]
        return deliveries

    def block(self, subscription: str) -> None:
        """Let a subscription's deliveries fail until Lusha disables it."""
        self._door("POST", "block", {"id": subscription})

    def _door(self, method: str, name: str, body: Any = None) -> dict[str, Any]:
        return ask(self.host, self.port, method, name, body)
