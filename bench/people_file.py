"""The CSV file of invented people that the lanes which write to HighLevel read.

The same seed gives the same file to the byte, and a larger count begins with the smaller one's. E-mail
addresses and phone numbers are distinct, so that each person is a contact of its own; the numbers lie in
the exchange 555, which rings at nobody's.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

HEADER = ("id", "first_name", "last_name", "email", "phone", "city")

_FIRST = ("Ada", "Caleb", "Esme", "Grace", "Ivy", "Jonah", "Maya", "Miles", "Nora", "Oliver", "Ruth", "Theo")
_LAST = (
    "Bell",
    "Dyer",
    "Hartley",
    "Marsh",
    "O'Connor",
    "Okafor",
    "Pike",
    "Quinn",
    "Sorrell",
    "Tran",
    "Vance",
)
_CITIES = ("Fairhaven", "Lakeview", "Riverton", "Springfield")
_AREAS = tuple(range(201, 210)) + tuple(range(212, 220)) + tuple(range(301, 311)) + tuple(range(312, 322))
_NUMBERS_IN_AN_AREA = 10_000


def write(path: Path, count: int, seed: int) -> None:
    """Write so many people.

    Raises:
        ValueError: There are not so many phone numbers.
    """
    if count > len(_AREAS) * _NUMBERS_IN_AN_AREA:
        raise ValueError(f"{count} people are too many: at most {len(_AREAS) * _NUMBERS_IN_AN_AREA}")
    dice = random.Random(f"people {seed}")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for number in range(1, count + 1):
            area, subscriber = divmod(number - 1, _NUMBERS_IN_AN_AREA)
            writer.writerow(
                (
                    number,
                    dice.choice(_FIRST),
                    dice.choice(_LAST),
                    f"person{number}@import.example",
                    f"+1{_AREAS[area]}555{subscriber:04}",
                    dice.choice(_CITIES),
                )
            )
