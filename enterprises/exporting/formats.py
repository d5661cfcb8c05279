"""The formats of a file of listings: what is written for each, and around them all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from enterprises.exporting import rows, workbook
from enterprises.models import Listing
from enterprises.search.snapshot import Snapshot
from pole.spreadsheets import BYTE_ORDER_MARK, csv_line


@dataclass(frozen=True, slots=True)
class Format:
    """Its text depends on the listing, the snapshot's sectors and places, and the current language alone."""

    kind: str
    opening: Callable[[Snapshot], str]
    item: Callable[[Listing, Snapshot], str]
    between: bytes
    closing: bytes


def _jsonld(listing: Listing, snapshot: Snapshot) -> dict[str, Any]:
    municipality = snapshot.municipalities.get(listing.municipality_id)
    facts = rows.as_jsonld(
        listing,
        municipality=municipality.name if municipality else "",
        territory=rows.territory_names(listing, snapshot),
        region=snapshot.hub.schema_region(),
    )
    del facts["@context"]
    return facts


def _as_text(facts: Callable[[Listing, Snapshot], dict[str, Any]]) -> Callable[[Listing, Snapshot], str]:
    return lambda listing, snapshot: json.dumps(facts(listing, snapshot), ensure_ascii=False)


FORMATS = {
    each.kind: each
    for each in (
        Format(
            "csv",
            lambda snapshot: f"{BYTE_ORDER_MARK}{csv_line(rows.header(snapshot))}",
            lambda listing, snapshot: csv_line(rows.cells(listing, snapshot)),
            b"",
            b"",
        ),
        # The sheet: `workbook.pieces` puts it into a file.
        Format(
            "xlsx",
            lambda snapshot: workbook.opening(rows.header(snapshot)),
            lambda listing, snapshot: workbook.row(rows.cells(listing, snapshot)),
            b"",
            workbook.CLOSING,
        ),
        Format(
            "geojson",
            lambda _snapshot: '{"type":"FeatureCollection","features":[',
            _as_text(rows.as_geojson),
            b",",
            b"]}",
        ),
        Format(
            "jsonld",
            lambda _snapshot: '{"@context":"https://schema.org","@graph":[',
            _as_text(_jsonld),
            b",",
            b"]}",
        ),
    )
}
