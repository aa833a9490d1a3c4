"""Every operation that the sandbox answers for Lusha."""

from __future__ import annotations

from sandbox.lusha import (
    company_records,
    contact_enrich,
    contact_search,
    lookalike,
    prospecting,
    scores,
    signals,
    subscriptions,
    tables,
    usage,
)

__all__ = ["ROUTES"]

ROUTES = (
    *contact_search.ROUTES,
    *contact_enrich.ROUTES,
    *company_records.ROUTES,
    *prospecting.ROUTES,
    *lookalike.ROUTES,
    *scores.ROUTES,
    *signals.ROUTES,
    *tables.ROUTES,
    *subscriptions.ROUTES,
    *usage.ROUTES,
)
