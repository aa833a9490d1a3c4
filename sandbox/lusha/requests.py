"""What each operation takes, as Lusha's own OpenAPI file has it.

The vendor refuses keys that it does not know, so these are complete: what is missing here cannot be sent.
"""

from __future__ import annotations

from sandbox.lusha.checks import (
    Check,
    anything,
    choice,
    day,
    email,
    identifier,
    many,
    shape,
    text,
    truth,
    unique_id,
    whole,
)
from sandbox.lusha.signal_types import COMPANY_SIGNALS, CONTACT_SIGNALS

__all__ = [
    "BUYING_GROUP",
    "COMPANIES_ENRICH",
    "COMPANIES_PROSPECTING",
    "COMPANIES_SEARCH",
    "COMPANIES_SEARCH_AND_ENRICH",
    "COMPANY_LOOKALIKE",
    "COMPANY_REVEALS",
    "COMPANY_SCORES",
    "COMPANY_SIGNALS_OF",
    "CONTACTS_ENRICH",
    "CONTACTS_PROSPECTING",
    "CONTACTS_SEARCH",
    "CONTACTS_SEARCH_AND_ENRICH",
    "CONTACT_LOOKALIKE",
    "CONTACT_SCORES",
    "CONTACT_SIGNALS_OF",
    "WEBSITE_VISITS",
]

COMPANY_REVEALS = (
    "employeesByDepartment",
    "employeesByLocation",
    "employeesBySeniority",
    "competitors",
    "intent",
    "estimatedAnnualItSpend",
    "monthlyWebsiteTraffic",
)

_any = text()
_texts = many(_any)
_numbers = many(whole(-(10**9)))
_ids = many(identifier, 1, 100)
_or_and = choice("or", "and")
_reveal = many(choice("emails", "phones"))
_partial = shape({"includePartialProfiles": truth})


def _signals_filter(types: tuple[str, ...]) -> Check:
    fields = {"types": many(choice(*types)), "startDate": day, "maxResultsPerSignal": whole(1, 100)}
    return shape(fields, ["types"])


_contact = {
    "clientReferenceId": _any,
    "id": _any,
    "linkedinUrl": _any,
    "email": email,
    "firstName": _any,
    "lastName": _any,
    "companyName": _any,
    "companyDomain": _any,
}
_company = {"clientReferenceId": _any, "id": _any, "name": _any, "domain": _any}
_contacts = many(shape(_contact), 1, 100)
_companies = many(shape(_company), 1, 100)

CONTACTS_SEARCH = shape(
    {"contacts": _contacts, "options": _partial, "signals": _signals_filter(CONTACT_SIGNALS)}, ["contacts"]
)
CONTACTS_ENRICH = shape({"ids": _ids, "reveal": _reveal, "waterfallEnabled": truth, "tableId": _any}, ["ids"])
CONTACTS_SEARCH_AND_ENRICH = shape(
    {"contacts": _contacts, "reveal": _reveal, "options": _partial}, ["contacts"]
)
COMPANIES_SEARCH = shape(
    {"companies": _companies, "options": _partial, "signals": _signals_filter(COMPANY_SIGNALS)}, ["companies"]
)
COMPANIES_ENRICH = shape({"ids": _ids, "reveal": many(choice(*COMPANY_REVEALS)), "tableId": _any}, ["ids"])
COMPANIES_SEARCH_AND_ENRICH = shape({"companies": _companies, "options": _partial}, ["companies"])

_place = shape(
    dict.fromkeys(("city", "state", "country", "continent", "countryGrouping", "region", "countryIso2"), _any)
)
_range = many(shape({"min": whole(0), "max": whole(0)}))
_years = many(shape({"min": whole(0), "max": whole(0)}))
_around = many(shape({"country": _any, "zipcode": _any, "distance": whole(0)}))
_zip_codes = many(shape({"countryIso2": _any, "zipcode": _any}))
_coverage = choice("last_funding", "any_round", "total_funds", "last_round")
_funding = shape(
    {
        "isIpo": truth,
        "ranges": many(shape({"coverage": _coverage, "min": whole(0), "max": whole(0)})),
        "date": shape({"coverage": _coverage, "date": day}),
        "rounds": many(shape({"coverage": _coverage, "round": _any})),
        "names": many(shape({"coverage": _coverage, "name": _any})),
        "investors": _texts,
        "types": _texts,
    }
)
_contact_filter = shape(
    {
        **dict.fromkeys(
            (
                "names", "jobTitles", "jobTitlesExactMatch", "normalizedJobTitles", "countries",
                "departments", "linkedinUrls", "existingDataPoints", "previousJobTitle", "skills",
                "certifications", "awards", "ids",
            ),
            _texts,
        ),
        "searchText": text(most=200),
        "locations": many(_place),
        "seniorityIds": _numbers,
        "signals": shape({"types": many(choice(*CONTACT_SIGNALS)), "startDate": day}),
        "emails": many(email),
        "previousEmails": many(email),
        "existingDataPointsCondition": _or_and,
        "jobChangedAfterDate": day,
        "jobChangedLastViewDate": day,
        "education": shape(
            {
                "degrees": _texts,
                "fieldsOfStudy": _texts,
                "schools": _texts,
                "startYearGte": whole(0),
                "graduationYearLte": whole(0),
            }
        ),
        "score": shape({"minScore": whole(0, 100), "maxScore": whole(0, 100)}),
        "geographicDetails": _around,
    }
)  # fmt: skip
_company_fields: dict[str, Check] = {
    **dict.fromkeys(
        (
            "names", "domains", "ids", "technologies", "intentTopics", "sicCodes", "naicsCodes",
            "linkedinUrls", "keywords", "specialities", "exactSpecialities", "exactKeywords",
            "keywordsSearchFields", "previousCompanyDomains", "previousCompanyNames",
        ),
        _texts,
    ),
    "locations": many(_place),
    "sizes": _range,
    "revenues": _range,
    "technologiesCondition": _or_and,
    "mainIndustriesIds": _numbers,
    "subIndustriesIds": _numbers,
    "intentTopicsCondition": _or_and,
    "intentMinScore": whole(1, 100),
    "intentMaxScore": whole(1, 100),
    "intentTopicsOperator": choice("or", "and", "any", "all"),
    "topicCountThreshold": _range,
    "foundedYear": _years,
    "businessModel": many(choice("B2B", "B2C", "B2G")),
    "companyType": _texts,
    "geographicDetails": _around,
    "locationsZipcodes": _zip_codes,
    "headquarterZipcodes": _zip_codes,
}  # fmt: skip
_company_signals = shape(
    {
        "types": _texts,
        "startDate": day,
        "filterByLocation": many(shape({"country": _any, "state": _any, "startDate": day})),
        "filterByDepartment": many(shape({"department": _any, "startDate": day}, ["department"])),
        "filterByIntentCategory": _texts,
    }
)
_company_filter = shape({**_company_fields, "industriesLabels": _texts, "funding": _funding})
_company_first_filter = shape({**_company_fields, "searchText": text(most=200), "signals": _company_signals})
_contact_beside = shape(
    {
        **dict.fromkeys(("jobTitles", "departments", "skills", "existingDataPoints"), _texts),
        "seniorityIds": _numbers,
        "locations": many(_place),
    }
)


def _either(check: Check, required: tuple[str, ...] = ()) -> Check:
    return shape({"include": check, "exclude": check}, required)


_page = shape({"page": whole(0, 1000), "size": whole(10, 100)}, ["page", "size"])
CONTACTS_PROSPECTING = shape(
    {
        "pagination": _page,
        "filters": shape({"contacts": _either(_contact_filter), "companies": _either(_company_filter)}),
        "tableId": _any,
        "options": shape(
            {"includePartialProfiles": truth, "excludeDnc": truth, "maxContactsPerCompany": whole(1, 20)}
        ),
    },
    ["pagination", "filters"],
)
COMPANIES_PROSPECTING = shape(
    {
        "pagination": _page,
        "filters": shape(
            {"companies": _either(_company_first_filter, ("include",)), "contacts": _either(_contact_beside)},
            ["companies"],
        ),
        "tableId": _any,
        "options": _partial,
    },
    ["pagination", "filters"],
)

_seed_contact = {**dict.fromkeys(("firstName", "lastName", "companyDomain", "companyName"), _any)}
_seed_contacts = shape(
    {
        "linkedinUrls": many(_any, 0, 100),
        "contacts": many(shape(_seed_contact, ["firstName", "lastName"]), 0, 100),
        "emails": many(email, 0, 100),
        "ids": many(_any, 0, 100),
        "contactIds": many(whole(0), 0, 100),
    }
)
_seed_companies = shape({"domains": many(_any, 0, 100), "linkedinUrls": many(_any, 0, 100)})


def _lookalike(seeds: Check) -> Check:
    fields = {"dedupeSessionId": unique_id, "seeds": seeds, "exclude": seeds}
    return shape({**fields, "limit": whole(1, 100), "tableId": _any}, ["seeds"])


CONTACT_LOOKALIKE = _lookalike(_seed_contacts)
COMPANY_LOOKALIKE = _lookalike(_seed_companies)

_persona = choice("decision_maker", "potential_champion", "end_user")
BUYING_GROUP = shape(
    {
        "companies": many(shape({"clientReferenceId": _any, "domain": _any, "id": _any}), 1, 25),
        "personas": many(_persona),
        "contactsLimit": whole(1),
        "pagination": shape({"page": whole(0), "size": whole(10, 100)}),
    },
    ["companies"],
)

_since = {"ids": _ids, "startDate": day, "maxResultsPerSignal": whole(1, 100), "tableId": _any}
CONTACT_SIGNALS_OF = shape(
    {**_since, "signalTypes": many(choice(*CONTACT_SIGNALS), 1)}, ["ids", "signalTypes"]
)
COMPANY_SIGNALS_OF = shape(
    {
        **_since,
        "signalTypes": many(choice(*COMPANY_SIGNALS), 1),
        "filters": shape({"include": shape({"intentCategories": _texts})}),
    },
    ["ids", "signalTypes"],
)
CONTACT_SCORES = shape(
    {"contacts": many(shape({**_contact, "clientReferenceId": text(most=256)}), 1, 100)}, ["contacts"]
)
COMPANY_SCORES = shape(
    {"companies": many(shape({**_company, "clientReferenceId": text(most=256), "email": email}), 1, 100)},
    ["companies"],
)
WEBSITE_VISITS = shape(
    {
        "domains": many(text(1), 1),
        "startDate": day,
        "endDate": day,
        "pagination": shape({"size": whole(1, 150), "page": whole(0)}, ["size", "page"]),
        "sort": shape({"by": _any, "order": choice("asc", "desc")}),
        "filters": shape(
            {
                "scoreBands": many(choice("cold", "warm", "hot")),
                "visitorCountries": _either(_texts),
                **dict.fromkeys(
                    (
                        "score", "totalSessions", "avgSessionMinutes", "uniqueVisitors", "daysVisited",
                        "highIntentPageviews", "daysSinceLastVisit",
                    ),
                    shape({"min": anything, "max": anything}),
                ),
            }
        ),
    },
    ["domains", "startDate", "endDate", "pagination"],
)  # fmt: skip
