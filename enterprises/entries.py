"""Listings as the list shows them: few columns, and labels made once for a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enterprises.models import Listing
from enterprises.snapshot import Snapshot
from pole.language import Shown
from pole.typography import NBSP

COLUMNS = ("slug", "name", "legal_form", "mission", "mission_en", "municipality_id", "sector_ids")


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    url: str
    # Legal form and municipality.
    facts: str
    mission: Shown
    sectors: list[SafeString]


def entries_of(keys: list[int], snapshot: Snapshot) -> list[Entry]:
    """The published listings among `keys`, in their order: one query."""
    rows = Listing.objects.published().only(*COLUMNS).fetch_mode(models.FETCH_RAISE).in_bulk(keys)
    forms = {value: str(label) for value, label in Listing.LegalForm.choices}
    sectors = {
        key: _link(snapshot, key)
        for row in rows.values()
        for key in row.sector_ids
        if key in snapshot.sectors
    }
    directory = reverse("enterprises:list")
    return [
        Entry(
            name=row.name,
            url=f"{directory}{row.slug}/",
            facts=f"{forms[row.legal_form]}{NBSP}· {snapshot.municipalities[row.municipality_id]}",
            mission=row.shown_mission,
            sectors=[sectors[sector] for sector in row.sector_ids if sector in sectors],
        )
        for row in (rows[key] for key in keys if key in rows)
    ]


def _link(snapshot: Snapshot, key: int) -> SafeString:
    sector = snapshot.sectors[key]
    name = sector.shown_name
    return format_html('<a href="?secteur={}"{}>{}</a>', sector.slug, name.lang_attr, name)
