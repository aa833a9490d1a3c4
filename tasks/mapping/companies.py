"""Which company contacts are of: by the domain of their website or e-mail, else by the company's name.

Nothing is put together because it is alike. Contacts of one domain are of one company. A contact without a
domain joins the company that is called as it says, if exactly one is; where several are, nobody can know,
and that is told as a doubt. Two domains are two companies, whatever they are called.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.core.words import in_words
from tasks.mapping.company_domains import domain_of_email, domain_of_website
from tasks.mapping.company_names import normalised

CUTOFF = 88
"""Of 100: names that are less alike are not told."""

_BY_NAME = "name:"
_TOLD = 5
"""Other names that a doubt tells."""


@dataclass(frozen=True, slots=True)
class Company:
    """The company of a contact.

    Args:
        key: Its domain; without one ``name:`` and its name as it is compared.
        name: As the contact has it; empty where it names none.
        domain: Of its own; empty where it is not known.
    """

    key: str
    name: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What tells of a contact's company.

    Args:
        emails: All of its addresses, the first one first.
        business_id: Of the business that it belongs to already.
    """

    id: str
    company_name: str | None = None
    emails: Sequence[str] = ()
    website: str | None = None
    business_id: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The contacts of one company.

    Args:
        name: As most of them write it; the domain where none of them does.
        ids: Of the contacts, in order.
        doubts: Why a person should look before anything is made of it.
        business_ids: The businesses that some of them belong to already, the commonest first.
    """

    key: str
    name: str
    domain: str
    ids: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    business_ids: tuple[str, ...] = ()


def company_of(name: str | None, emails: Sequence[str], website: str | None) -> Company | None:
    """The company of a contact; None where nothing tells of one."""
    said = " ".join((name or "").split())
    compared = normalised(said) if said else ""
    domain = domain_of_website(website or "") or next(filter(None, map(domain_of_email, emails)), "")
    if not domain and not compared:
        return None
    return Company(domain or _BY_NAME + compared, said if compared else "", domain)


class _Members:
    """Contacts that are put together, and what they call their company."""

    def __init__(self) -> None:
        self.contacts: list[ContactFacts] = []
        self.spelt: Counter[str] = Counter()

    def add(self, contact: ContactFacts, company: Company) -> None:
        self.contacts.append(contact)
        if company.name:
            self.spelt[company.name] += 1

    @property
    def called(self) -> Counter[str]:
        """How often each name is given, as names are compared."""
        found: Counter[str] = Counter()
        for name, count in self.spelt.items():
            found[normalised(name)] += count
        return found

    @property
    def main(self) -> str:
        """The name that most give, as it is compared; empty where none does."""
        return next(iter(_commonest(self.called)), "")

    def shown(self, name: str) -> str:
        """How most of them write a name."""
        return next(
            iter(_commonest({one: n for one, n in self.spelt.items() if normalised(one) == name})), ""
        )


def group(contacts: Iterable[ContactFacts]) -> list[Group]:
    """The companies of contacts, by key; in what order the contacts come makes no difference."""
    by_domain: dict[str, _Members] = defaultdict(_Members)
    by_name: dict[str, list[tuple[ContactFacts, Company]]] = defaultdict(list)
    for contact in contacts:
        company = company_of(contact.company_name, contact.emails, contact.website)
        if company is None:
            continue
        if company.domain:
            by_domain[company.domain].add(contact, company)
        else:
            by_name[normalised(company.name)].append((contact, company))
    called_so: dict[str, list[str]] = defaultdict(list)
    for domain in sorted(by_domain):
        if main := by_domain[domain].main:
            called_so[main].append(domain)
    apart: dict[str, _Members] = defaultdict(_Members)
    for name, found in by_name.items():
        domains = called_so.get(name, [])
        members = by_domain[domains[0]] if len(domains) == 1 else apart[name]
        for contact, company in found:
            members.add(contact, company)
    groups = [_group(domain, domain, members, called_so) for domain, members in by_domain.items()]
    groups += [_group(_BY_NAME + name, "", members, called_so) for name, members in apart.items()]
    return sorted(groups, key=lambda one: one.key)


def _group(key: str, domain: str, members: _Members, called_so: Mapping[str, list[str]]) -> Group:
    main = members.main
    belong = _commonest(Counter(one.business_id for one in members.contacts if one.business_id))
    doubts = []
    if others := [other for other in called_so.get(main, ()) if other != domain]:
        doubts.append(f"{in_words(others[:_TOLD])} {'is' if len(others) == 1 else 'are'} called the same")
    if domain and 2 * members.called[main] <= members.called.total():
        names = [f"{members.shown(name)} ({members.called[name]})" for name in _commonest(members.called)]
        doubts += [f"its contacts name different companies: {in_words(names[:_TOLD])}"] if names else []
    if len(belong) > 1:
        doubts.append(f"its contacts belong to different businesses: {in_words(belong[:_TOLD])}")
    ids = tuple(sorted({one.id for one in members.contacts}))
    return Group(key, members.shown(main) or domain, domain, ids, tuple(doubts), tuple(belong))


def _commonest(counted: Mapping[str, int]) -> list[str]:
    """Texts by how often they are there; of equal ones what is not all in capitals or small letters first."""
    return sorted(counted, key=lambda text: (-counted[text], text.isupper() or text.islower(), text))


class KnownNames:
    """Names of companies that are there, to look up what is alike: for a person to see, never for a link.

    Args:
        known: Their ids and names.
    """

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        self._known = [(id_, name) for id_, name in known if normalised(name)]
        self._compared = [normalised(name) for _, name in self._known]

    def alike(self, name: str, limit: int = 3, cutoff: float = CUTOFF) -> list[tuple[str, str, float]]:
        """The ids and names that are most alike, each with how much, of 100; the likest first."""
        from rapidfuzz import fuzz, process  # noqa: PLC0415 - it takes its time

        asked = normalised(name)
        if not asked:
            return []
        found = process.extract(
            asked, self._compared, scorer=fuzz.token_sort_ratio, limit=limit, score_cutoff=cutoff
        )
        return [(*self._known[at], score) for _, score, at in found]
