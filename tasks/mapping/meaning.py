"""What a row depends on besides its record: the mapping, this program, and the libraries that it asks."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

from tasks.core.batch import canonical_json
from tasks.mapping.language import Mapping

TASKS = Path(__file__).parents[1]
PARTS = ("core", "mapping", "streams")
LIBRARIES = (
    "email-validator",
    "great-expectations",
    "idna",
    "jmespath",
    "pandas",
    "phonenumbers",
    "pycountry",
)


def meaning(mapping: Mapping) -> str:
    """A hash (hex): where it is the same, a record's text gives the same row and the same verdicts."""
    return hashlib.blake2b(f"{mapping.digest} {_program()}".encode(), digest_size=16).hexdigest()


def meaning_of_checks(mapping: Mapping) -> str:
    """A hash (hex): where it is the same, the mapping's checks work or do not, whatever else it says."""
    required = {name: said.required for name, said in mapping.fields.items()}
    said = [mapping.target, required, [check.model_dump(mode="json") for check in mapping.checks]]
    return hashlib.blake2b(f"{canonical_json(said)} {_program()}".encode(), digest_size=16).hexdigest()


@cache
def _program() -> str:
    """Hash of the code that maps and checks, and the versions of what it asks; Python's are the letters."""
    asked = [sys.version, *(f"{name} {version(name)}" for name in LIBRARIES)]
    whole = hashlib.blake2b(" ".join(asked).encode())
    for part in PARTS:
        for file in sorted((TASKS / part).rglob("*.py")):
            whole.update(file.read_bytes())
    return whole.hexdigest()
