"""What a file of positions or of outlines says of the towns that are known: nothing else of them changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pole.geo.boundaries import position_in, simplified
from pole.geo.gazetteer import Gazetteer, load_gazetteer
from pole.geo.geojson import read_features
from pole.geo.positions import Bounds, Doubt, parse_degrees, placed, stored_degrees
from pole.geo.territory_columns import Line, clean_cell, field_of
from pole.geo.territory_rows import Boundary, TerritoryFile, TerritoryFileError, TerritoryRow


def rows_of_positions(lines: list[Line], bounds: Bounds) -> TerritoryFile:
    """Of a table of positions. Two queries. Raises `TerritoryFileError`."""
    gazetteer = load_gazetteer()
    rows = _stored_rows(gazetteer)
    doubts: Counter[Doubt] = Counter()
    unknown = found = 0
    for _number, cells in lines:
        latitude, longitude = parse_degrees(cells["latitude"]), parse_degrees(cells["longitude"])
        if latitude is None or longitude is None:
            continue
        if (row := _row_named(cells, rows, gazetteer)) is None:
            unknown += 1
            continue
        latitude, longitude, doubt = placed(latitude, longitude, bounds)
        doubts[doubt] += 1
        if doubt != Doubt.OUTSIDE:
            found += 1
            rows[row.code] = replace(
                row, latitude=stored_degrees(latitude), longitude=stored_degrees(longitude)
            )
    return _file(rows, found, unknown, doubts)


def rows_of_features(content: bytes, bounds: Bounds) -> TerritoryFile:
    """Of a GeoJSON file: several features of one town are its parts. Two queries. Raises `TerritoryFileError`."""
    features = read_features(content, bounds)
    gazetteer = load_gazetteer()
    rows = _stored_rows(gazetteer)
    doubts: Counter[Doubt] = Counter()
    outlines: dict[str, Boundary] = {}
    unknown = 0
    placed_codes = set()
    for feature in features:
        cells = {field_of(name, {}): clean_cell(text) for name, text in reversed(feature.properties.items())}
        if (row := _row_named(cells, rows, gazetteer)) is None:
            unknown += 1
            continue
        doubts[feature.doubt] += 1
        if feature.doubt == Doubt.OUTSIDE:
            continue
        placed_codes.add(row.code)
        if feature.latitude is not None and feature.longitude is not None:
            rows[row.code] = replace(
                row, latitude=stored_degrees(feature.latitude), longitude=stored_degrees(feature.longitude)
            )
        outlines.setdefault(row.code, []).extend(feature.boundary)
    for code, outline in outlines.items():
        rows[code] = _with_outline(rows[code], outline)
    return _file(rows, len(placed_codes), unknown, doubts)


def note_doubts(doubts: Mapping[Doubt, int]) -> Iterator[str]:
    """What was made of positions that were not where they can be, in sentences."""
    if count := doubts.get(Doubt.EXCHANGED, 0):
        yield ngettext(
            "%(count)d position had its latitude and its longitude exchanged: it was put right.",
            "%(count)d positions had their latitude and their longitude exchanged: they were put right.",
            count,
        ) % {"count": count}
    if count := doubts.get(Doubt.SIGN, 0):
        yield ngettext(
            "%(count)d position lacked the sign of its longitude: it was put right.",
            "%(count)d positions lacked the sign of their longitude: they were put right.",
            count,
        ) % {"count": count}
    if count := doubts.get(Doubt.OUTSIDE, 0):
        yield ngettext(
            "%(count)d position is not in the country or the province of the hub: it was left aside.",
            "%(count)d positions are not in the country or the province of the hub: they were left aside.",
            count,
        ) % {"count": count}


def _stored_rows(gazetteer: Gazetteer) -> dict[str, TerritoryRow]:
    return {code: TerritoryRow.of(town) for code, town in gazetteer.by_code.items()}


def _row_named(
    cells: Mapping[str, str], rows: Mapping[str, TerritoryRow], gazetteer: Gazetteer
) -> TerritoryRow | None:
    """The town of this code, else the only one of this name."""
    code = cells.get("code", "").upper()
    # Statistics Canada writes 2467050; a spreadsheet program, 1023 for 01023.
    for each in (code, code.removeprefix("24"), code.zfill(5)):
        if each in rows:
            return rows[each]
    mrc = next(
        (row.mrc_code for row in rows.values() if row.mrc_name and row.mrc_name == cells.get("mrc")), ""
    )
    town = gazetteer.find(cells["name"], mrc=mrc).municipality if cells.get("name") else None
    return rows[town.code] if town else None


def _with_outline(row: TerritoryRow, outline: Boundary) -> TerritoryRow:
    """The row with its outline made simple; with a position too, when it has none."""
    boundary = simplified(outline)
    if not boundary:
        return row
    row = replace(row, boundary=boundary)
    if row.latitude is None and (middle := position_in(boundary)):
        latitude, longitude = map(stored_degrees, middle)
        row = replace(row, latitude=latitude, longitude=longitude)
    return row


def _file(
    rows: dict[str, TerritoryRow], found: int, unknown: int, doubts: Mapping[Doubt, int]
) -> TerritoryFile:
    notes = list(note_doubts(doubts))
    if not found:
        raise TerritoryFileError(
            *notes,
            _(
                "No row of this file has a code of the territory and a position. Send the list with names first."
            ),
        )
    if unknown:
        notes.append(
            ngettext(
                "%(count)d row of the file is of no municipality that is known: it was left aside.",
                "%(count)d rows of the file are of no municipality that is known: they were left aside.",
                unknown,
            )
            % {"count": unknown}
        )
    return TerritoryFile(rows, notes=tuple(notes))
