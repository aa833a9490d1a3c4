"""The columns of the programs that people export from."""

from __future__ import annotations

import pytest

from tests.tasks.extract.test_columns import guess

PROGRAMS = {
    "Apollo": """
        First Name → first_name
        Last Name → last_name
        Company → company
        Email → email
        Email Status → -
        Primary Email Source → -
        Work Direct Phone → phone
        Home Phone → phone
        Mobile Phone → phone
        Corporate Phone → -
        Other Phone → phone
        Account Owner → assigned_to
        Person Linkedin Url → -
        Website → website
        City → city
        State → state
        Country → country
        Company Address → address
        Company City → city
        Company State → state
        Company Country → country
        Company Phone → -
        Secondary Email → email
        Tertiary Email → email
    """,
    "HubSpot": """
        Record ID → id
        First Name → first_name
        Email → email
        Phone Number → phone
        Mobile Phone Number → phone
        WhatsApp Phone Number → phone
        Contact owner → assigned_to
        Company Name → company
        Work email → email
        Email Domain → -
        State/Region → state
        Country/Region → country
        Last Modified Date → updated_at
    """,
    "Pipedrive": """
        Person - ID → id
        Person - Name → name
        Person - Email - Work → email
        Person - Email - Home → email
        Person - Email - Other → email
        Person - Phone - Work → phone
        Person - Phone - Mobile → phone
        Person - Organization → company
        Person - Labels → tags
        Person - Postal address → address
        Person - City/town/village/locality of Postal address → city
        Person - ZIP/Postal code of Postal address → postal_code
        Person - Country of Postal address → country
    """,
    "Google, old": """
        Name → name
        Given Name → first_name
        Additional Name → -
        Family Name → last_name
        Group Membership → tags
        E-mail 1 - Type → -
        E-mail 1 - Value → email
        E-mail 2 - Value → email
        Phone 1 - Type → -
        Phone 1 - Value → phone
        Phone 2 - Value → phone
        Address 1 - Formatted → -
        Address 1 - Street → address
        Address 1 - City → city
        Organization 1 - Name → company
        Website 1 - Value → website
    """,
    "Zoho": """
        Record Id → id
        First Name → first_name
        Email → email
        Secondary Email → email
        Phone → phone
        Mobile → phone
        Home Phone → phone
        Other Phone → phone
        Asst Phone → -
        Account Name → company
        Mailing Street → address
        Other Street → address
        Mailing Zip → postal_code
        Tag → tags
        Description → note
        Modified Time → updated_at
    """,
    "Twenty": """
        Id → id
        Name / First Name → first_name
        Name / Last Name → last_name
        Emails / Primary Email → email
        Emails / Additional Emails → additional_emails
        Phones / Primary Phone Number → phone
        Phones / Additional Phones → additional_phones
        Company / Name → company
        City → city
    """,
    "Salesforce": """
        Contact ID → id
        First Name → first_name
        Account Name → company
        Phone → phone
        Mobile → phone
        Home Phone → phone
        Other Phone → phone
        Fax → -
        Email → email
        Mailing Street → address
        Mailing City → city
        Other Street → address
        Birthdate → date_of_birth
        Lead Source → source
    """,
    "Mailchimp": """
        Email Address → email
        First Name → first_name
        Last Name → last_name
        Address → address
        Phone Number → phone
        Birthday → date_of_birth
        MEMBER_RATING → -
        OPTIN_IP → -
        TIMEZONE → timezone
        LAST_CHANGED → updated_at
        NOTES → note
        TAGS → tags
    """,
    "LinkedIn": """
        First Name → first_name
        Last Name → last_name
        Email Address → email
        Company → company
        Position → -
    """,
    "Lusha": """
        First Name → first_name
        Full Name → name
        Company Name → company
        Work Email → email
        Private Email → email
        Direct Phone 1 → phone
        Direct Phone 2 → phone
        Mobile Phone 1 → phone
        Company Domain → domain
        Contact Country → country
    """,
    "HighLevel": """
        Contact Id → id
        First Name → first_name
        Phone → phone
        Email → email
        Business Name → company
        Source → source
        Tags → tags
        Additional Emails → additional_emails
        Additional Phones → additional_phones
        Assigned → assigned_to
    """,
    "iCloud": """
        First name → first_name
        Last name → last_name
        Organization → company
        Email : home → email
        Email : work → email
        Phone : mobile → phone
        Phone : home → phone
        Note → note
        Birthday → date_of_birth
    """,
    "the hub": """
        location_id → -
        id → id
        first_name → first_name
        email → email
        additional_emails → additional_emails
        phone → phone
        company_name → company
        business_id → -
        address → address
        tags → tags
        date_updated → updated_at
        deleted_at → -
    """,
    "Outlook in German": """
        Vorname → first_name
        Nachname → last_name
        E-Mail-Adresse → email
        E-Mail 2: Adresse → email
        Telefon geschäftlich → phone
        Mobiltelefon → phone
        Straße geschäftlich → address
        Ort geschäftlich → city
        Land/Region geschäftlich → country
        Straße privat → address
        Notizen → note
        Kategorien → tags
    """,
}
"""What stands above each column, and the field that it fills; - for none."""


@pytest.mark.parametrize("program", PROGRAMS)
def test_columns_of_the_programs_people_export_from(program: str) -> None:
    told = [line.strip().split(" → ") for line in PROGRAMS[program].strip().splitlines()]
    columns = guess([header for header, _ in told])
    assert [[column.header, column.field or "-"] for column in columns] == told
