"""Whether an e-mail address is one of another company than the person's: a namesake's, or of an old job.

Only what contradicts is a doubt. A mailbox that everybody may have says nothing about a company, and one
company may have several domains: those that are called alike, and those that are called as the company is.
"""

from __future__ import annotations

import re
from functools import lru_cache

import idna

from tasks.mapping.company_domains import domain_of_email, domain_of_website
from tasks.mapping.company_names import normalised

REMEMBERED = 10_000
"""Domains whose name is kept: the people of a company repeat it."""

SHORTEST = 4
"""Letters of a name that remains without what is put around names."""

_AROUND = re.compile(
    rf"(?:get|go|join|meet|my|team|the|try|use|with)?(?P<name>.{{{SHORTEST},}}?)"
    r"(?:app|co|consulting|corp|digital|global|group|gruppe|holdings?|hq|inc|international|intl|labs|mail|online"
    r"|software|solutions|tech|technologies|usa|web)?"
)
"""What is put before and behind a company's name where the domain that it wanted was taken."""


def doubt(email: str, company_name: str, company_domain: str, current_domain: str = "") -> str:
    """Why an address may be one of another company; empty where nothing speaks for it.

    Args:
        company_name, company_domain: Of the company that was told with the address; may be empty.
        current_domain: The website by which the person is known so far; it has priority.
    """
    mail = domain_of_email(email)
    told, known = domain_of_website(company_domain), domain_of_website(current_domain)
    if not mail or not (told or known):
        return ""
    if not known:
        ours = _alike(mail, told) or _is_called(mail, company_name)
        return "" if ours else f"the e-mail address is at {mail}, but the company at {told}"
    if _alike(mail, known) or (_alike(told, known) and _is_called(mail, company_name)):
        return ""
    return f"the e-mail address is at {mail}, but the contact's website is {known}"


def _alike(one: str, other: str) -> bool:
    """Whether two domains may be one company's; none is nobody's."""
    return bool(one and other) and (one == other or not _names(one).isdisjoint(_names(other)))


def _is_called(domain: str, company: str) -> bool:
    """Whether a domain is called as a company: by how its name begins, a word of it, or its initials."""
    words = normalised(company).split()
    starts = {"".join(words[:many]) for many in range(1, len(words) + 1)}
    long_words = {word for word in words if len(word) >= SHORTEST}
    initials = {"".join(word[0] for word in words)} if len(words) > 1 else set()
    return not _names(domain).isdisjoint(starts | long_words | initials)


@lru_cache(REMEMBERED)
def _names(domain: str) -> frozenset[str]:
    """What a domain is called without its suffix: as it is, and without what is put around names."""
    label = domain.partition(".")[0]
    if label.startswith("xn--"):
        label = idna.decode(label)
    name = (normalised(label) or label).replace(" ", "")
    found = _AROUND.fullmatch(name)
    return frozenset({name, found["name"] if found else name})
