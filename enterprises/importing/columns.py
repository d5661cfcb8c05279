"""Which column of a spreadsheet holds what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enterprises.models import ColumnChoice
from pole.search import unaccented

# What a column may hold, in the order of the choices.
FIELDS: dict[str, str | Promise] = {
    "name": _("name"),
    "other_names": _("other names"),
    "legal_form": _("legal form"),
    "neq": _("NEQ"),
    "mission": _("mission in a sentence"),
    "description": _("description"),
    "sectors": _("sectors"),
    "products": _("products and services"),
    "supplies": _("what you can supply to a municipality"),
    "address": _("street address"),
    "municipality": _("municipality"),
    "postal_code": _("postal code"),
    "mrc": _("MRC of the address"),
    "territory": _("territory served"),
    "phone": _("telephone"),
    "phone_extension": _("extension"),
    "email": _("e-mail address"),
    "website": _("website"),
    "social_links": _("social media"),
    "opening_hours": _("opening hours"),
    "founded": _("year founded"),
    "workforce": _("workforce"),
    "languages": _("languages of service"),
    "licences": _("licences and certifications"),
    "quote_contact": _("contact for quotes"),
}
# Names of columns that people use, as `header_key` writes them.
_SYNONYMS = {
    "name": "nom nomentreprise nomdelentreprise nomdentreprise entreprise organisme nomorganisme nomdelorganisme"
    " organisation raisonsociale denomination nomlegal nomusuel name companyname company organization",
    "other_names": "autresnoms autrenom nomdusage ancienneappellation othernames aussiconnusous acronyme sigle",
    "legal_form": "formejuridique statutjuridique statut typedorganisme formelegale legalform type typeentreprise",
    "neq": "neq numeroneq nodentreprise numerodentreprise numerodentrepriseduquebec noneq matricule",
    "mission": "mission activite activiteprincipale resume courtedescription slogan",
    "description": "description descriptif apropos presentation desc",
    "sectors": "secteur secteurs secteurdactivite secteursdactivite categorie categories domaine sector industrie",
    "products": "produits produitsetservices services offre produitsservices products produitsouservices",
    "supplies": "approvisionnement categoriesdapprovisionnement fournit marchespublics",
    "address": "adresse adressecivique adressecomplete rue adresse1 address street noetrue adressepostale ad",
    "municipality": "municipalite ville mun localite city town municipality nommunicipalite villemunicipalite",
    "postal_code": "codepostal cp postalcode zip code",
    "mrc": "mrc territoire nommrc mrcouagglomeration territoiredappartenance",
    "territory": "territoiredesservi territoiresdesservis mrcdesservies zonedesservie region",
    "phone": "telephone tel telephone1 phone notelephone numerodetelephone telephoneprincipal",
    "phone_extension": "poste extension ext local",
    "email": "courriel email mail adressecourriel adresseelectronique couriel courrielgeneral",
    "website": "siteweb site siteinternet web url website pageweb adresseweb www",
    "social_links": "facebook reseauxsociaux mediassociaux linkedin instagram",
    "opening_hours": "heures heuresdouverture horaire horaires",
    "founded": "annee anneedefondation fondation anneedecreation fondeeen datedefondation founded",
    "workforce": "effectif employes nombredemployes nbemployes nbreemployes workforce nbdemployes",
    "languages": "langue langues languesdeservice langueparlee",
    "licences": "licence licences rbq licencerbq permis certifications certification",
    "quote_contact": "contactsoumission soumissions contactpoursoumissions personneressource contact",
}
_BY_HEADER = {header: field for field, headers in _SYNONYMS.items() for header in headers.split()}


def header_key(header: str) -> str:
    """ "Code postal", "CODE_POSTAL" and "CodePostal" are one."""
    return re.sub(r"[^a-z0-9]", "", unaccented(header))[:80]


def guess_mapping(header: Sequence[str]) -> list[str]:
    """A field's name for each column, "" where none is known; no field twice. One query.

    What staff last said of a column wins over what its name says.
    """
    keys = [header_key(each) for each in header]
    said = dict(ColumnChoice.objects.filter(header__in=keys).values_list("header", "field"))
    chosen: list[str] = []
    for key in keys:
        field = said.get(key, _BY_HEADER.get(key, ""))
        chosen.append(field if field in FIELDS and field not in chosen else "")
    return chosen


def remember(header: Sequence[str], mapping: Sequence[str]) -> None:
    """Keeps what staff said of each named column."""
    rows = {
        header_key(name): ColumnChoice(header=header_key(name), field=field)
        for name, field in zip(header, mapping, strict=True)
        if header_key(name)
    }
    ColumnChoice.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["header"], update_fields=["field"]
    )
