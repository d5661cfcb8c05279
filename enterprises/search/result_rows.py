"""Listings as the list shows them: few columns, and labels made once for a page."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.db.models import Case, OuterRef, QuerySet, Subquery, TextField, When
from django.db.models.functions import Cast, JSONObject
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enterprises.models import Listing, ListingPhoto
from enterprises.search.geocoding import Location
from enterprises.search.snapshot import Snapshot
from pole.caching.in_process import BoundedCache, process_cache
from pole.files.drawings import GENERAL
from pole.files.thumbnails import COLUMNS as THUMBNAIL_COLUMNS
from pole.files.thumbnails import Thumbnail, thumbnail_html
from pole.models import Municipality
from pole.server.database.prepared import prepared
from pole.templatetags.typography import date_range, number
from pole.text.bilingual import ENGLISH, FRENCH, current_language
from pole.text.markup import EMPTY, Markup
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
    logo: str
    # Its first photo, as the JSON of a `Thumbnail`; only where there is no logo.
    photo: str | None


_COLUMNS = tuple(name for name in _Row._fields if name != "photo")


@prepared(_Row)
def _rows_of(keys: list[int]) -> QuerySet[Listing, Any]:
    photos = ListingPhoto.objects.filter(listing=OuterRef("pk")).order_by("position", "pk")
    photo = photos.values(photo=JSONObject(**{name: name for name in THUMBNAIL_COLUMNS}))[:1]
    rows = Listing.objects.published().filter(pk__any=keys).order_by()
    return rows.values_list(*_COLUMNS, Case(When(logo="", then=Cast(Subquery(photo), TextField()))))


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
    # An image: logo, photo, or the drawing of its first sector.
    picture: SafeString


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
        # It may have moved, since the snapshot, to a place where no listing was.
        if municipality := snapshot.municipalities.get(row.municipality_id):
            facts.append(_place(municipality, origin))
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
                picture=_picture(row, snapshot),
            )
        )
    return entries


_LOGO = Markup('<img class="thumb thumb--logo" src="{url}" width="88" height="88" alt="" loading="lazy">')
# By a logo's file, whose name never stands for another picture, or by all that is read of a photo.
_pictures: BoundedCache[str, SafeString] = process_cache(limit=2_000)


def _picture(row: _Row, snapshot: Snapshot) -> SafeString:
    given = row.logo or row.photo
    if not given:
        return thumbnail_html(None, drawing_of(row.sector_ids, snapshot))
    if (made := _pictures.get(given)) is None:
        made = _pictures[given] = _logo(row.logo) if row.logo else _photo(given)
    return made


def _logo(name: str) -> SafeString:
    return _LOGO(url=default_storage.url(name))


def _photo(columns: str) -> SafeString:
    return thumbnail_html(Thumbnail(**json.loads(columns)), GENERAL)


def drawing_of(sectors: Sequence[int], snapshot: Snapshot) -> str:
    """The name of the drawing of the first of these sectors, by key."""
    first = snapshot.sectors.get(sectors[0]) if sectors else None
    return f"secteur-{first.slug}" if first else GENERAL


def _place(municipality: Municipality, origin: Location | None) -> str:
    """The municipality, and how far from `origin` it is, if that is known."""
    if origin and (km := origin.km_to(municipality)) != math.inf:
        return f"{municipality}, {number(km, 0)}{NBSP}km"
    return str(municipality)


def _legal_forms() -> dict[str, str]:
    return {value: str(label) for value, label in Listing.LegalForm.choices}


_LINK = Markup('<a href="?secteur={slug}"{lang}>{name}</a>')


def _sector_links(snapshot: Snapshot) -> dict[int, str]:
    """HTML."""
    language = current_language()
    return {
        key: _sector_link(sector.slug, sector.name, sector.name_en, language)
        for key, sector in snapshot.sectors.items()
    }


@lru_cache(1_000)
def _sector_link(slug: str, name: str, name_en: str, language: str) -> SafeString:
    """Remembered by its own text, which outlives a state of the directory."""
    if language == FRENCH or name_en:
        return _LINK(slug=slug, lang=EMPTY, name=name if language == FRENCH else name_en)
    return _LINK(slug=slug, lang=SafeString(' lang="fr"'), name=name)
