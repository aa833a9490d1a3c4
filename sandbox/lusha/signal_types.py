"""The signals that Lusha tells, as its OpenAPI file lists them."""

from __future__ import annotations

__all__ = ["COMPANY_SIGNALS", "CONTACT_SIGNALS", "EVERY"]

EVERY = "allSignals"
CONTACT_SIGNALS = (EVERY, "promotion", "companyChange")
COMPANY_SIGNALS = (
    EVERY,
    "linkedinActivityIntent",
    "websiteTrafficDecrease",
    "websiteTrafficIncrease",
    "itSpendIncrease",
    "itSpendDecrease",
    "surgeInHiring",
    "headcountIncrease1m",
    "headcountIncrease3m",
    "headcountIncrease6m",
    "headcountIncrease12m",
    "headcountDecrease1m",
    "headcountDecrease3m",
    "headcountDecrease6m",
    "headcountDecrease12m",
    "surgeInHiringByDepartment",
    "surgeInHiringByLocation",
    "riskNews",
    "commercialActivityNews",
    "corporateStrategyNews",
    "financialEventsNews",
    "peopleNews",
    "marketIntelligenceNews",
    "productActivityNews",
)
