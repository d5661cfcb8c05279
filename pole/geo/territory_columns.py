"""The columns of a list of municipalities, by the headings that lists of several countries give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pole.files.tables import Table, parse_table
from pole.geo.territory_rows import TerritoryFileError
from pole.search import unaccented
from pole.text.plaintext import clean_line

# All of France has 35,000.
MAX_ROWS = 40_000
# INSEE writes what the list is above the names of its columns.
MAX_TITLE_ROWS = 10
# Headings in letters alone, without accents nor capitals. MUS_…: the « Découpages administratifs » of Québec.
_COLUMNS = {
    "code": "code codegeographique mcode codegeo codgeo codemunicipal codecommune codeinsee insee com csduid muscogeo"
    " codemun id",
    "name": "name nom munnom municipalite municipality nommunicipalite commune nomcommune nomcom nomstandard"
    " libelle libgeo csdname musnmmun nommun",
    "designation": "designation mdes type desg csdtype muscodes",
    "mrc": "mrc mrcname nommrc munmrc libepci nomepci epcinom libelleepci intercommunalite communautedecommunes"
    " comte county cdname musnmmrc",
    "mrc_code": "mrccode codemrc epci sirenepci codeepci epcicode cduid muscomrc",
    "mrc_kind": "mrckind",
    "region": "regadm region regionadministrative departement nomdepartement depnom libdep prname musnmreg",
    "latitude": "latitude latitudecentre latitudemairie lat latitudedegresdecimaux",
    "longitude": "longitude longitudecentre longitudemairie lon lng long longitudedegresdecimaux",
    "successor": "successor remplaceepar remplacepar fusionneeavec successeur",
}
POSITION = {"latitude", "longitude"}

type Line = tuple[int, dict[str, str]]


def read_lines(content: bytes, own_headings: Mapping[str, str]) -> tuple[set[str], list[Line]]:
    """(the fields that the file has, each row as its number and its cells). Raises `TerritoryFileError`.

    `own_headings`: the hub's own names of a column, by field.
    """
    names = {name: heading_key(heading) for name, heading in own_headings.items() if heading}
    table = _from_header(_parse(content), names)
    indexes = _indexes(table.header, names)
    lines = list(_cells(table, indexes))
    restore_leading_zeros(lines)
    return set(indexes), lines


def field_of(name: str, own_names: Mapping[str, str]) -> str:
    """The field of a column's heading; the heading itself, in letters, when it is unknown."""
    key = heading_key(name)
    known = (field for field, names in _COLUMNS.items() if key in names.split())
    return next(known, None) or next((field for field, own in own_names.items() if key == own), key)


def heading_key(name: str) -> str:
    return re.sub(r"[^a-z]", "", unaccented(name))


def clean_cell(text: str) -> str:
    """ "Saguenay--Lac-Saint-Jean": how the official list writes the long dash."""
    return clean_line(text).replace("--", "–")


def restore_leading_zeros(lines: Iterable[Line]) -> None:
    """A spreadsheet program makes 1023 of 01023, and Statistics Canada writes 2467050."""
    lines = list(lines)
    longest = max((len(cells.get("code", "")) for _number, cells in lines), default=0)
    if longest == 5:
        for _number, cells in lines:
            if re.fullmatch(r"[0-9]{4}", cells["code"]):
                cells["code"] = cells["code"].zfill(5)


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
        fields = _indexes(row, own_names).keys()
        if {"code", "name", "mrc"} <= fields or (fields >= POSITION and {"code", "name"} & fields):
            return Table(row, table.rows[at:], table.numbers[at:])
    return table


def _indexes(header: list[str], own_names: Mapping[str, str]) -> dict[str, int]:
    """The first column of each field."""
    return {field_of(name, own_names): at for at, name in reversed(list(enumerate(header)))}


def _cells(table: Table, indexes: Mapping[str, int]) -> Iterator[Line]:
    for number, row in zip(table.numbers, table.rows, strict=True):
        cells = {name: clean_cell(row[at]) for name, at in indexes.items()}
        cells["code"] = cells.get("code", "").upper()
        yield number, cells
