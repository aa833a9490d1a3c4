"""A saved search for leads: which people of the vendor are wanted, and how many pages of them are read.

```yaml
# mappings/lead_search.yaml
pages: 4                     # at most; each page of 25 people costs one credit
filters:                     # as the vendor's prospecting takes them
  contacts:
    include: {countries: [DE], departments: [Marketing], existingDataPoints: [work_email]}
  companies:
    include: {sizes: [{min: 51, max: 200}]}
```

What the filters mean is the vendor's to say: one that it does not know stops the run, with its answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import read_yaml
from tasks.core.words import nearest
from tasks.mapping.mistakes import told

SIDES = ("contacts", "companies")
WAYS = ("include", "exclude")


@dataclass(frozen=True, slots=True)
class LeadSearch:
    """A search.

    Args:
        name: Of its file: by it the hub knows who was told before.
        filters: As the vendor takes them.
        pages: That are read in one run, at most.
        size: People on a page, 25 to 100.
    """

    name: str = ""
    filters: dict[str, Any] = field(default_factory=dict)
    pages: int = 4
    size: int = 100


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    filters: dict[str, Any]
    pages: int = Field(default=4, ge=1, le=1000)
    size: int = Field(default=100, ge=25, le=100)


def is_search_file(path: Path) -> bool:
    """Whether a YAML file holds a search, and not a mapping."""
    try:
        value = read_yaml(path).value
    except BadMappingError:
        return False
    return isinstance(value, dict) and "filters" in value and "fields" not in value


def load_search(path: Path) -> LeadSearch:
    """Read a saved search.

    Raises:
        BadMappingError: It is not there, or does not say what it means.
    """
    document = read_yaml(path)
    if document.problems:
        raise document.problems[0]
    if not isinstance(document.value, dict):
        raise document.error("a search is `filters`, and as one likes `pages` and `size`")
    try:
        said = _Said.model_validate(document.value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise told(first, document, lambda _where: _Said) from None
    for side, ways in said.filters.items():
        if side not in SIDES:
            raise document.error(f"`{side}` is no side of a search", ("filters", side), nearest(side, SIDES))
        for way in ways if isinstance(ways, dict) else ("",):
            if way not in WAYS:
                raise document.error(
                    f"`{side}` says `{way}`", ("filters", side, way), f"say {' or '.join(WAYS)}"
                )
    if not said.filters:
        raise document.error("`filters` says nobody", ("filters",), "name contacts or companies to include")
    return LeadSearch(path.stem, said.filters, said.pages, said.size)
