"""A mapping that is not for an import is refused, with the names of those that are."""

from __future__ import annotations

import pytest

from tasks.core.errors import BadConfigurationError
from tasks.mapping.fitting import require_import
from tasks.mapping.language import MAPPINGS, load_mapping


@pytest.mark.parametrize(
    ("automation", "name", "fits"),
    [
        ("import_contacts", "highlevel_contact", "file_to_contact"),
        ("import_contacts", "file_to_business", "file_to_contact"),
        ("import_businesses", "file_to_contact", "file_to_business"),
        ("import_businesses", "highlevel_business", "file_to_business"),
    ],
)
def test_a_mapping_of_something_else_is_refused(automation: str, name: str, fits: str) -> None:
    with pytest.raises(BadConfigurationError, match=automation) as caught:
        require_import(load_mapping(MAPPINGS / f"{name}.yaml"), automation)
    assert caught.value.remedy == f"Mappings that fit: {fits}."


@pytest.mark.parametrize(
    ("automation", "name"),
    [("import_contacts", "file_to_contact"), ("import_businesses", "file_to_business")],
)
def test_one_that_fits_is_taken(automation: str, name: str) -> None:
    require_import(load_mapping(MAPPINGS / f"{name}.yaml"), automation)
