"""Which field of a contact a header names, in the words of the exports people have.

English, German, French and Spanish, as HighLevel, HubSpot, Salesforce, Pipedrive, Google and Outlook write
them. Headers are compared by their words alone: case, accents and punctuation do not count, nor numbers and
words that only say whose or which one it is ("E-mail 2 - Value", "Person - Phone - Work").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import combining, normalize

_HEADERS = {
    "id": "id, external id, record id, uid, uuid, guid, customer number, customer no, contact number,"
    " Kundennummer, Kunden-Nr, Kunden-ID, Kontaktnummer, externe ID, Datensatz-ID, identifiant, id externe,"
    " id client, id du contact, id cliente, id contacto, id de contacto, id externo",
    "first_name": "first name, given name, forename, Vorname, prénom, nombre, nombre de pila",
    "last_name": "last name, surname, family name, Nachname, Familienname, Zuname, nom, nom de famille,"
    " apellido, apellidos",
    "name": "name, full name, display name, contact person, Ansprechpartner, vollständiger Name,"
    " Vor- und Nachname, nom complet, nom et prénom, nombre completo, nombre y apellidos",
    "email": "email, email address, mail, mail address, E-Mail-Adresse, Mailadresse, courriel,"
    " adresse e-mail, adresse mail, adresse électronique, correo, correo electrónico,"
    " dirección de correo electrónico",
    "additional_emails": "additional emails, additional email addresses, other emails, secondary email,"
    " secondary emails, alternate email, weitere E-Mails, weitere E-Mail-Adressen, autres e-mails,"
    " otros correos",
    "phone": "phone, phone number, telephone, telephone number, tel, mobile, mobile number, mobile phone,"
    " mobile phone number, cell, cell phone, Telefon, Telefonnummer, Telefon-Nr, Tel-Nr, Rufnummer, Mobil,"
    " Mobilnummer, Mobiltelefon, Handy, Handynummer, téléphone, numéro de téléphone, téléphone portable,"
    " téléphone mobile, portable, teléfono, número de teléfono, teléfono móvil, móvil, celular",
    "company": "company, company name, organization, organization name, organisation, organisation name,"
    " business name, employer, account, account name, company account, associated company, Firma, Firmenname,"
    " Unternehmen, Unternehmensname, entreprise, nom de l'entreprise, société, raison sociale, empresa,"
    " nombre de la empresa, compañía, organización",
    "address": "address, street, street address, address line, address street, postal address, Straße,"
    " Straße und Hausnummer, Straße Hausnummer, Straße Nr, Anschrift, Adresse, rue, adresse postale, calle,"
    " dirección, dirección postal, domicilio",
    "city": "city, town, locality, address city, Ort, Stadt, Wohnort, ville, commune, ciudad, localidad,"
    " población",
    "state": "state, province, region, county, state province, state region, address region, address state,"
    " Bundesland, Kanton, Land Region, région, département, provincia, estado, estado provincia",
    "postal_code": "postal code, postcode, zip, zip code, zip postal code, address postal code, address zip,"
    " PLZ, Postleitzahl, code postal, cp, código postal",
    "country": "country, country region, address country, Land, Staat, pays, pays région, país, país región",
    "website": "website, website url, web, url, homepage, web page, Webseite, Internetseite, Internet,"
    " site web, site internet, sitio web, página web",
    "date_of_birth": "date of birth, dob, birth date, birthday, Geburtsdatum, Geburtstag, Geb-Datum,"
    " date de naissance, anniversaire, fecha de nacimiento, cumpleaños",
    "source": "source, lead source, original source, origin, Quelle, Herkunft, Lead-Quelle, origine, fuente,"
    " origen, fuente del lead",
    "tags": "tags, tag, labels, label, group membership, categories, Schlagworte, Schlagwörter, Stichworte,"
    " Etiketten, Kategorien, étiquettes, libellés, mots-clés, etiquetas, categorías",
    "note": "note, notes, description, comment, comments, remarks, Notiz, Notizen, Bemerkung, Bemerkungen,"
    " Anmerkung, Anmerkungen, Kommentar, commentaire, commentaires, remarques, nota, notas, comentarios,"
    " observaciones",
    "gender": "gender, sex, Geschlecht, sexe, genre, sexo, género",
    "timezone": "timezone, Zeitzone, fuseau horaire, zona horaria, huso horario",
    "assigned_to": "assigned to, assigned user, owner, owner name, account owner, Besitzer, Inhaber,"
    " Betreuer, zuständig, zugewiesen an, Verantwortlicher, propriétaire, responsable, attribué à, assigné à,"
    " propietario, asignado a",
    "updated_at": "updated at, updated, date updated, last updated, last modified, last modified date,"
    " modified at, update time, geändert am, zuletzt geändert, letzte Änderung, aktualisiert am, modifié le,"
    " date de modification, dernière modification, última modificación, fecha de modificación,"
    " actualizado el",
}


def field_of(header: str) -> str:
    """The field that a header names; empty for none."""
    # A number and "Value" only tell columns of one kind apart: "E-mail 2 - Value".
    words = [word for word in re.findall(r"[^\W\d_]+", " ".join(words_of(header))) if word != "value"]
    for shorter in _shortened(words):
        if found := _FIELDS.get("".join(shorter)):
            return found
    return ""


def _shortened(words: list[str]) -> Iterator[list[str]]:
    """The words, and again with fewer and fewer of those that only say whose it is."""
    yield words
    while len(words) > 1 and words[0] in _WHOSE:
        words = words[1:]
        yield words
    while len(words) > 1 and words[-1] in _WHOSE:
        words = words[:-1]
        yield words


def words_of(header: str) -> list[str]:
    """A header's words in lower case, without accents; ``firstName`` are two."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header)
    plain = "".join(letter for letter in normalize("NFKD", apart.casefold()) if not combining(letter))
    return re.findall(r"[^\W_]+", plain)


_FIELDS = {
    "".join(words_of(header)): name for name, headers in _HEADERS.items() for header in headers.split(",")
} | {name.replace("_", ""): name for name in _HEADERS}

_WHOSE = frozenset(
    words_of(
        "business client contact customer home kontakt kunde kunden lead mailing main other person personal"
        " primary privat private work your"
    )
)

FIELDS = frozenset(_HEADERS)
"""Every field that a header can name."""
