"""The words by which exports name the fields of a contact, in English, German, French and Spanish."""

from __future__ import annotations

HEADERS = {
    "id": "id, external id, record id, uid, uuid, guid, customer number, customer no, contact number,"
    " contact no, contact nr, Kundennummer, Kunden-Nr, Kunden-ID, Kontaktnummer, externe ID, Datensatz-ID,"
    " identifiant, id externe, id client, id du contact, id cliente, id contacto, id de contacto, id"
    " externo",
    "first_name": "first name, given name, forename, first, fname, name first, Vorname, prénom, nombre,"
    " nombre de pila",
    "last_name": "last name, surname, family name, last, lname, name last, Nachname, Familienname,"
    " Zuname, nom, nom de famille, apellido, apellidos",
    "name": "name, full name, display name, contact person, Ansprechpartner, vollständiger Name, Vor- und"
    " Nachname, nom complet, nom et prénom, nombre completo, nombre y apellidos",
    "email": "email, email address, emails, email addresses, email id, mail, mail address, mail id,"
    " E-Mail-Adresse, Mailadresse, courriel, adresse e-mail, adresse mail, adresse électronique, correo,"
    " correo electrónico, dirección de correo electrónico",
    "additional_emails": "additional emails, additional email addresses, other emails, secondary emails,"
    " weitere E-Mails, weitere E-Mail-Adressen, autres e-mails, otros correos",
    "phone": "phone, phone number, telephone, telephone number, tel, mobile, mobile number, mobile phone,"
    " mobile phone number, cell, cell phone, phones, phone numbers, phone no, phone nr, phone num,"
    " telephone no, tel no, tel number, mobile no, mobile num, mobile tel, mob, mob no, cell no, cell"
    " number, cell phone number, cellular, landline, landline number, landline no, direct dial, direct"
    " line, ph, ph no, whatsapp, whatsapp number, whatsapp no, whatsapp phone number, Telefon,"
    " Telefonnummer, Telefon-Nr, Tel-Nr, Rufnummer, Mobil, Mobilnummer, Mobiltelefon, Handy, Handynummer,"
    " Handy-Nr, Mobil-Nr, Telefon Nummer, Festnetz, Festnetznummer, téléphone, numéro de téléphone,"
    " téléphone portable, téléphone mobile, portable, mobile portable, n° de téléphone, n° téléphone, GSM,"
    " teléfono, número de teléfono, teléfono móvil, móvil, celular, número de celular, número de móvil,"
    " teléfono celular",
    "additional_phones": "additional phones, additional phone numbers, other phones, weitere"
    " Telefonnummern, autres téléphones, otros teléfonos",
    "company": "company, company name, organization, org, organization name, organisation, organisation name,"
    " business name, employer, account, account name, company account, associated company, company"
    " organization, current company, Firma, Firmenname, Unternehmen, Unternehmensname, entreprise, nom de"
    " l'entreprise, société, raison sociale, empresa, nombre de la empresa, compañía, organización",
    "address": "address, street, street address, address line, address street, postal address, full"
    " address, street road name of postal address, Straße, Straße und Hausnummer, Straße Hausnummer,"
    " Straße Nr, Anschrift, Adresse, rue, adresse postale, calle, dirección, dirección postal, domicilio",
    "city": "city, town, locality, suburb, city town, address city, city town village locality of postal"
    " address, Ort, Stadt, Wohnort, ville, commune, ciudad, localidad, población",
    "state": "state, province, region, county, state province, state region, state county, state code,"
    " state name, state county of postal address, address region, address state, Bundesland, Kanton,"
    " Bundesland Kanton, Bundesland Region, région, département, provincia, estado, estado provincia",
    "postal_code": "postal code, postcode, zip, zip code, zip postal code, address postal code, address"
    " zip, address postcode, zip postal code of postal address, postal, pin code, pincode, PLZ,"
    " Postleitzahl, code postal, cp, código postal",
    "country": "country, country region, country name, address country, country of postal address, Land,"
    " Land Region, Staat, pays, pays région, país, país región",
    "website": "website, website url, web, url, homepage, web page, company website, company url,"
    " Webseite, Internetseite, Internet, site web, site internet, sitio web, página web",
    "domain": "domain, domain name, company domain, company domain name, website domain",
    "date_of_birth": "date of birth, dob, birth date, birthday, Geburtsdatum, Geburtstag, Geb-Datum, date"
    " de naissance, anniversaire, fecha de nacimiento, cumpleaños",
    "source": "source, lead source, original source, origin, Quelle, Herkunft, Lead-Quelle, origine,"
    " fuente, origen, fuente del lead",
    "tags": "tags, tag, labels, label, group membership, categories, Schlagworte, Schlagwörter,"
    " Stichworte, Etiketten, Kategorien, étiquettes, libellés, mots-clés, etiquetas, categorías",
    "note": "note, notes, description, comment, comments, remarks, Notiz, Notizen, Bemerkung, Bemerkungen,"
    " Anmerkung, Anmerkungen, Kommentar, commentaire, commentaires, remarques, nota, notas, comentarios,"
    " observaciones",
    "gender": "gender, sex, Geschlecht, sexe, genre, sexo, género",
    "timezone": "timezone, Zeitzone, fuseau horaire, zona horaria, huso horario",
    "assigned_to": "assigned, assigned to, assigned user, record owner, owner, owner name, account owner,"
    " Besitzer, Inhaber, Betreuer, zuständig, zugewiesen an, Verantwortlicher, propriétaire, responsable,"
    " attribué à, assigné à, propietario, asignado a",
    "updated_at": "updated at, updated, date updated, last updated, last modified, last modified date,"
    " modified at, modified on, modified, modified time, last modified time, last updated time, last"
    " changed, date modified, updated on, last update, update time, update date, geändert am, zuletzt"
    " geändert, letzte Änderung, aktualisiert am, modifié le, date de modification, dernière modification,"
    " última modificación, fecha de modificación, actualizado el",
}
"""Field: what may stand above it."""
