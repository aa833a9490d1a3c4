"""The words that Lusha's people and companies are made of.

Seniorities with their ids and the departments are those of Lusha's own node for n8n; a job's words are
invented.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "COMPANY_WORDS",
    "COUNTRIES",
    "DATA_POINTS",
    "DEPARTMENTS",
    "INDUSTRIES",
    "JOBS",
    "SENIORITIES",
    "Country",
]

SENIORITIES = {
    10: "Founder",
    9: "C-Suite",
    8: "Vice President",
    7: "Partner",
    6: "Director",
    5: "Manager",
    4: "Senior",
    3: "Entry",
    2: "Intern",
    1: "Other",
}

DEPARTMENTS = (
    "Business Development",
    "Consulting",
    "Customer Service",
    "Engineering & Technical",
    "Finance",
    "General Management",
    "Health Care & Medical",
    "Human Resources",
    "Information Technology",
    "Legal",
    "Marketing",
    "Operations",
    "Other",
    "Product",
    "Research & Analytics",
    "Sales",
)

JOBS: tuple[tuple[str, str, int], ...] = (
    ("Founder", "General Management", 10),
    ("Chief Executive Officer", "General Management", 9),
    ("Chief Technology Officer", "Engineering & Technical", 9),
    ("Vice President of Sales", "Sales", 8),
    ("Managing Partner", "Consulting", 7),
    ("Director of Marketing", "Marketing", 6),
    ("Head of Operations", "Operations", 6),
    ("Sales Manager", "Sales", 5),
    ("Product Manager", "Product", 5),
    ("Human Resources Manager", "Human Resources", 5),
    ("Senior Software Engineer", "Engineering & Technical", 4),
    ("Senior Accountant", "Finance", 4),
    ("Customer Success Specialist", "Customer Service", 3),
    ("Data Analyst", "Research & Analytics", 3),
    ("Legal Trainee", "Legal", 2),
)
"""Title, department and the id of the seniority."""

INDUSTRIES: tuple[tuple[int, str, str], ...] = (
    (1, "Technology, Information & Media", "Software Development"),
    (2, "Manufacturing", "Machinery"),
    (3, "Construction", "Building Construction"),
    (4, "Hospitals & Healthcare", "Medical Practices"),
    (5, "Retail", "Food & Beverages"),
    (6, "Professional Services", "Business Consulting"),
)
"""Id, main industry and one of its parts."""

COMPANY_WORDS = (
    ("Alder", "Basalt", "Cirrus", "Delta", "Estuary", "Falcon", "Glacier", "Heron", "Isthmus", "Jasper"),
    ("Analytics", "Dynamics", "Foods", "Freight", "Health", "Interiors", "Software", "Energy"),
)

DATA_POINTS = {"work_email": "work", "phone": "", "mobile_phone": "mobile", "direct_phone": "direct"}
"""What ``existingDataPoints`` may name, and the type of the e-mail or phone it means; any where empty."""


class Country(NamedTuple):
    """How Lusha tells a country; coordinates are longitude and latitude."""

    name: str
    continent: str
    coordinates: tuple[float, float]
    is_eu: bool = False


COUNTRIES = {
    "US": Country("United States", "North America", (-98.58, 39.83)),
    "GB": Country("United Kingdom", "Europe", (-1.17, 52.36)),
    "FR": Country("France", "Europe", (2.21, 46.23), is_eu=True),
    "DE": Country("Germany", "Europe", (10.45, 51.17), is_eu=True),
    "PL": Country("Poland", "Europe", (19.15, 51.92), is_eu=True),
    "UA": Country("Ukraine", "Europe", (31.17, 48.38)),
    "GR": Country("Greece", "Europe", (21.82, 39.07), is_eu=True),
    "EG": Country("Egypt", "Africa", (30.8, 26.82)),
    "IL": Country("Israel", "Asia", (34.85, 31.05)),
    "CN": Country("China", "Asia", (104.2, 35.86)),
    "JP": Country("Japan", "Asia", (138.25, 36.2)),
    "KR": Country("South Korea", "Asia", (127.77, 35.91)),
    "IN": Country("India", "Asia", (78.96, 20.59)),
    "BR": Country("Brazil", "South America", (-51.93, -14.24)),
}
