"""Listings as the list shows them: few columns, and labels made once for a page."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enterprises.models import Listing, Sector
from enterprises.search.geocoding import Location
from enterprises.search.snapshot import Snapshot
from pole.templatetags.typography import date_range, number
from pole.text.bilingual import ENGLISH, FRENCH, LocalizedText, current_language
from pole.text.typography import NBSP

COLUMNS = (
    *("pk", "slug", "name", "legal_form", "mission", "mission_en", "municipality_id", "sector_ids"),
    "verified_on",
)


@dataclass(frozen=True, slots=True)
class Entry:
    key: int
    name: str
    url: str
    # Legal form and municipality; when asked, the day of the last check.
    facts: str
    mission: LocalizedText
    sectors: list[SafeString]


def load_entries(
    keys: list[int], snapshot: Snapshot, *, origin: Location | None = None, tells_check: bool = False
) -> list[Entry]:
    """The published listings among `keys`, in their order: one query."""
    rows = {
        row[0]: row
        for row in Listing.objects.published().filter(pk__in=keys).order_by().values_list(*COLUMNS)
    }
    forms = {value: str(label) for value, label in Listing.LegalForm.choices}
    links = {key: _link(sector) for key, sector in snapshot.sectors.items()}
    directory, is_english = reverse("enterprises:list"), current_language() == ENGLISH
    entries = []
    for key in keys:
        if key not in rows:  # hidden since the snapshot
            continue
        _key, slug, name, legal_form, mission, mission_en, municipality, sectors, verified_on = rows[key]
        shown_municipality = str(snapshot.municipalities[municipality])
        if origin and (km := origin.km_to(snapshot.municipalities[municipality])) != math.inf:
            shown_municipality = f"{shown_municipality}, {number(km, 0)}{NBSP}km"
        facts = [forms[legal_form]] if legal_form else []
        facts.append(shown_municipality)
        if tells_check and verified_on:
            facts.append(_("Verified on %(day)s") % {"day": date_range(verified_on)})
        entries.append(
            Entry(
                key=key,
                name=name,
                url=f"{directory}{slug}/",
                facts=f"{NBSP}· ".join(facts),
                mission=LocalizedText(mission_en, ENGLISH)
                if is_english and mission_en
                else LocalizedText(mission, FRENCH),
                sectors=[links[sector] for sector in sectors if sector in links],
            )
        )
    return entries


def _link(sector: Sector) -> SafeString:
    name = sector.shown_name
    return format_html('<a href="?secteur={}"{}>{}</a>', sector.slug, name.lang_attr, name)
