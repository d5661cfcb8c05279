"""A row of a file read by what staff answered: their words put in place of ours, then cleaned, then guessed from."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from enterprises.importing import remembered
from enterprises.importing.cleaning import Cleaner
from enterprises.listing.guessing import SectorGuesser, suggest_legal_form
from enterprises.models import Import, ImportRow, RememberedValue
from pole.geo.gazetteer import load_gazetteer
from pole.models import Municipality
from pole.search import unaccented

# What a cleaned cell reads, for a code of ours that is not its own name.
_WRITTEN_CODES = {"fcs": "lsq"}
# Fields whose values are ours, and whether a cell holds several.
VALUE_FIELDS = {
    RememberedValue.Field.SECTORS: True,
    RememberedValue.Field.LEGAL_FORM: False,
    RememberedValue.Field.TERRITORY: True,
    RememberedValue.Field.LANGUAGES: True,
}


class RowReader:
    """Reads the rows of one import. A constant number of queries, when it is made."""

    def __init__(self, spreadsheet_import: Import) -> None:
        self.spreadsheet_import = spreadsheet_import
        self.mapping = spreadsheet_import.mapping
        self.gazetteer = load_gazetteer()
        self.answers = remembered.read_answers(RememberedValue.Field.values)
        towns = self.answers[remembered.MUNICIPALITY]
        self.places_left_out = frozenset(key for key, values in towns.items() if not values)
        self.cleaner = Cleaner(self.mapping, self.gazetteer, remembered.codes_of_towns(towns))
        # One cell at a time: what a word alone is worth.
        self._alone = {
            field: Cleaner([field], self.gazetteer, {}) for field in VALUE_FIELDS if field in self.mapping
        }
        self._read_alone = cache(self._look_up)
        self._guesser = SectorGuesser()

    def read(self, row: ImportRow) -> None:
        """Sets what a row holds: `cleaned`, `name`, `place`, `unknown`. No query."""
        cells, unknown = self._translate(row.cells)
        cleaned = self.cleaner.clean(cells)
        values: dict[str, Any] = cleaned.values
        row.name, row.unknown = values.get("name", ""), sorted(unknown)
        is_doubtful = bool(cleaned.match and cleaned.match.municipality is None)
        place = remembered.value_key(remembered.MUNICIPALITY, cleaned.written_municipality)
        # Of a town that was answered about too: the answer may be changed.
        row.place = place if is_doubtful or place in self.answers[remembered.MUNICIPALITY] else ""
        row.cleaned = {
            "values": values,
            "problems": cleaned.problems,
            "notes": cleaned.notes,
            "is_doubtful": is_doubtful,
            "written_municipality": cleaned.written_municipality,
            "towns": [
                [town.code, municipality_label(town)]
                for town in (cleaned.match.candidates if is_doubtful and cleaned.match else ())
            ],
            "guessed": self._guess(values),
        }
        if is_doubtful and not row.place:
            # Nothing of its name can be compared: “???”.
            said = {"name": cleaned.written_municipality}
            row.cleaned["problems"].append(_("“%(name)s” is not a municipality of the territory.") % said)

    def _guess(self, values: dict[str, Any]) -> dict[str, Any]:
        """What is proposed where the file says nothing; a legal form that the name says outright is no guess."""
        guessed: dict[str, Any] = {}
        if values.get("name") and not values.get("sectors"):
            guessed["sectors"] = self._guesser.guess_sectors(
                name=values["name"], mission=values.get("mission", ""), products=values.get("products", [])
            )
        if values.get("name") and not values.get("legal_form"):
            guessed["legal_form"] = suggest_legal_form(values["name"])
        return {name: value for name, value in guessed.items() if value}

    def _translate(self, cells: list[str]) -> tuple[list[str], set[str]]:
        """The cells, in the words of the directory; and "field:written" of each word that is not one of them."""
        translated, unknown = list(cells), set()
        for at, field in enumerate(self.mapping):
            if field in VALUE_FIELDS and cells[at].strip():
                translated[at], words = self._translate_cell(field, cells[at])
                unknown |= {f"{field}:{word}" for word in words}
        return translated, unknown

    def _translate_cell(self, field: str, cell: str) -> tuple[str, list[str]]:
        whole = self._answered(field, cell)
        if whole is not None:
            return whole, [cell.strip()[:150]]
        if self._is_known(field, cell):
            return cell, []
        parts, unknown = [], []
        for part in split_values(cell) if VALUE_FIELDS[RememberedValue.Field(field)] else [cell.strip()]:
            answered = self._answered(field, part)
            if answered is None and self._says_nothing(field, part):
                continue
            if answered is not None or not self._is_known(field, part):
                unknown.append(part[:150])
            parts.append(part if answered is None else answered)
        return "; ".join(part for part in parts if part), unknown

    def _answered(self, field: str, written: str) -> str | None:
        """What staff said that it means, "" for nothing; None when they said nothing of it."""
        values = self.answers[field].get(remembered.value_key(field, written))
        return None if values is None else "; ".join(_WRITTEN_CODES.get(value, value) for value in values)

    def _is_known(self, field: str, written: str) -> bool:
        """Whether the directory takes it as it is written."""
        return not self._read_alone(field, written)[1]

    def _says_nothing(self, field: str, written: str) -> bool:
        """« n/d » among the values of a cell."""
        return self._read_alone(field, written) == (False, False)

    def _look_up(self, field: str, written: str) -> tuple[bool, bool]:
        """(Whether something is found in it, whether something is not)."""
        row = self._alone[RememberedValue.Field(field)].clean([written])
        return bool(row.values.get(field)), bool(row.notes)


def split_values(cell: str) -> list[str]:
    """ "Culture; loisirs" is two values; commas separate only where nothing else does."""
    marks = r"[;|•\n]" if re.search(r"[;|•\n]", cell) else r","
    return [part for part in (each.strip(" -–") for each in re.split(marks, cell)) if part]


def municipality_label(municipality: Municipality) -> str:
    designation = unaccented(municipality.designation)
    mrc = f", {municipality.mrc}" if municipality.mrc else ""
    return f"{municipality.name} ({designation}){mrc}" if designation else f"{municipality.name}{mrc}"
