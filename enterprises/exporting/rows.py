"""Listings as other programs read them: the same facts in each format, in French."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import batched
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from enterprises.listing_fields import fields_in
from enterprises.models import Listing, Sector
from enterprises.search.snapshot import Snapshot
from pole.models import Municipality
from pole.templatetags.typography import phone
from pole.text.bilingual import current_language
from pole.text.richtext import plain_text

_CHUNK = 1000
_SCHEMA_TYPES = {"npo": "NGO", "mutual": "Organization", "": "Organization"}


def listings_of(keys: Sequence[int]) -> Iterator[Listing]:
    """The published listings among `keys`, in their order: one query for each thousand."""
    for chunk in batched(keys, _CHUNK, strict=False):
        rows = Listing.objects.published().defer("document").in_bulk(list(chunk))
        yield from (rows[key] for key in chunk if key in rows)


def public_url(listing: Listing) -> str:
    prefix = "" if current_language() == "fr" else "/en"
    return f"{settings.BASE_URL}{prefix}/repertoire/{listing.slug}/"


type Value = Callable[[Listing, Snapshot], Any]


def header(snapshot: Snapshot) -> list[str]:
    """The two levels of the territory are called as the hub calls them."""
    own = {"municipality": snapshot.levels.town_heading, "mrc": snapshot.levels.middle_heading}
    return [own.get(name) or str(heading) for name, heading, _cell in COLUMNS]


def cells(listing: Listing, snapshot: Snapshot) -> list[str]:
    """One row, in the order of `header`. No query: the territory comes from the snapshot."""
    return [cell(listing, snapshot) for _name, _heading, cell in COLUMNS]


def _municipality_of(listing: Listing, snapshot: Snapshot) -> Municipality | None:
    return snapshot.municipalities.get(listing.municipality_id)


def _mrc_of_address(listing: Listing, snapshot: Snapshot) -> str:
    municipality = _municipality_of(listing, snapshot)
    return str(municipality.mrc or "") if municipality else ""


def _sectors(listing: Listing, snapshot: Snapshot) -> list[Sector]:
    return [snapshot.sectors[key] for key in listing.sector_ids if key in snapshot.sectors]


def territory_names(listing: Listing, snapshot: Snapshot) -> list[str]:
    return [snapshot.mrcs[code].name for code in listing.served if code in snapshot.mrcs]


# Cells that say more than the field itself.
_CELLS: Mapping[str, Value] = {
    "mission": lambda listing, _all: listing.shown_mission,
    "sectors": lambda listing, snapshot: ", ".join(each.shown_name for each in _sectors(listing, snapshot)),
    "products": lambda listing, _all: ", ".join(listing.shown_products),
    "supplies": lambda listing, _all: ", ".join(listing.shown_supplies),
    "municipality": lambda listing, snapshot: str(_municipality_of(listing, snapshot) or ""),
    "territory": lambda listing, snapshot: ", ".join(territory_names(listing, snapshot)),
    "phone": lambda listing, _all: phone(listing.phone, listing.phone_extension),
    "languages": lambda listing, _all: ", ".join(listing.language_names),
}


def _cell_of(name: str) -> Value:
    choices = dict(getattr(Listing._meta.get_field(name), "choices", None) or ())

    def cell(listing: Listing, _snapshot: Snapshot) -> str:
        value = getattr(listing, name)
        if isinstance(value, list):
            return ", ".join(value)
        if isinstance(value, date):
            return value.isoformat()
        return str(choices.get(value, value or ""))

    return cell


def _columns() -> Iterator[tuple[str, str | Promise, Value]]:
    for each in fields_in("export"):
        yield each.name, each.heading, _CELLS.get(each.name) or _cell_of(each.name)
        if each.name == "postal_code":
            yield "mrc", gettext_lazy("MRC"), _mrc_of_address
    yield "page", gettext_lazy("Page"), lambda listing, _all: public_url(listing)


# The name of each column, its heading, and what makes its cells.
COLUMNS = tuple(_columns())


def as_json(listing: Listing, snapshot: Snapshot) -> dict[str, Any]:
    """What the API gives of a listing: plain values, "" or [] for what nobody has said."""
    return {name: value(listing, snapshot) for name, value in _FACTS.items()}


def _address(listing: Listing, snapshot: Snapshot) -> dict[str, Any]:
    municipality = _municipality_of(listing, snapshot)
    return {
        "street": listing.street, "municipality": municipality.name if municipality else "",
        "municipality_code": listing.municipality_id, "mrc_code": municipality.mrc_id if municipality else None,
        "postal_code": listing.postal_code,
    }  # fmt: skip


def _position(listing: Listing, snapshot: Snapshot) -> dict[str, Any] | None:
    """Its own position, else that of its municipality."""
    if listing.latitude is not None and listing.longitude is not None:
        return {"latitude": float(listing.latitude), "longitude": float(listing.longitude), "of": "listing"}
    municipality = _municipality_of(listing, snapshot)
    if municipality is None or municipality.latitude is None or municipality.longitude is None:
        return None
    return {
        "latitude": float(municipality.latitude),
        "longitude": float(municipality.longitude),
        "of": "municipality",
    }


def _fact_of(name: str) -> Value:
    def fact(listing: Listing, _snapshot: Snapshot) -> Any:
        value = getattr(listing, name)
        return value.isoformat() if isinstance(value, date) else value

    return fact


# Facts of the API that are not the field as it is stored, and those made of several.
_COMPUTED_FACTS: Mapping[str, Value] = {
    "description": lambda listing, _all: plain_text(listing.description),
    "sectors": lambda listing, snapshot: [each.slug for each in _sectors(listing, snapshot)],
    "address": _address,
    "position": _position,
    "territory_served": lambda listing, _all: listing.served,
}
_FACTS: Mapping[str, Value] = {
    "slug": _fact_of("slug"),
    "url": lambda listing, _all: public_url(listing),
    **{each.api_name: _COMPUTED_FACTS.get(each.api_name) or _fact_of(each.name) for each in fields_in("api")},
    "updated_at": lambda listing, _all: listing.updated_at.isoformat(timespec="seconds"),
}


def as_geojson(listing: Listing, snapshot: Snapshot) -> dict[str, Any]:
    position = _position(listing, snapshot)
    geometry = (
        {"type": "Point", "coordinates": [position["longitude"], position["latitude"]]} if position else None
    )
    facts = as_json(listing, snapshot)
    published_facts = (
        "name",
        "url",
        "legal_form",
        "mission",
        "sectors",
        "phone",
        "email",
        "website",
        "verified_on",
    )
    return {
        "type": "Feature", "id": listing.slug, "geometry": geometry,
        "properties": {name: facts[name] for name in published_facts} | {"position_of": position["of"] if position else None},
    }  # fmt: skip


def as_jsonld(
    listing: Listing,
    *,
    municipality: str,
    territory: list[str],
    region: Mapping[str, str],
    parent: Listing | None = None,
) -> dict[str, Any]:
    """schema.org: a cooperative, a non-profit (NGO) or another organisation. `region`: `Hub.schema_region`."""
    kind = _SCHEMA_TYPES.get(listing.legal_form, "Cooperative")
    facts: dict[str, Any] = {
        "@context": "https://schema.org", "@type": kind, "@id": public_url(listing), "url": listing.website or public_url(listing),
        "name": listing.name, "alternateName": listing.other_names, "description": listing.shown_mission,
        "telephone": f"{listing.phone}{';ext=' + listing.phone_extension if listing.phone_extension else ''}",
        "email": listing.email, "foundingDate": str(listing.founded or ""), "sameAs": listing.social_links,
        "address": {
            "@type": "PostalAddress", "streetAddress": listing.street, "addressLocality": municipality,
            "postalCode": listing.postal_code, **region,
        },
        "areaServed": territory, "knowsAbout": list(listing.shown_products), "knowsLanguage": listing.languages,
        "identifier": {"@type": "PropertyValue", "propertyID": "NEQ", "value": listing.neq} if listing.neq else None,
        "parentOrganization": {"@type": "Organization", "@id": public_url(parent), "name": parent.name} if parent else None,
    }  # fmt: skip
    facts["address"] = {name: value for name, value in facts["address"].items() if value}
    return {name: value for name, value in facts.items() if value}
