"""Every field of a listing, declared once: the lists that have it, or why they do not.

Forms, merge, import, exports, API, corrections and completeness read their lists here; history records every
field but `SYSTEM_COLUMNS`. See "A field on a listing" in docs/contributing.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enterprises.models import Listing

type ListName = Literal[
    "form", "merge", "comparison", "import", "export", "api", "corrections", "completeness", "page"
]


class Group(models.TextChoices):
    """The parts of the form, in its order."""

    IDENTITY = "identity", _("Identity")
    ABOUT = "about", _("Who you are")
    PLACE = "place", _("Where to find you")
    CONTACT = "contact", _("How to reach you")
    BUYERS = "buyers", _("For public buyers")
    ENGLISH = "english", _("In English")
    TEAM = "team", _("Kept by the team")


@dataclass(frozen=True, slots=True)
class Field:
    """Unless `left_out` says why not, a field is in every list; the test of this module asks for what each needs."""

    name: str
    # "form": the part that shows it.
    group: Group | None = None
    # "export": its heading in CSV and XLSX.
    heading: str | Promise = ""
    # "import": headings by which spreadsheets call it, as `importing.columns.header_key` writes them.
    headings: str = ""
    # "api": its name there, when it has another; several fields may make one object.
    api: str = ""
    # "completeness": what to do when it is empty, and how much that helps.
    step: str | Promise = ""
    weight: int = 0
    left_out: Mapping[ListName, str] = field(default_factory=dict)

    def is_in(self, name: ListName) -> bool:
        return name not in self.left_out

    @property
    def api_name(self) -> str:
        return self.api or self.name

    @property
    def label(self) -> str | Promise:
        return Listing._meta.get_field(self.name).verbose_name  # type: ignore[union-attr]  # a column or a relation


_PROPOSED = "identity: managers propose it, and the team decides"
_NEEDS_ACCOUNT = "someone without an account corrects short facts alone"
_WITH_PHONE = "goes with the number"
_NOT_TYPED = "a position is not typed"
_ONE_LANGUAGE = "the French text stands for both"
_NOT_ASKED = "nothing is missed when it is empty"
_TEAM = "the team's own"
_LONG = "too long for a cell, or for two columns"

FIELDS = (
    Field("name", Group.IDENTITY, _("Name"),
          "nom nomentreprise nomdelentreprise nomdentreprise entreprise organisme nomorganisme nomdelorganisme"
          " organisation raisonsociale denomination nomlegal nomusuel name companyname company organization",
          left_out={"corrections": _PROPOSED, "completeness": "never empty"}),
    Field("other_names", Group.IDENTITY, "",
          "autresnoms autrenom nomdusage ancienneappellation othernames aussiconnusous acronyme sigle",
          left_out={"merge": "those of both are kept", "comparison": "those of both are kept",
                    "export": "one name a row", "corrections": _PROPOSED, "completeness": _NOT_ASKED}),
    Field("legal_form", Group.IDENTITY, _("Legal form"),
          "formejuridique statutjuridique statut typedorganisme formelegale legalform type typeentreprise",
          step=_("Say what your legal form is"), weight=5, left_out={"corrections": _PROPOSED}),
    Field("neq", Group.IDENTITY, _("NEQ"),
          "neq numeroneq nodentreprise numerodentreprise numerodentrepriseduquebec noneq matricule",
          left_out={"corrections": _PROPOSED, "completeness": "the team asks for it"}),
    Field("founded", Group.ABOUT, _("Founded in"),
          "annee anneedefondation fondation anneedecreation fondeeen datedefondation founded",
          step=_("Say when you were founded"), weight=2),
    Field("mission", Group.ABOUT, _("Mission"),
          "mission activite activiteprincipale resume courtedescription slogan",
          step=_("Say your mission in a sentence"), weight=10),
    Field("mission_en", Group.ENGLISH, step=_("Write your mission in English"), weight=1,
          left_out={"import": _ONE_LANGUAGE, "export": "under “Mission”, on English pages", "corrections": _ONE_LANGUAGE}),
    Field("description", Group.ABOUT, "", "description descriptif apropos presentation desc",
          step=_("Describe what you do, in a few paragraphs"), weight=14,
          left_out={"export": _LONG, "corrections": _NEEDS_ACCOUNT}),
    Field("description_en", Group.ENGLISH,
          left_out={"comparison": _LONG, "import": _ONE_LANGUAGE, "export": _LONG, "api": _ONE_LANGUAGE,
                    "corrections": _ONE_LANGUAGE, "completeness": _ONE_LANGUAGE}),
    Field("sectors", Group.IDENTITY, _("Sectors"),
          "secteur secteurs secteurdactivite secteursdactivite secteurdactivites secteursdactivites secteuractivite"
          " secteursactivites typedactivite typesdactivite typedactivites typesdactivites typeactivite domainedactivite"
          " domainesdactivite champdactivite champsdactivite categorie categories domaine domaines sector sectors industrie",
          step=_("Choose your sectors: people search by them"), weight=10, left_out={"corrections": _PROPOSED}),
    Field("products", Group.ABOUT, _("Products and services"),
          "produits produitsetservices services offre produitsservices products produitsouservices",
          step=_("List your products and services"), weight=14),
    Field("products_en", Group.ENGLISH,
          left_out={"comparison": _LONG, "import": _ONE_LANGUAGE, "export": "under “Products and services”, on English pages",
                    "api": _ONE_LANGUAGE, "corrections": _ONE_LANGUAGE, "completeness": _ONE_LANGUAGE}),
    Field("supplies", Group.BUYERS, _("Can supply"),
          "approvisionnement categoriesdapprovisionnement fournit marchespublics",
          step=_("Say what you can supply to a municipality"), weight=8, left_out={"corrections": _NEEDS_ACCOUNT}),
    Field("licences", Group.BUYERS, _("Licences and certifications"),
          "licence licences rbq licencerbq permis certifications certification",
          left_out={"corrections": _NEEDS_ACCOUNT, "completeness": _NOT_ASKED}),
    Field("quote_contact", Group.BUYERS, _("Contact for quotes"),
          "contactsoumission soumissions contactpoursoumissions personneressource contact",
          left_out={"corrections": _NEEDS_ACCOUNT, "completeness": _NOT_ASKED}),
    Field("street", Group.PLACE, _("Address"),
          "adresse adressecivique adressecomplete rue adresse1 address street noetrue adressepostale ad",
          api="address", step=_("Give your street address"), weight=5),
    Field("municipality", Group.PLACE, _("Municipality"),
          "municipalite ville mun localite city town municipality nommunicipalite villemunicipalite",
          api="address", left_out={"completeness": "never empty"}),
    Field("postal_code", Group.PLACE, _("Postal code"), "codepostal cp postalcode zip code", api="address",
          step=_("Give your postal code: people search by distance"), weight=5),
    *(Field(name, headings=headings, api="position",
            left_out={"form": _NOT_TYPED, "merge": "the listing that stays is where it was",
                      "comparison": _NOT_TYPED, "export": "in GeoJSON",
                      "corrections": _NOT_TYPED, "completeness": _NOT_TYPED, "page": "on the map"})
      for name, headings in (("latitude", "latitude lat coordonneey gpslat"),
                             ("longitude", "longitude long lon lng coordonneex gpslong"))),
    Field("territory", Group.PLACE, _("Territory served"),
          "territoiredesservi territoiresdesservis mrcdesservies zonedesservie region",
          api="territory_served", step=_("Say which territory you serve"), weight=6,
          left_out={"corrections": _NEEDS_ACCOUNT}),
    Field("phone", Group.CONTACT, _("Telephone"),
          "telephone tel telephone1 phone notelephone numerodetelephone telephoneprincipal",
          step=_("Give a telephone number"), weight=8),
    Field("phone_extension", None, "", "poste extension ext local",
          left_out={"form": _WITH_PHONE, "merge": _WITH_PHONE, "comparison": _WITH_PHONE, "export": _WITH_PHONE,
                    "corrections": _WITH_PHONE, "completeness": _NOT_ASKED}),
    Field("email", Group.CONTACT, _("E-mail"),
          "courriel email mail adressecourriel adresseelectronique couriel courrielgeneral",
          step=_("Give an e-mail address"), weight=8),
    Field("website", Group.CONTACT, _("Site"),
          "siteweb site siteinternet web url website pageweb adresseweb www",
          step=_("Give your website or a page on social media"), weight=5),
    Field("social_links", Group.CONTACT, "", "facebook reseauxsociaux mediassociaux linkedin instagram",
          left_out={"export": _LONG, "corrections": _NEEDS_ACCOUNT, "completeness": "asked with the website"}),
    Field("opening_hours", Group.CONTACT, "", "heures heuresdouverture horaire horaires",
          step=_("Give your opening hours"), weight=3, left_out={"export": _LONG}),
    Field("opening_hours_en", Group.ENGLISH,
          left_out={"import": _ONE_LANGUAGE, "export": _LONG, "api": _ONE_LANGUAGE, "corrections": _ONE_LANGUAGE,
                    "completeness": _ONE_LANGUAGE}),
    Field("workforce", Group.ABOUT, _("Workforce"),
          "effectif employes nombredemployes nbemployes nbreemployes workforce nbdemployes",
          step=_("Say how many people work with you"), weight=2),
    Field("languages", Group.CONTACT, _("Languages of service"), "langue langues languesdeservice langueparlee",
          step=_("Say in which languages you serve people"), weight=3),
    Field("logo", Group.ABOUT, step=_("Add your logo"), weight=6,
          left_out={"comparison": "a picture", "import": "a picture", "export": "a picture", "api": "a picture",
                    "corrections": _NEEDS_ACCOUNT}),
    Field("parent", Group.TEAM,
          left_out={"merge": "branches follow the listing that stays", "comparison": _TEAM, "import": "the team answers it",
                    "export": "a link of the page", "api": "a link of the page", "corrections": _TEAM,
                    "completeness": _NOT_ASKED}),
    Field("staff_note", Group.TEAM,
          headings="notes note remarque remarques commentaire commentaires notesinternes noteinterne comments",
          left_out={"merge": "those of both are kept", "comparison": "those of both are kept", "export": _TEAM, "api": _TEAM,
                    "corrections": _TEAM, "completeness": _NOT_ASKED, "page": _TEAM}),
    Field("verified_on", None, _("Verified on"),
          left_out={"form": "a box of the form sets it", "comparison": "nobody chooses it", "import": "a file verifies nothing",
                    "corrections": "the team verifies", "completeness": _NOT_ASKED}),
)  # fmt: skip

# Columns that people do not edit as text: no list has them, and a restoration does not change them.
SYSTEM_COLUMNS: Mapping[str, str] = {
    "id": "the key",
    "slug": "the address: made from the name when the listing is created, then stable",
    "state": "the team publishes, hides and archives",
    "name_key": "generated from the name by the database",
    "created_at": "set by Django",
    "updated_at": "set by Django",
    "version": "for two people who save at once",
    "merged_into": "a merge writes it",
    "lost_owner_at": "set by a trigger",
    "sector_ids": "set by a trigger, from the sectors",
    "served": "set by a trigger, from the territory",
    "document": "set by a trigger, for the search",
}
# The denormalised column of each many-to-many relation, maintained by triggers.
COLUMN_OF_RELATION: Mapping[str, str] = {"sectors": "sector_ids", "territory": "served"}

# Where the order of a list is not that of FIELDS: each field, and the one that it follows. In the form, within a group.
_ORDER_CHANGES: Mapping[ListName, Mapping[str, str]] = {
    "form": {"logo": "products", "founded": "logo", "licences": "quote_contact"},
    "merge": {"territory": "quote_contact"},
    "import": {"founded": "opening_hours", "licences": "languages", "quote_contact": "licences"},
    "export": {"quote_contact": "website", "licences": "quote_contact", "languages": "licences",
               "founded": "languages", "workforce": "founded"},
    "completeness": {"supplies": "email"},
}  # fmt: skip


def fields_in(name: ListName) -> tuple[Field, ...]:
    """The fields of a list, in its order."""
    follows = _ORDER_CHANGES.get(name, {})
    by_name = {each.name: each for each in FIELDS if each.is_in(name)}
    order = [each for each in by_name if each not in follows]
    for moved, before in follows.items():
        order.insert(order.index(before) + 1, moved)
    return tuple(by_name[each] for each in order)


def form_names(*groups: Group) -> tuple[str, ...]:
    return tuple(each.name for group in groups for each in fields_in("form") if each.group is group)
