"""A field's ``clean``, compiled: what is written wrong is found before any record, with its line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tasks.core.errors import BadMappingError
from tasks.mapping.language import Mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.mapping.transform.steps import compile_steps

Load = Callable[..., Mapping]


def fails(mapping: Mapping) -> BadMappingError:
    with pytest.raises(BadMappingError) as caught:
        compile_mapping(mapping)
    return caught.value


@pytest.mark.parametrize(
    ("clean", "what", "remedy"),
    [
        ("[loewr]", "unknown transform `loewr`", "lower"),
        ("[{lower: {left: true}}]", "`lower` has no options", "write its name alone"),
        ("[{phone: {default_region: Narnia}}]", "is no country", "two letters of ISO 3166, e.g. US"),
        ("[{phone: {default_regoin: US}}]", "has no option `default_regoin`", "default_region"),
        ("[{phone: {default_region: 5}}]", "is no value for `default_region`", ""),
    ],
)
def test_a_mistake_has_its_line_and_the_nearest_right_word(
    mapping_of: Load, clean: str, what: str, remedy: str
) -> None:
    error = fails(mapping_of(f"phone: {{from: phone, clean: {clean}}}"))
    assert what in error.what
    assert remedy in error.remedy
    assert error.line == 5


def test_an_option_that_must_be_given_is_missed(mapping_of: Load) -> None:
    error = fails(mapping_of("city: {from: city, clean: [truncate]}"))
    assert "`truncate` needs the option `length`" in error.what


def test_steps_run_in_their_order_and_an_option_may_be_a_path(mapping_of: Load) -> None:
    mapping = mapping_of(
        "city: {from: city, clean: [upper, {truncate: {length: 3}}, lower]}\n"
        "phone: {from: phone, clean: [{phone: {region: land}}]}"
    )
    where = ("fields",)
    first, then, last = compile_steps(mapping, mapping.fields["city"].clean, where)
    assert [reads_record for _, reads_record in (first, then, last)] == [False, False, False]
    assert last[0](then[0](first[0](" vienna"))) == "vie"
    [(phone, reads_record)] = compile_steps(mapping, mapping.fields["phone"].clean, where)
    assert reads_record
    assert phone("030 123456", {"land": "DE"}) == "+4930123456"
    assert phone("030 123456", {"land": "AT"}) != phone("030 123456", {"land": "DE"})
