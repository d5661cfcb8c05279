"""A row of a spreadsheet, made into what a listing stores, with the reasons when it can't be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from enterprises.duplicates.similarity import WORDS
from enterprises.forms.listing import FIRST_YEAR
from enterprises.listing.guessing import guess_legal_form
from enterprises.models import Listing, Sector
from enterprises.models.listing import MAX_SOCIAL_LINKS
from enterprises.models.procurement import CATEGORIES
from pole import identifiers
from pole.geo.gazetteer import Gazetteer, MunicipalityMatch, municipality_name_key
from pole.geo.levels import current_country
from pole.models import Mrc
from pole.search import unaccented
from pole.text.bilingual import FRENCH
from pole.text.plaintext import clean_line
from pole.text.richtext import clean_html

LENGTHS = {
    name: Listing._meta.get_field(name).max_length  # type: ignore[union-attr]  # columns with a length
    for name in ("name", "mission", "street", "opening_hours", "quote_contact", "phone_extension")
}
_LANGUAGES = {
    "fr": "francais french fr", "en": "anglais english en an", "es": "espagnol spanish es sp",
    "fcs": "lsq langue des signes langue des signes quebecoise",
}  # fmt: skip


@dataclass(slots=True)
class CleanedRow:
    """The values of one row, by field of the listing; `sectors` and `territory` are lists of keys."""

    values: dict[str, Any] = field(default_factory=dict)
    # Why the row is refused.
    problems: list[str] = field(default_factory=list)
    # What was left out or corrected, to show to staff.
    notes: list[str] = field(default_factory=list)
    match: MunicipalityMatch | None = None
    written_municipality: str = ""


class Cleaner:
    """Cleans rows of one table against the sectors, MRCs and municipalities of the database."""

    def __init__(self, mapping: list[str], gazetteer: Gazetteer, answers: dict[str, str]) -> None:
        """`answers`: the code that staff chose for each `municipality_name_key` that was in doubt."""
        self.mapping = mapping
        self.gazetteer = gazetteer
        self.answers = answers
        self.sectors: dict[str, int] = {}
        for sector in Sector.objects.all():
            for name in (sector.slug, sector.name, sector.name_en, *sector.synonyms):
                self.sectors.setdefault(_lookup_key(name), sector.pk)
        self.mrcs = {_mrc_key(mrc.name): mrc.code for mrc in Mrc.objects.all()}
        # Elsewhere, two may have one name: the hub's is meant.
        self.mrcs |= {_mrc_key(mrc.name): mrc.code for mrc in Mrc.objects.in_territory()}
        self.mrcs |= {code: code for code in list(self.mrcs.values())}
        self.country = current_country()
        self.supplies = {
            _lookup_key(name): each.code
            for each in CATEGORIES
            for name in (each.code, each.name, each.name_en)
        }

    def clean(self, cells: list[str]) -> CleanedRow:
        row = CleanedRow()
        written = {name: cell.strip() for name, cell in zip(self.mapping, cells, strict=True) if name}
        for name, cell in written.items():
            if cell and (clean := getattr(self, f"_clean_{name}", None)):
                try:
                    clean(row, cell)
                except ValidationError as error:
                    row.problems.append(f"{cell[:60]}: {error.messages[0]}")
            elif cell:
                row.values[name] = clean_line(cell)
        self._locate(row, written)
        if not row.values.get("name"):
            row.problems.append(_("There is no name."))
        if not row.values.get("legal_form") and (form := guess_legal_form(row.values.get("name", ""))):
            row.values["legal_form"] = form
        for name, length in LENGTHS.items():
            if len(row.values.get(name, "")) > (length or 0):
                row.problems.append(_("%(column)s: more than %(limit)d characters.") % {
                    "column": Listing._meta.get_field(name).verbose_name, "limit": length})  # type: ignore[union-attr]  # columns  # fmt: skip
        return row

    # --- Place ----------------------------------------------------------------------------------

    def _clean_address(self, row: CleanedRow, cell: str) -> None:
        street, postal_code = split_address(cell)
        row.values["street"] = street
        if postal_code:
            row.values.setdefault("postal_code", postal_code)

    def _clean_postal_code(self, row: CleanedRow, cell: str) -> None:
        row.values["postal_code"] = identifiers.clean_postal_code(cell, country=self.country)

    def _clean_municipality(self, row: CleanedRow, cell: str) -> None:
        row.written_municipality = clean_line(cell)

    def _clean_mrc(self, row: CleanedRow, cell: str) -> None:
        """Only distinguishes municipalities of one name: `_locate` reads it."""

    def _locate(self, row: CleanedRow, written: dict[str, str]) -> None:
        if not row.written_municipality:
            row.problems.append(_("There is no municipality."))
            return
        answered = self.answers.get(municipality_name_key(row.written_municipality))
        if answered in self.gazetteer.by_code:
            row.match = MunicipalityMatch(self.gazetteer.by_code[answered])
        else:
            mrc = self.mrcs.get(_mrc_key(written.get("mrc", "")), "")
            row.match = self.gazetteer.find(row.written_municipality, mrc=mrc)
        if row.match.municipality:
            row.values["municipality_id"] = row.match.municipality.code
            if not row.match.municipality.is_in_territory:
                row.notes.append(
                    _("%(name)s is not in the hub’s territory.") % {"name": row.match.municipality.name}
                )

    def _clean_territory(self, row: CleanedRow, cell: str) -> None:
        codes, unknown = _look_up_parts(cell, self.mrcs, _mrc_key)
        row.values["territory"] = codes
        _note_unknown(row, _("territory served"), unknown)

    # --- What it is -----------------------------------------------------------------------------

    def _clean_name(self, row: CleanedRow, cell: str) -> None:
        row.values["name"] = clean_line(cell).strip("\"'«»“” ")

    def _clean_other_names(self, row: CleanedRow, cell: str) -> None:
        row.values["other_names"] = [name[:140] for name in _split_cell(cell)]

    def _clean_legal_form(self, row: CleanedRow, cell: str) -> None:
        if form := guess_legal_form(cell, is_declared=True):
            row.values["legal_form"] = form
        else:
            row.notes.append(_("Legal form not known, left empty: %(text)s") % {"text": cell[:60]})

    def _clean_neq(self, row: CleanedRow, cell: str) -> None:
        row.values["neq"] = identifiers.clean_neq(cell)
        if warning := identifiers.neq_warning(row.values["neq"]):
            row.notes.append(warning)

    def _clean_founded(self, row: CleanedRow, cell: str) -> None:
        found = re.search(r"\b(1[89]\d\d|20\d\d)\b", cell)
        if not found or not FIRST_YEAR <= int(found[1]) <= timezone.localdate().year:
            raise ValidationError(_("this is not a year when an enterprise was founded."))
        row.values["founded"] = int(found[1])

    def _clean_workforce(self, row: CleanedRow, cell: str) -> None:
        numbers = [int(digits) for digits in re.findall(r"\d{1,6}", cell)]
        if not numbers:
            row.notes.append(_("Workforce not understood, left empty: %(text)s") % {"text": cell[:60]})
            return
        bands = ((0, "0"), (4, "1-4"), (9, "5-9"), (24, "10-24"), (49, "25-49"), (99, "50-99"))
        row.values["workforce"] = next((band for most, band in bands if numbers[0] <= most), "100+")

    def _clean_description(self, row: CleanedRow, cell: str) -> None:
        text = cell if re.search(r"</?(?:p|ul|ol|br|h[23])\b", cell) else _paragraphs(cell)
        row.values["description"] = clean_html(text, language=FRENCH)

    def _clean_sectors(self, row: CleanedRow, cell: str) -> None:
        known = self.sectors.get(_lookup_key(cell))
        keys, unknown = ([known], []) if known else _look_up_parts(cell, self.sectors, _lookup_key)
        row.values["sectors"] = keys
        _note_unknown(row, _("sectors"), unknown)

    def _clean_supplies(self, row: CleanedRow, cell: str) -> None:
        row.values["supplies"], unknown = _look_up_parts(cell, self.supplies, _lookup_key)
        _note_unknown(row, _("what you can supply to a municipality"), unknown)

    def _clean_products(self, row: CleanedRow, cell: str) -> None:
        row.values["products"] = [part[:80] for part in _split_cell(cell)][:40]

    def _clean_licences(self, row: CleanedRow, cell: str) -> None:
        row.values["licences"] = [part[:80] for part in _split_cell(cell)][:40]

    def _clean_languages(self, row: CleanedRow, cell: str) -> None:
        names = {
            name: code for code, all_names in _LANGUAGES.items() for name in (*all_names.split(), all_names)
        }
        row.values["languages"], unknown = _look_up_parts(cell, names, unaccented, also=r"\bet\b")
        _note_unknown(row, _("languages of service"), unknown)

    # --- How to reach it ------------------------------------------------------------------------

    def _clean_phone(self, row: CleanedRow, cell: str) -> None:
        number, extension = identifiers.parse_phone(
            cell.split("\n", maxsplit=1)[0].split(" ou ", maxsplit=1)[0].split("/", maxsplit=1)[0],
            country=self.country,
        )
        row.values["phone"] = number
        if extension:
            row.values["phone_extension"] = extension

    def _clean_phone_extension(self, row: CleanedRow, cell: str) -> None:
        row.values["phone_extension"] = re.sub(r"\D", "", cell)[:6]

    def _clean_email(self, row: CleanedRow, cell: str) -> None:
        first = re.split(r"[;,\s]+", cell.strip().removeprefix("mailto:"))[0]
        validate_email(first)
        row.values["email"] = first

    def _clean_website(self, row: CleanedRow, cell: str) -> None:
        row.values["website"] = identifiers.clean_website(cell.split(maxsplit=1)[0])

    def _clean_social_links(self, row: CleanedRow, cell: str) -> None:
        links = [identifiers.clean_website(part) for part in re.split(r"[;,\s]+", cell) if part]
        row.values["social_links"] = list(dict.fromkeys(links))[:MAX_SOCIAL_LINKS]


def split_address(cell: str) -> tuple[str, str]:
    """(street, postal code or "") of an address as registers write it.

    "1200 RUE PRINCIPALE APP: 204 CP: 45" is "1200, rue Principale, app. 204, C. P. 45"; a postal
    code or a whole "CP: J0S 1Y0" is removed.
    """
    text, postal_code = clean_line(cell.replace("\n", ", ")), ""
    if found := re.search(r"(?:\bC\.?\s?P\.?\s*:?\s*)?\b([A-Za-z]\d[A-Za-z])[\s-]?(\d[A-Za-z]\d)\b", text):
        try:
            postal_code = identifiers.clean_postal_code(found[1] + found[2])
        except ValidationError:
            pass
        else:
            text = text[: found.start()] + text[found.end() :]
    if text == text.upper() and re.search("[A-Z]{3}", text):
        text = _lower_case_street(text)
    text = re.sub(r",?\s*\b(?:APP|APPT|APT|BUREAU|BUR|SUITE|LOCAL|UNITE|UNITÉ)\.?\s*:?\s*#?\s*([\w-]+)",
                  lambda found: f", {_unit_word(found[0])} {found[1]}", text, flags=re.IGNORECASE)  # fmt: skip
    text = re.sub(
        r",?\s*\b(?:C\.?\s?P\.?|CASE POSTALE)\s*:?\s*(\d+)", r", C. P. \1", text, flags=re.IGNORECASE
    )
    text = re.sub(r",?\s*\((?:Québec|Quebec|QC)\)\s*$", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\s*,[\s,]*", ", ", text).strip(" ,")
    return re.sub(r"^(\d+[A-Za-z]?(?:-\d+)?)\s+(?=[^\W\d_]{2})", r"\1, ", text), postal_code


def _unit_word(written: str) -> str:
    word = unaccented(written).strip(" ,")
    return "bureau" if word.startswith("bur") else "local" if word.startswith("local") else "app."


def _lower_case_street(text: str) -> str:
    def word(found: re.Match[str]) -> str:
        lower = found[0].lower()
        return lower if unaccented(lower) in WORDS["street"] else lower.capitalize()

    return re.sub(r"[^\W\d_]+", word, text)


def _split_cell(cell: str, also: str = "") -> list[str]:
    marks = r"[;|•\n]" if re.search(r"[;|•\n]", cell) else r","
    parts = re.split(f"{marks}|{also}" if also else marks, cell)
    return list(dict.fromkeys(part for part in (clean_line(each).strip("-– ") for each in parts) if part))


def _look_up_parts(
    cell: str, known: dict[str, Any], key: Callable[[str], str], also: str = ""
) -> tuple[list[Any], list[str]]:
    """(The sorted values of the parts of a cell, the parts that are not among `known`)."""
    found, unknown = [], []
    for part in _split_cell(cell, also):
        if (value := known.get(key(part))) is not None:
            found.append(value)
        else:
            unknown.append(part)
    return sorted(set(found)), unknown


def _note_unknown(row: CleanedRow, label: str, unknown: list[str]) -> None:
    if unknown:
        row.notes.append(_("%(column)s: “%(text)s” is not known and was left out.") % {
            "column": label, "text": ", ".join(unknown)[:120]})  # fmt: skip


def _lookup_key(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", unaccented(text)))


def _mrc_key(text: str) -> str:
    key = re.sub(
        r"^(?:mrc|municipalite regionale de comte)\s+(?:(?:de|du|des|d)\s+)?(?:(?:la|l)\s+)?",
        "",
        _lookup_key(text),
    )
    return re.sub(r"^(?:agglomeration (?:de|d) )?(?:les )?(?:le )?(?:la )?", "", key)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in re.split(r"\n+", text) if part.strip())
