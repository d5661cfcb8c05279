"""The list of a territory's municipalities, as a file says it: Québec's official one, or that of a region elsewhere.

Québec's is « MUN.csv » of the Répertoire des municipalités: mcode, munnom, mdes, regadm "Estrie (05)" and mrc
"MRC Charlevoix (160)" among some thirty columns. A file of positions, or of outlines in GeoJSON, is read too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from pole.geo.geojson import is_geojson
from pole.geo.mrc_codes import with_mrc_codes
from pole.geo.place_names import mrc_name
from pole.geo.positions import QUEBEC, Bounds, Doubt, parse_degrees, placed, stored_degrees
from pole.geo.territory_columns import POSITION, Line, read_lines
from pole.geo.territory_positions import note_doubts, rows_of_features, rows_of_positions
from pole.geo.territory_rows import TerritoryFile, TerritoryFileError, TerritoryRow
from pole.models import Mrc
from pole.search import unaccented

__all__ = ["TerritoryFile", "TerritoryFileError", "TerritoryRow", "read_file"]

MAX_REASONS = 50
_MAX_LENGTHS = {"name": 80, "designation": 40, "mrc": 80, "region": 80, "mrc_code": 40}
_CODE = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Z-]{2,12}")
_MRC_CODE = re.compile(r"[0-9A-Za-z-]{1,40}")
_WITHOUT_MRC = re.compile(
    r"(?:hors|sans) mrc\b.*|sans objet|aucune?|territoire equivalent\b.*|te|n/?a|non applicable|[-–—]?"
)


def read_file(
    content: bytes,
    *,
    is_quebec: bool = True,
    bounds: Bounds | None = None,
    town: str = "",
    headings: Mapping[str, str] | None = None,
) -> TerritoryFile:
    """What a CSV, XLSX or GeoJSON file says. Raises `TerritoryFileError`.

    `bounds`: where its towns can be; `town`, the designation of a row that says none; `headings`, the hub's own names
    of a column, by field. A file of positions or of outlines gives them to the towns that are known. One or two queries.
    """
    bounds = bounds or (QUEBEC if is_quebec else Bounds(-90, 90, -180, 180))
    if is_geojson(content):
        return rows_of_features(content, bounds)
    fields, lines = read_lines(content, headings or {})
    if fields >= POSITION and ("name" not in fields or "mrc" not in fields) and {"code", "name"} & fields:
        return rows_of_positions(lines, bounds)
    if missing := [label for name, label in (("code", _("code")), ("name", _("name")), ("mrc", _("MRC")))
                   if name not in fields]:  # fmt: skip
        raise TerritoryFileError(
            _("A column is missing: %(columns)s. Is this the list of municipalities?")
            % {"columns": ", ".join(missing)}
        )
    return _read_list(lines, is_quebec=is_quebec, bounds=bounds, town=town or _("Municipality"))


def _read_list(lines: list[Line], *, is_quebec: bool, bounds: Bounds, town: str) -> TerritoryFile:
    rows: dict[str, TerritoryRow] = {}
    successors: dict[str, str] = {}
    names: dict[str, str] = {}
    doubts: Counter[Doubt] = Counter()
    problems = []
    for number, cells in lines:
        code = cells["code"]
        reason = _problem_of(cells, rows.keys() | successors.keys())
        # A list of changes may say of a town that it goes on as itself.
        if not reason and (successor := cells.get("successor", "")) and successor.upper() != code:
            successors[code], names[code] = successor, cells["name"]
        elif not reason:
            row, doubt = _parse_row(code, cells, town, bounds)
            rows[code] = row
            doubts[doubt] += 1
            reason = _too_long(row)
        if reason:
            problems.append(_("Row %(number)d: %(reason)s") % {"number": number, "reason": reason})
    problems += _twice(rows)
    if problems:
        raise TerritoryFileError(*problems[:MAX_REASONS])
    if not rows and not successors:
        raise TerritoryFileError(_("This file names no municipality."))
    return TerritoryFile(
        with_mrc_codes(rows, is_quebec=is_quebec), successors, names, tuple(note_doubts(doubts))
    )


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


def _too_long(row: TerritoryRow) -> str:
    """Of what was made of the cells: ß has two capitals."""
    made = {"designation": row.designation, "mrc": row.mrc_name}
    too_long = [name for name, text in made.items() if len(text) > _MAX_LENGTHS[name]]
    return _("a cell is too long (%(column)s).") % {"column": too_long[0]} if too_long else ""


def _twice(rows: Mapping[str, TerritoryRow]) -> list[str]:
    """Two rows of one MRC that nothing tells apart."""
    first: dict[tuple[str, str, str], str] = {}
    reasons = []
    for row in rows.values():
        key = (row.name, row.designation, row.mrc_name)
        if row.mrc_name and first.setdefault(key, row.code) != row.code:
            reason = _("%(name)s is already above, with the same designation.") % {"name": row.name}
            reasons.append(f"{row.code}: {reason}")
    return reasons


def _without_code(text: str) -> tuple[str, str]:
    """("Estrie", "05") of "Estrie (05)"."""
    found = re.fullmatch(r"(.*?)\s*\((?:AR)?(?=[A-Z]*[0-9])([0-9A-Z]{1,10})\)", text)
    return (found[1], found[2]) if found else (text, "")


def _parse_row(code: str, cells: Mapping[str, str], town: str, bounds: Bounds) -> tuple[TerritoryRow, Doubt]:
    written, mrc_code = _without_code(cells["mrc"])
    name = mrc_name(written)
    if _WITHOUT_MRC.fullmatch(unaccented(written).strip()) or _WITHOUT_MRC.fullmatch(unaccented(name)):
        name = mrc_code = ""
    explicit = cells.get("mrc_code", "")
    if name and _MRC_CODE.fullmatch(explicit):
        mrc_code = explicit
    kind = Mrc.Kind.AGGLOMERATION if "agglom" in unaccented(name) else Mrc.Kind.MRC
    if cells.get("mrc_kind") in Mrc.Kind.values:
        kind = Mrc.Kind(cells["mrc_kind"])
    latitude, longitude = parse_degrees(cells.get("latitude", "")), parse_degrees(cells.get("longitude", ""))
    position: tuple[Decimal | None, Decimal | None] = (None, None)
    doubt = Doubt.NONE
    if latitude is not None and longitude is not None:
        latitude, longitude, doubt = placed(latitude, longitude, bounds)
        if doubt != Doubt.OUTSIDE:
            position = stored_degrees(latitude), stored_degrees(longitude)
    designation = cells.get("designation") or town
    row = TerritoryRow(code, cells["name"], designation[:1].upper() + designation[1:].lower(), mrc_code, name,
                       str(kind), *position, _without_code(cells.get("region", ""))[0])  # fmt: skip
    return row, doubt
