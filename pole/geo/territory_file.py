"""The list of a territory's municipalities, as a file says it: Québec's official one, or that of a region elsewhere.

Québec's is « MUN.csv » of the Répertoire des municipalités: mcode, munnom, mdes, regadm "Estrie (05)" and mrc
"MRC Charlevoix (160)" among some thirty columns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from pole.files.tables import Table, parse_table
from pole.geo.gazetteer import municipality_name_key
from pole.models import Mrc, Municipality
from pole.search import unaccented
from pole.text.plaintext import clean_line

# All of France has 35,000.
MAX_ROWS = 40_000
MAX_REASONS = 50
# INSEE writes what the list is above the names of its columns.
MAX_TITLE_ROWS = 10
# Headings in letters alone, without accents nor capitals.
_COLUMNS = {
    "code": "code codegeographique mcode codegeo codgeo codemunicipal codecommune codeinsee insee com csduid",
    "name": "name nom munnom municipalite municipality nommunicipalite commune nomcommune nomcom nomstandard"
    " libelle libgeo csdname",
    "designation": "designation mdes type desg csdtype",
    "mrc": "mrc mrcname nommrc munmrc libepci nomepci epcinom libelleepci intercommunalite communautedecommunes"
    " comte county cdname",
    "mrc_code": "mrccode codemrc epci sirenepci codeepci epcicode cduid",
    "mrc_kind": "mrckind",
    "region": "regadm region regionadministrative departement nomdepartement depnom libdep prname",
    "latitude": "latitude latitudecentre latitudemairie lat",
    "longitude": "longitude longitudecentre longitudemairie lon lng long",
    "successor": "successor remplaceepar remplacepar fusionneeavec successeur",
}
_MAX_LENGTHS = {"name": 80, "designation": 40, "mrc": 80, "region": 80, "mrc_code": 40}
_CODE = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Z-]{2,12}")
_MRC_CODE = re.compile(r"[0-9A-Za-z-]{1,40}")
_WITHOUT_MRC = re.compile(
    r"(?:hors|sans) mrc\b.*|sans objet|aucune?|territoire equivalent\b.*|te|n/?a|non applicable|[-–—]?"
)


class TerritoryFileError(Exception):
    """The file is refused: one sentence for each reason."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class TerritoryRow:
    code: str
    name: str
    designation: str
    mrc_code: str
    mrc_name: str
    mrc_kind: str
    latitude: Decimal | None
    longitude: Decimal | None
    region: str = ""

    def as_json(self) -> list[Any]:
        return [*(str(value) if isinstance(value, Decimal) else value for value in (
            self.code, self.name, self.designation, self.mrc_code, self.mrc_name, self.mrc_kind,
            self.latitude, self.longitude, self.region))]  # fmt: skip

    @classmethod
    def from_json(cls, values: list[Any]) -> TerritoryRow:
        *texts, latitude, longitude, region = values
        position = [None if degrees is None else Decimal(degrees) for degrees in (latitude, longitude)]
        code, name, designation, mrc_code, mrc_name, mrc_kind = texts
        return cls(code, name, designation, mrc_code, mrc_name, mrc_kind, position[0], position[1], region)


def read_rows(
    content: bytes, *, is_quebec: bool = True, town: str = "", headings: Mapping[str, str] | None = None
) -> tuple[dict[str, TerritoryRow], dict[str, str]]:
    """(rows by code, successors by vanished code) of a CSV or XLSX file. Raises `TerritoryFileError`.

    `town` is the designation of a row that says none; `headings`, the hub's own names of a column, by field.
    A file of codes and positions alone gives positions to the towns that are known. One or two queries.
    """
    names = {name: _heading_key(heading) for name, heading in (headings or {}).items() if heading}
    table = _from_header(_parse(content), names)
    indexes = _indexes(table.header, names)
    if {"code", "latitude", "longitude"} <= indexes.keys() and "name" not in indexes:
        return _only_positions(_cells(table, indexes)), {}
    if missing := [label for name, label in (("code", _("code")), ("name", _("name")), ("mrc", _("MRC")))
                   if name not in indexes]:  # fmt: skip
        raise TerritoryFileError(
            _("A column is missing: %(columns)s. Is this the list of municipalities?")
            % {"columns": ", ".join(missing)}
        )
    return _parse_rows(list(_cells(table, indexes)), is_quebec=is_quebec, town=town or _("Municipality"))


def _parse(content: bytes) -> Table:
    try:
        return parse_table(content, max_rows=MAX_ROWS)
    except ValidationError as error:
        if error.code == "table_empty":
            raise TerritoryFileError(_("This file names no municipality.")) from error
        raise TerritoryFileError(*error.messages) from error


def _from_header(table: Table, own_names: Mapping[str, str]) -> Table:
    """The table from the row that names its columns: the first, unless one that is a little lower does."""
    for at, row in enumerate([table.header, *table.rows[:MAX_TITLE_ROWS]]):
        if {"code", "name", "mrc"} <= _indexes(row, own_names).keys():
            return Table(row, table.rows[at:], table.numbers[at:])
    return table


def _indexes(header: list[str], own_names: Mapping[str, str]) -> dict[str, int]:
    """The first column of each field."""
    return {_column_field(name, own_names): at for at, name in reversed(list(enumerate(header)))}


def _heading_key(name: str) -> str:
    return re.sub(r"[^a-z]", "", unaccented(name))


def _column_field(name: str, own_names: Mapping[str, str]) -> str:
    """The field of a column's heading; the heading itself, in letters, when it is unknown."""
    key = _heading_key(name)
    known = (field for field, names in _COLUMNS.items() if key in names.split())
    return next(known, None) or next((field for field, own in own_names.items() if key == own), key)


def _cells(table: Table, indexes: Mapping[str, int]) -> Iterable[tuple[int, dict[str, str]]]:
    for number, row in zip(table.numbers, table.rows, strict=True):
        # "Saguenay--Lac-Saint-Jean": how the official list writes the long dash.
        cells = {name: clean_line(row[at]).replace("--", "–") for name, at in indexes.items()}
        cells["code"] = cells["code"].upper()
        yield number, cells


def _parse_rows(
    lines: list[tuple[int, dict[str, str]]], *, is_quebec: bool, town: str
) -> tuple[dict[str, TerritoryRow], dict[str, str]]:
    rows: dict[str, TerritoryRow] = {}
    successors: dict[str, str] = {}
    taken: set[tuple[str, str, str]] = set()
    problems = []
    _restore_leading_zeros(lines)
    for number, cells in lines:
        code = cells["code"]
        reason = _problem_of(cells, rows.keys() | successors.keys())
        if not reason and (successor := cells.get("successor", "").upper()):
            successors[code] = successor
        elif not reason:
            row = rows[code] = _parse_row(code, cells, town)
            key = (row.name, row.designation, row.mrc_name)
            if row.mrc_name and key in taken:
                reason = _("%(name)s is already above, with the same designation.") % {"name": row.name}
            taken.add(key)
        if reason:
            problems.append(_("Row %(number)d: %(reason)s") % {"number": number, "reason": reason})
    if problems:
        raise TerritoryFileError(*problems[:MAX_REASONS])
    if not rows:
        raise TerritoryFileError(_("This file names no municipality."))
    return _with_mrc_codes(rows, is_quebec=is_quebec), successors


def _problem_of(cells: Mapping[str, str], codes: Collection[str]) -> str:
    """Why a row is refused, or "". `codes`: those of the rows above."""
    code = cells["code"]
    if not _CODE.fullmatch(code):
        return _("“%(code)s” is not the code of a municipality, such as 67050.") % {"code": code[:40]}
    if code in codes:
        return _("the code %(code)s is already above.") % {"code": code}
    if cells.get("successor"):
        return ""
    if not cells["name"]:
        return _("the name is missing.")
    too_long = [name for name, most in _MAX_LENGTHS.items() if len(cells.get(name, "")) > most]
    return _("a cell is too long (%(column)s).") % {"column": too_long[0]} if too_long else ""


def _restore_leading_zeros(lines: list[tuple[int, dict[str, str]]]) -> None:
    """A spreadsheet program makes 1023 of 01023."""
    if max((len(cells["code"]) for _number, cells in lines), default=0) == 5:
        for _number, cells in lines:
            if re.fullmatch(r"[0-9]{4}", cells["code"]):
                cells["code"] = cells["code"].zfill(5)


def _without_code(text: str) -> tuple[str, str]:
    """("Estrie", "05") of "Estrie (05)"."""
    found = re.fullmatch(r"(.*?)\s*\((?:AR)?([0-9A-Z]{2,10})\)", text)
    return (found[1], found[2]) if found else (text, "")


def _parse_row(code: str, cells: Mapping[str, str], town: str) -> TerritoryRow:
    written, mrc_code = _without_code(cells["mrc"])
    mrc_name = re.sub(r"^MRC (?:de |du |des |d’|d')?", "", written).strip()
    if _WITHOUT_MRC.fullmatch(unaccented(mrc_name)):
        mrc_name = mrc_code = ""
    explicit = cells.get("mrc_code", "").removeprefix("AR")
    if mrc_name and _MRC_CODE.fullmatch(explicit):
        mrc_code = explicit
    # The MAMH writes "160" where a geographic code begins with 16.
    if re.fullmatch(r"[0-9]{2}0", mrc_code) and code.startswith(mrc_code[:2]):
        mrc_code = mrc_code[:2]
    kind = Mrc.Kind.AGGLOMERATION if "agglom" in unaccented(mrc_name) else Mrc.Kind.MRC
    if cells.get("mrc_kind") in Mrc.Kind.values:
        kind = Mrc.Kind(cells["mrc_kind"])
    position = _parse_degrees(cells.get("latitude", ""), 90), _parse_degrees(cells.get("longitude", ""), 180)
    if None in position:
        position = None, None
    designation = cells.get("designation") or town
    return TerritoryRow(code, cells["name"], designation[:1].upper() + designation[1:].lower(), mrc_code, mrc_name,
                        str(kind), *position, _without_code(cells.get("region", ""))[0])  # fmt: skip


def _with_mrc_codes(rows: dict[str, TerritoryRow], *, is_quebec: bool) -> dict[str, TerritoryRow]:
    """The rows, those whose file says no code of the MRC given one: the same at each edition.

    In Québec it is the first two digits of the municipality's; elsewhere it is made from the name. One query.
    """
    known = {municipality_name_key(mrc.name): mrc.code for mrc in Mrc.objects.all()}
    prefixes: dict[str, set[str]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for row in rows.values():
        prefix = row.code[:2] if is_quebec and re.fullmatch("[0-9]{5}", row.code) else ""
        prefixes[row.mrc_name].add(prefix)
        names[prefix] |= {row.mrc_name} - {""}

    def code_of(row: TerritoryRow) -> str:
        if not row.mrc_name:
            return ""
        found = known.get(municipality_name_key(row.mrc_name))
        # Elsewhere than in Québec, two may have one name.
        if found and (is_quebec or not row.mrc_code):
            return found
        if row.mrc_code:
            return row.mrc_code
        prefix = next(iter(prefixes[row.mrc_name])) if len(prefixes[row.mrc_name]) == 1 else ""
        # 97 begins the codes of Sept-Rivières and of Caniapiscau.
        prefix = prefix if len(names[prefix]) == 1 else ""
        return prefix or slugify(re.sub("[’']", "-", row.mrc_name))[:40].strip("-") or "x"

    return {code: replace(row, mrc_code=code_of(row)) for code, row in rows.items()}


def _only_positions(lines: Iterable[tuple[int, dict[str, str]]]) -> dict[str, TerritoryRow]:
    """All the towns that are known, some with the positions of a file that says nothing else. One query."""
    written = list(lines)
    _restore_leading_zeros(written)
    stored = {town.code: town for town in Municipality.objects.select_related("mrc")}
    rows = {
        town.code: TerritoryRow(
            town.code, town.name, town.designation,
            *((town.mrc.code, town.mrc.name, town.mrc.kind) if town.mrc else ("", "", Mrc.Kind.MRC.value)),
            town.latitude, town.longitude, town.region,
        )
        for town in stored.values()
    }  # fmt: skip
    placed = 0
    for _number, cells in written:
        latitude = _parse_degrees(cells["latitude"], 90)
        longitude = _parse_degrees(cells["longitude"], 180)
        # Statistics Canada writes 2467050.
        code = next((code for code in (cells["code"], cells["code"].removeprefix("24")) if code in rows), "")
        if code and latitude is not None and longitude is not None:
            rows[code] = replace(rows[code], latitude=latitude, longitude=longitude)
            placed += 1
    if not placed:
        raise TerritoryFileError(
            _(
                "No row of this file has a code of the territory and a position. Send the list with names first."
            )
        )
    return rows


def _parse_degrees(text: str, most: int) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        return None
    return round(value, 3) if value.is_finite() and abs(value) <= most else None
