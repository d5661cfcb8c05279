"""Listings as the search index reads them (`pole.search.index`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from enterprises.models import Listing, Sector
from pole.geo.levels import NO_MRC
from pole.search.documents import AKIN, NAME, OFFER, TEXT, SearchDocument, text_of
from pole.text.bilingual import ENGLISH, FRENCH

_COLUMNS = (
    "pk", "name", "name_key", "other_names", "mission", "mission_en", "products", "products_en", "description",
    "description_en", "street", "neq", "phone", "email", "postal_code", "website", "municipality__name",
    "municipality_id", "municipality__mrc__name", "municipality__mrc_id", "legal_form", "sector_ids", "supplies",
    "languages", "served", "latitude",
)  # fmt: skip
_NUMBER_OF_STREET = re.compile(r"^\s*\d[\w-]*\s*,?\s*")
# Of a telephone, in the form in which it is stored (E.164).
LOCAL_DIGITS = 7
# Of a description: more is an essay, whose words tell little.
MAX_DESCRIPTION = 50_000


def listing_documents(keys: Collection[int] | None, _now: datetime) -> Iterator[SearchDocument]:
    """The published listings, or those of `keys`: two queries."""
    rows = Listing.objects.published().order_by()
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    sectors = Sector.objects.in_bulk()
    for values in rows.values_list(*_COLUMNS).iterator(chunk_size=2000):
        yield _document(dict(zip(_COLUMNS, values, strict=True)), sectors)


def _document(row: dict[str, Any], sectors: dict[int, Sector]) -> SearchDocument:
    own = [sectors[key] for key in row["sector_ids"] if key in sectors]
    offered = [row["mission"], *row["products"], *(sector.name for sector in own)]
    offered_en = [row["mission_en"], *row["products_en"], *(sector.name_en for sector in own)]
    place = [row["street"], row["municipality__name"], row["municipality__mrc__name"] or ""]
    akin = [synonym for sector in own for synonym in sector.synonyms]
    return SearchDocument(
        key=row["pk"],
        order=row["name_key"],
        texts=(
            *((NAME, FRENCH, name) for name in (row["name"], *row["other_names"])),
            *((OFFER, FRENCH, text) for text in offered),
            *((OFFER, ENGLISH, text) for text in offered_en),
            *((TEXT, FRENCH, text) for text in place),
            *((AKIN, FRENCH, text) for text in akin),
            (TEXT, FRENCH, text_of(row["description"][:MAX_DESCRIPTION])),
            (TEXT, ENGLISH, text_of(row["description_en"][:MAX_DESCRIPTION])),
        ),
        facets=tuple(_facets(row)),
        # As `enterprises.search.query.count_sectors_by_town` reads them.
        pairs=tuple(f"{row['municipality_id']} {sector}" for sector in set(row["sector_ids"])),
        identifiers=tuple(
            text
            for text in (
                row["neq"],
                row["phone"],
                # Within a region, people leave the area code out.
                row["phone"][-LOCAL_DIGITS:],
                row["email"],
                row["postal_code"],
                row["website"],
            )
            if text
        ),
        names=(row["name"], *row["other_names"], *_streets(row["street"])),
    )


def _streets(address: str) -> tuple[str, ...]:
    """A street address, and its street."""
    return (address, _NUMBER_OF_STREET.sub("", address)) if address else ()


def _facets(row: dict[str, Any]) -> Iterator[str]:
    """As `enterprises.search.snapshot.Counts` names them."""
    yield f"municipalities:{row['municipality_id']}"
    yield f"mrcs:{row['municipality__mrc_id'] or NO_MRC}"
    if row["latitude"] is None:
        yield f"unplaced:{row['municipality_id']}"
    if row["legal_form"]:
        yield f"legal_forms:{row['legal_form']}"
    for facet, column in (
        ("sectors", "sector_ids"),
        ("supplies", "supplies"),
        ("languages", "languages"),
        ("served", "served"),
    ):
        for value in set(row[column]):
            yield f"{facet}:{value}"
