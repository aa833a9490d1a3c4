"""People as rows of a CSV file, in the columns in which Lusha exports contacts.

With what was revealed of them, or without: then the columns of addresses and numbers are there and empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from sandbox.lusha.companies import Document

__all__ = ["COLUMNS", "rows", "write_csv"]

COLUMNS = (
    "First Name",
    "Last Name",
    "Full Name",
    "Job Title",
    "Company Name",
    "Work Email",
    "Private Email",
    "Direct Phone 1",
    "Direct Phone 2",
    "Mobile Phone 1",
    "Company Domain",
    "Company Industry",
    "LinkedIn URL",
    "Contact Location",
    "Contact Country",
)


def rows(people: Iterable[Document], *, revealed: bool = False) -> list[dict[str, str]]:
    """Rows of an export.

    Args:
        people: As ``GET /_sandbox/records/people`` tells them, each with their ``company``.
        revealed: With their e-mail addresses and phone numbers.
    """
    return [_row(person, revealed) for person in people]


def write_csv(path: Path, people: Iterable[Document], *, revealed: bool = False) -> None:
    """Write an export: UTF-8, a header, one row for each of the people."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows(people, revealed=revealed))


def _row(person: Document, revealed: bool) -> dict[str, str]:
    company, location = person["company"], person["location"]
    emails, phones = (person["emails"], person["phones"]) if revealed else ([], [])
    direct = [one["number"] for one in phones if one["type"] == "direct"]
    where = [location.get(name) for name in ("city", "state", "country")]
    return {
        "First Name": person["firstName"],
        "Last Name": person["lastName"],
        "Full Name": person["fullName"],
        "Job Title": person["jobTitle"]["title"],
        "Company Name": company["name"],
        "Work Email": _first(one["email"] for one in emails if one["type"] == "work"),
        "Private Email": _first(one["email"] for one in emails if one["type"] == "private"),
        "Direct Phone 1": _first(direct),
        "Direct Phone 2": _first(direct[1:]),
        "Mobile Phone 1": _first(one["number"] for one in phones if one["type"] == "mobile"),
        "Company Domain": company["domain"],
        "Company Industry": company["industry"],
        "LinkedIn URL": person["socialLinks"].get("linkedin", ""),
        "Contact Location": ", ".join(part for part in where if part),
        "Contact Country": location["country"],
    }


def _first(values: Iterable[str]) -> str:
    return next(iter(values), "")
