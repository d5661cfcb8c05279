"""A row of a spreadsheet, made into what a listing stores, with what was corrected or left out.

Nothing but a missing name or town refuses a row: a cell that can't be read is left empty, and its reason said; what a
listing has no place for goes into the team's note.
"""

from __future__ import annotations

import html
import re

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.forms.listing import FIRST_YEAR
from enterprises.importing.cells import addresses, contacts
from enterprises.importing.cells.addresses import split_address, without_town
from enterprises.importing.cells.empty import is_empty
from enterprises.importing.cells.lists import (
    look_up_parts,
    lookup_key,
    mrc_key,
    short_parts,
    workforce_band,
)
from enterprises.importing.cells.names import clean_name
from enterprises.importing.cells.row import (
    CleanedRow,
    drop_refused_values,
    keep_whole,
    leave_empty,
    length_of,
    note_destroyed,
    note_unknown,
    paragraphs,
    shorten_sentences,
)
from enterprises.listing.guessing import guess_legal_form
from enterprises.models import Sector
from enterprises.models.listing import MAX_SOCIAL_LINKS
from enterprises.models.procurement import CATEGORIES
from pole import identifiers
from pole.geo.gazetteer import Gazetteer, MunicipalityMatch, municipality_name_key
from pole.geo.levels import current_country
from pole.models import Mrc
from pole.text.bilingual import FRENCH
from pole.text.plaintext import clean_line, clean_paragraphs, shortened
from pole.text.richtext import clean_html

__all__ = ["CleanedRow", "Cleaner", "split_address"]

_MOST_PARTS = 40
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{2,5}|#x[0-9A-Fa-f]{2,4});")
_LANGUAGES = {
    "fr": ["francais", "francaise", "french", "fr", "fra", "f"], "en": ["anglais", "anglaise", "english", "en", "an", "ang", "a"],
    "es": ["espagnol", "espagnole", "spanish", "es", "sp", "esp"],
    "fcs": ["lsq", "langue des signes", "langue des signes quebecoise"],
}  # fmt: skip


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
                self.sectors.setdefault(lookup_key(name), sector.pk)
        self.mrcs = {mrc_key(mrc.name): mrc.code for mrc in Mrc.objects.all()}
        # Elsewhere, two may have one name: the hub's is meant.
        self.mrcs |= {mrc_key(mrc.name): mrc.code for mrc in Mrc.objects.in_territory()}
        self.mrcs |= {code: code for code in list(self.mrcs.values())}
        self.country = current_country()
        self.supplies = {
            lookup_key(name): each.code
            for each in CATEGORIES
            for name in (each.code, each.name, each.name_en)
        }

    def clean(self, cells: list[str]) -> CleanedRow:
        row, written = CleanedRow(), self._written(cells)
        for name, cell in written.items():
            clean = getattr(self, f"_clean_{name}", None)
            try:
                if clean:
                    clean(row, cell)
                else:
                    row.values[name] = clean_line(cell)
            except ValidationError as error:
                leave_empty(row, name, cell, error)
        self._locate(row, written)
        self._place(row, written)
        if not row.values.get("legal_form") and (form := guess_legal_form(row.values.get("name", ""))):
            row.values["legal_form"] = form
        shorten_sentences(row)
        if row.kept:
            row.values["staff_note"] = "\n".join(dict.fromkeys(row.kept))
        drop_refused_values(row)
        if not row.values.get("name"):
            row.problems.append(_("There is no name."))
        note_destroyed(row, written)
        return row

    def _written(self, cells: list[str]) -> dict[str, str]:
        """The cells that say something, by field; several columns of one field are its lines."""
        written: dict[str, str] = {}
        for name, raw in zip(self.mapping, cells, strict=True):
            cell = clean_paragraphs(raw)
            if _ENTITY.search(cell) and name != "description":
                # Of a site's export: "Arts &amp; m&eacute;tiers".
                cell = clean_paragraphs(html.unescape(cell))
            if name and cell and not is_empty(cell, name):
                written[name] = f"{written[name]}\n{cell}" if name in written else cell
        return written

    # --- Place ----------------------------------------------------------------------------------

    def _clean_address(self, row: CleanedRow, cell: str) -> None:
        street, postal_code = split_address(cell)
        row.values["street"] = street
        if postal_code:
            row.values.setdefault("postal_code", postal_code)

    def _clean_postal_code(self, row: CleanedRow, cell: str) -> None:
        code, is_mended = addresses.mended_postal_code(cell, self.country)
        row.values["postal_code"] = code
        if is_mended:
            row.notes.append(
                _("Postal code corrected: “%(before)s” is read %(after)s.")
                % {"before": cell[:20], "after": code}
            )

    def _clean_municipality(self, row: CleanedRow, cell: str) -> None:
        town, postal_code = addresses.split_postal_code(clean_line(cell))
        row.written_municipality = town or clean_line(cell)
        if postal_code:
            row.values.setdefault("postal_code", postal_code)

    def _clean_mrc(self, row: CleanedRow, cell: str) -> None:
        """Only distinguishes municipalities of one name: `_locate` reads it."""

    def _clean_latitude(self, row: CleanedRow, cell: str) -> None:
        """With the longitude: `_place` reads both."""

    _clean_longitude = _clean_latitude

    def _place(self, row: CleanedRow, written: dict[str, str]) -> None:
        latitude, longitude = written.get("latitude", ""), written.get("longitude", "")
        if not latitude and not longitude:
            return
        try:
            if not latitude or not longitude:
                raise ValidationError(_("a position has a latitude and a longitude."))
            north, east, note = addresses.parse_position(latitude, longitude, self.country)
        except ValidationError as error:
            leave_empty(row, "latitude", f"{latitude} {longitude}".strip(), error)
            return
        row.values |= {"latitude": north, "longitude": east}
        if note:
            row.notes.append(_("Position corrected: %(reason)s") % {"reason": note})

    def _locate(self, row: CleanedRow, written: dict[str, str]) -> None:
        if not row.written_municipality:
            row.problems.append(_("There is no municipality."))
            return
        answered = self.answers.get(municipality_name_key(row.written_municipality))
        if answered in self.gazetteer.by_code:
            row.match = MunicipalityMatch(self.gazetteer.by_code[answered])
        else:
            mrc = self.mrcs.get(mrc_key(written.get("mrc", "")), "")
            row.match = self.gazetteer.find(row.written_municipality, mrc=mrc)
        if town := row.match.municipality:
            row.values["municipality_id"] = town.code
            row.values["street"] = without_town(row.values.get("street", ""), town.name)
            if not town.is_in_territory:
                row.notes.append(_("%(name)s is not in the hub’s territory.") % {"name": town.name})

    def _clean_territory(self, row: CleanedRow, cell: str) -> None:
        row.values["territory"], unknown = look_up_parts(cell, self.mrcs, mrc_key)
        note_unknown(row, _("territory served"), unknown)

    # --- What it is -----------------------------------------------------------------------------

    def _clean_name(self, row: CleanedRow, cell: str) -> None:
        name, most = clean_name(cell), length_of("name")
        row.values["name"] = shortened(name, most)
        if len(name) > most:
            keep_whole(row, "name", cell)

    def _clean_other_names(self, row: CleanedRow, cell: str) -> None:
        row.values["other_names"] = short_parts(cell, most=_MOST_PARTS, length=140)

    def _clean_legal_form(self, row: CleanedRow, cell: str) -> None:
        if form := guess_legal_form(cell, is_declared=True):
            row.values["legal_form"] = form
        else:
            row.notes.append(_("Legal form not known, left empty: %(text)s") % {"text": cell[:60]})

    def _clean_neq(self, row: CleanedRow, cell: str) -> None:
        # Beside other words, the only number of ten digits: "1148207609 (actif)".
        alone = re.findall(r"(?<!\d)\d{10}(?!\d)", cell)
        row.values["neq"] = identifiers.clean_neq(alone[0] if len(set(alone)) == 1 else cell)
        if warning := identifiers.neq_warning(row.values["neq"]):
            row.notes.append(warning)

    def _clean_founded(self, row: CleanedRow, cell: str) -> None:
        found = re.search(r"\b(1[89]\d\d|20\d\d)\b", cell)
        if not found or not FIRST_YEAR <= int(found[1]) <= timezone.localdate().year:
            raise ValidationError(_("this is not a year when an enterprise was founded."))
        row.values["founded"] = int(found[1])

    def _clean_workforce(self, row: CleanedRow, cell: str) -> None:
        if band := workforce_band(cell):
            row.values["workforce"] = band
        else:
            row.notes.append(_("Workforce not understood, left empty: %(text)s") % {"text": cell[:60]})

    def _clean_description(self, row: CleanedRow, cell: str) -> None:
        text = cell if re.search(r"</?(?:p|ul|ol|br|h[23])\b", cell) else paragraphs(cell)
        row.values["description"] = clean_html(text, language=FRENCH)

    def _clean_sectors(self, row: CleanedRow, cell: str) -> None:
        known = self.sectors.get(lookup_key(cell))
        keys, unknown = ([known], []) if known else look_up_parts(cell, self.sectors, lookup_key)
        row.values["sectors"] = keys
        note_unknown(row, _("sectors"), unknown)

    def _clean_supplies(self, row: CleanedRow, cell: str) -> None:
        row.values["supplies"], unknown = look_up_parts(cell, self.supplies, lookup_key)
        note_unknown(row, _("what you can supply to a municipality"), unknown)

    def _clean_products(self, row: CleanedRow, cell: str) -> None:
        row.values["products"] = short_parts(cell, most=_MOST_PARTS, length=80)

    def _clean_licences(self, row: CleanedRow, cell: str) -> None:
        row.values["licences"] = short_parts(cell, most=_MOST_PARTS, length=80)

    def _clean_languages(self, row: CleanedRow, cell: str) -> None:
        names = {name: code for code, all_names in _LANGUAGES.items() for name in all_names}
        separators = r"\b(?:et|and|ou)\b|[/&+]|-(?=[^\W\d_])"
        row.values["languages"], unknown = look_up_parts(cell, names, lookup_key, also=separators)
        note_unknown(row, _("languages of service"), unknown)

    # --- How to reach it ------------------------------------------------------------------------

    def _clean_phone(self, row: CleanedRow, cell: str) -> None:
        row.values["phone"], extension, says_more = contacts.parse_phones(cell, country=self.country)
        if extension:
            row.values["phone_extension"] = extension
        if says_more:
            keep_whole(row, "phone", cell)

    def _clean_phone_extension(self, row: CleanedRow, cell: str) -> None:
        numbers = re.findall(r"[0-9]+", re.sub(r"[.,]0+$", "", cell))
        if numbers and len(numbers[0]) <= length_of("phone_extension"):
            row.values["phone_extension"] = numbers[0]
        if len(numbers) != 1 or "phone_extension" not in row.values:
            keep_whole(row, "phone_extension", cell)

    def _clean_email(self, row: CleanedRow, cell: str) -> None:
        row.values["email"], says_more = contacts.parse_emails(cell)
        if says_more:
            keep_whole(row, "email", cell)

    def _clean_website(self, row: CleanedRow, cell: str) -> None:
        site, pages, says_more = contacts.parse_pages(cell)
        if site:
            row.values["website"] = site
        self._add_pages(row, pages)
        if says_more:
            keep_whole(row, "website", cell)

    def _clean_social_links(self, row: CleanedRow, cell: str) -> None:
        site, pages, says_more = contacts.parse_pages(cell)
        # Of a network that is not known here: staff chose the column.
        self._add_pages(row, [*pages, site] if site else pages)
        if says_more:
            keep_whole(row, "social_links", cell)

    def _add_pages(self, row: CleanedRow, pages: list[str]) -> None:
        if pages:
            known = row.values.get("social_links", [])
            row.values["social_links"] = contacts.merged_pages(known, pages, MAX_SOCIAL_LINKS)

    def _clean_staff_note(self, row: CleanedRow, cell: str) -> None:
        row.kept.insert(0, cell)
