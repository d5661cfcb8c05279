"""Listings as the list shows them: few columns, and labels made once for a page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from enterprises.models import Listing
from enterprises.search.geocoding import Location
from enterprises.search.snapshot import Snapshot
from pole.models import Municipality
from pole.server.database.prepared import prepared
from pole.templatetags.typography import date_range, number
from pole.text.bilingual import ENGLISH, FRENCH, current_language
from pole.text.typography import NBSP


class _Row(NamedTuple):
    pk: int
    slug: str
    name: str
    legal_form: str
    mission: str
    mission_en: str
    municipality_id: str
    sector_ids: list[int]
    verified_on: date | None


@prepared(_Row)
def _rows_of(keys: list[int]) -> QuerySet[Listing, Any]:
    columns = (
        "pk",
        "slug",
        "name",
        "legal_form",
        "mission",
        "mission_en",
        "municipality_id",
        "sector_ids",
        "verified_on",
    )
    return Listing.objects.published().filter(pk__any=keys).order_by().values_list(*columns)


@dataclass(frozen=True, slots=True)
class Entry:
    key: int
    name: str
    url: str
    # Legal form and municipality; when asked, the day of the last check.
    facts: str
    # In this language, perhaps not the page's.
    mission: str
    language: str
    # Links.
    sectors: list[str]


def load_entries(
    keys: list[int], snapshot: Snapshot, *, origin: Location | None = None, tells_check: bool = False
) -> list[Entry]:
    """The published listings among `keys`, in their order: one query."""
    rows = {row.pk: row for row in _rows_of(keys)} if keys else {}
    language = current_language()
    forms = snapshot.derived.get_or_make(("legal forms", language), _legal_forms)
    links = snapshot.derived.get_or_make(("sector links", language), lambda: _sector_links(snapshot))
    directory = snapshot.derived.get_or_make(("address", language), lambda: reverse("enterprises:list"))
    is_english = language == ENGLISH
    entries = []
    for key in keys:
        row = rows.get(key)
        if row is None:  # hidden since the snapshot
            continue
        facts = [forms[row.legal_form]] if row.legal_form else []
        facts.append(_place(snapshot.municipalities[row.municipality_id], origin))
        if tells_check and row.verified_on:
            facts.append(_("Verified on %(day)s") % {"day": date_range(row.verified_on)})
        shows_english = is_english and row.mission_en
        entries.append(
            Entry(
                key=key,
                name=row.name,
                url=f"{directory}{row.slug}/",
                facts=f"{NBSP}· ".join(facts),
                mission=row.mission_en if shows_english else row.mission,
                language=ENGLISH if shows_english else FRENCH,
                sectors=[links[sector] for sector in row.sector_ids if sector in links],
            )
        )
    return entries


def _place(municipality: Municipality, origin: Location | None) -> str:
    """The municipality, and how far from `origin` it is, if that is known."""
    if origin and (km := origin.km_to(municipality)) != math.inf:
        return f"{municipality}, {number(km, 0)}{NBSP}km"
    return str(municipality)


def _legal_forms() -> dict[str, str]:
    return {value: str(label) for value, label in Listing.LegalForm.choices}


def _sector_links(snapshot: Snapshot) -> dict[int, str]:
    """HTML."""
    return {
        key: format_html(
            '<a href="?secteur={}"{}>{}</a>', sector.slug, sector.shown_name.lang_attr, sector.shown_name
        )
        for key, sector in snapshot.sectors.items()
    }
