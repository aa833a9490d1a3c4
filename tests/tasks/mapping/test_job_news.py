"""What is told of a change of job becomes news of the person, in any order; of the old job nothing stays."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.mapping.job_news import job_news

ADA = {
    "id": "v1.a",
    "jobTitle": {"title": "Clerk", "seniority": "entry"},
    "company": {"id": "v1.c", "name": "Old Ltd", "domain": "old.example", "industry": "Rockets"},
}
NEW = {
    "type": "companyChange",
    "signalDate": "2026-09-15",
    "currentCompanyName": "New Inc",
    "currentDomain": "new.example",
    "currentTitle": "Head",
    "currentDepartments": [{"id": 1, "value": "Sales"}],
    "previousCompanyName": "Old Ltd",
    "previousDomain": "old.example",
}
LATER = {
    "type": "promotion",
    "signalDate": "2026-10-01",
    "currentTitle": "Chief",
    "currentDepartments": "Sales",
}


def news(signals: Any, before: Any = ADA) -> dict[str, Any]:
    found = job_news(before, signals)
    assert found is not None
    return dict(found)


@pytest.mark.parametrize("signals", [[NEW, LATER], [LATER, NEW]])
def test_the_newest_counts_whatever_the_order(signals: Any) -> None:
    found = news(signals)
    assert found["company"]["name"] == "New Inc"
    assert found["jobTitle"] == {"title": "Chief", "departments": ["Sales"], "seniority": ""}
    assert found["jobChange"]["at"] == "2026-09-15"
    assert found["jobChange"]["previousCompany"] == {"name": "Old Ltd", "domain": "old.example"}


def test_what_is_older_than_what_is_known_says_nothing() -> None:
    after = ADA | news([LATER])
    assert job_news(after, [NEW]) is None
    assert news([NEW], ADA | news([NEW])) == news([NEW])  # told again it says the same


def test_a_new_company_has_nothing_of_the_old_one() -> None:
    told = {"type": "companyChange", "signalDate": "2026-09-15", "currentCompanyName": "New Inc"}
    found = news([told])
    assert found["company"] == {"id": "", "industry": "", "name": "New Inc", "domain": ""}
    assert found["jobChange"]["previousCompany"] == {"name": "Old Ltd", "domain": "old.example"}


@pytest.mark.parametrize("odd", [{}, {"type": "promotion"}, {"currentDepartments": None}])
def test_a_signal_that_tells_little_is_no_error(odd: Any) -> None:
    found = job_news({"id": "v1.a"}, [odd])
    assert found is None or "company" not in found
