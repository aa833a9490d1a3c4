"""Addresses of another company: what contradicts is told, what may be one company is not."""

from __future__ import annotations

import pytest

from tasks.mapping.wrong_company import doubt


@pytest.mark.parametrize(
    ("email", "name", "domain", "current"),
    [
        ("ada@acme.com", "Acme", "acme.com", ""),
        ("ada@mail.eu.acme.com", "Acme", "www.Acme.com", ""),
        ("ada@acme.co.uk", "", "https://acme.com/about", ""),  # the same name under another suffix
        ("ada@acme-group.com", "", "acme.com", ""),
        ("ada@getacme.io", "", "acme.com", ""),
        ("ada@acmehq.com", "", "acme.com", ""),
        ("ada@mueller.de", "", "müller.de", ""),
        ("ada@acmerobotics.com", "Acme Robotics, Inc.", "ar.ai", ""),
        ("ada@robotics.com", "Acme Robotics", "ar.ai", ""),
        ("ada@bcg.com", "The Boston Consulting Group", "bostonconsulting.com", ""),
        ("ada@goldman.com", "Goldman Sachs", "gs.com", ""),
        ("ada@gmail.com", "Acme", "acme.com", ""),  # everybody's
        ("ada@yahoo.co.jp", "Acme", "acme.com", "acme.com"),
        ("ada@example.com", "Acme", "acme.com", ""),
        ("ada@other.com", "Acme", "", ""),  # nothing to compare it with
        ("ada@other.com", "", "linkedin.com/company/acme", ""),  # a page on somebody's site
        ("ada@acme.com", "Globex", "globex.com", "https://www.acme.com"),  # fits what is known of the contact
        ("ada@initech.com", "Initech", "acme.com", "acme.com"),  # one company by another name
        ("", "Acme", "acme.com", ""),
        ("nobody", "Acme", "acme.com", ""),
    ],
)
def test_what_may_be_the_person_s_company_is_no_doubt(
    email: str, name: str, domain: str, current: str
) -> None:
    assert doubt(email, name, domain, current) == ""


@pytest.mark.parametrize(
    ("email", "name", "domain", "current", "told"),
    [
        (
            "ada@other.com",
            "Acme",
            "acme.com",
            "",
            "the e-mail address is at other.com, but the company at acme.com",
        ),
        ("ada@acme.other.com", "Acme", "acme.com", "", "at other.com"),
        ("ada@metabase.com", "Meta", "meta.com", "", "at metabase.com"),
        ("ada@acme.co.uk", "Globex", "globex.co.uk", "", "at acme.co.uk"),
        ("ada@a.com", "", "b.com", "", "at a.com"),
        # The company that was told fits the address, but is not the one that the contact is known by.
        ("ada@globex.com", "Globex", "globex.com", "acme.com", "but the contact's website is acme.com"),
        ("ada@other.com", "", "", "http://acme.com/team", "but the contact's website is acme.com"),
    ],
)
def test_what_contradicts_is_told(email: str, name: str, domain: str, current: str, told: str) -> None:
    assert told in doubt(email, name, domain, current)


def test_a_doubt_does_not_tell_the_address() -> None:
    assert "ada" not in doubt("ada@other.com", "Acme", "acme.com")
