"""Listings as other programs read them: the same facts in each format, in French."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from enterprises.models import Listing
from enterprises.search.index import Snapshot
from pole.templatetags.typography import phone
from pole.text.bilingual import current
from pole.text.richtext import plain_text

_CHUNK = 1000
_SCHEMA_TYPES = {"npo": "NGO", "mutual": "Organization", "": "Organization"}


def listings_of(keys: Sequence[int]) -> Iterator[Listing]:
    """The published listings among `keys`, in their order: one query for each thousand."""
    for chunk in batched(keys, _CHUNK, strict=False):
        rows = Listing.objects.published().defer("document").in_bulk(list(chunk))
        yield from (rows[key] for key in chunk if key in rows)


def address_of(listing: Listing) -> str:
    prefix = "" if current() == "fr" else "/en"
    return f"{settings.BASE_URL}{prefix}/repertoire/{listing.slug}/"


def header() -> list[str]:
    return [
        _("Name"), _("Legal form"), _("NEQ"), _("Mission"), _("Sectors"), _("Products and services"),
        _("Can supply"), _("Address"), _("Municipality"), _("Postal code"), _("MRC"), _("Territory served"),
        _("Telephone"), _("E-mail"), _("Site"), _("Contact for quotes"), _("Licences and certifications"),
        _("Languages of service"), _("Founded in"), _("Workforce"), _("Verified on"), _("Page"),
    ]  # fmt: skip


def cells(listing: Listing, snapshot: Snapshot) -> list[str]:
    """One row, in the order of `header`. No query: the territory comes from the snapshot."""
    town = snapshot.municipalities.get(listing.municipality_id)
    return [
        listing.name, listing.get_legal_form_display(), listing.neq, listing.shown_mission,
        ", ".join(snapshot.sectors[key].shown_name for key in listing.sector_ids if key in snapshot.sectors),
        ", ".join(listing.shown_products), ", ".join(listing.shown_supplies), listing.street, str(town or ""),
        listing.postal_code, str(town.mrc or "") if town else "", ", ".join(_mrc_names(listing, snapshot)),
        phone(listing.phone, listing.phone_extension), listing.email, listing.website, listing.quote_contact,
        ", ".join(listing.licences), ", ".join(listing.language_names), str(listing.founded or ""),
        listing.get_workforce_display() if listing.workforce else "",
        listing.verified_on.isoformat() if listing.verified_on else "", address_of(listing),
    ]  # fmt: skip


def _mrc_names(listing: Listing, snapshot: Snapshot) -> list[str]:
    return [snapshot.mrcs[code].name for code in listing.served if code in snapshot.mrcs]


def as_json(listing: Listing, snapshot: Snapshot) -> dict[str, Any]:
    """What the API gives of a listing: plain values, "" or [] for what nobody has said."""
    town = snapshot.municipalities.get(listing.municipality_id)
    return {
        "slug": listing.slug, "url": address_of(listing), "name": listing.name, "other_names": listing.other_names,
        "legal_form": listing.legal_form, "neq": listing.neq, "founded": listing.founded,
        "mission": listing.mission, "mission_en": listing.mission_en, "description": plain_text(listing.description),
        "sectors": [snapshot.sectors[key].slug for key in listing.sector_ids if key in snapshot.sectors],
        "products": listing.products, "supplies": listing.supplies, "licences": listing.licences,
        "quote_contact": listing.quote_contact,
        "address": {
            "street": listing.street, "municipality": town.name if town else "",
            "municipality_code": listing.municipality_id, "mrc_code": town.mrc_id if town else None,
            "postal_code": listing.postal_code,
        },
        "position": _position(listing, snapshot), "territory_served": listing.served, "phone": listing.phone,
        "phone_extension": listing.phone_extension, "email": listing.email, "website": listing.website,
        "social_links": listing.social_links, "opening_hours": listing.opening_hours,
        "workforce": listing.workforce, "languages": listing.languages,
        "verified_on": listing.verified_on.isoformat() if listing.verified_on else None,
        "updated_at": listing.updated_at.isoformat(timespec="seconds"),
    }  # fmt: skip


def _position(listing: Listing, snapshot: Snapshot) -> dict[str, Any] | None:
    """Its own position, else that of its municipality."""
    if listing.latitude is not None and listing.longitude is not None:
        return {"latitude": float(listing.latitude), "longitude": float(listing.longitude), "of": "listing"}
    town = snapshot.municipalities.get(listing.municipality_id)
    if town is None or town.latitude is None or town.longitude is None:
        return None
    return {"latitude": float(town.latitude), "longitude": float(town.longitude), "of": "municipality"}


def as_geojson(listing: Listing, snapshot: Snapshot) -> dict[str, Any]:
    place = _position(listing, snapshot)
    geometry = {"type": "Point", "coordinates": [place["longitude"], place["latitude"]]} if place else None
    facts = as_json(listing, snapshot)
    kept = ("name", "url", "legal_form", "mission", "sectors", "phone", "email", "website", "verified_on")
    return {
        "type": "Feature", "id": listing.slug, "geometry": geometry,
        "properties": {name: facts[name] for name in kept} | {"position_of": place["of"] if place else None},
    }  # fmt: skip


def as_jsonld(listing: Listing, *, town: str, served: list[str]) -> dict[str, Any]:
    """schema.org: a cooperative, a non-profit (NGO) or another organisation."""
    kind = _SCHEMA_TYPES.get(listing.legal_form, "Cooperative")
    facts: dict[str, Any] = {
        "@context": "https://schema.org", "@type": kind, "@id": address_of(listing), "url": listing.website or address_of(listing),
        "name": listing.name, "alternateName": listing.other_names, "description": listing.shown_mission,
        "telephone": f"{listing.phone}{';ext=' + listing.phone_extension if listing.phone_extension else ''}",
        "email": listing.email, "foundingDate": str(listing.founded or ""), "sameAs": listing.social_links,
        "address": {
            "@type": "PostalAddress", "streetAddress": listing.street, "addressLocality": town,
            "addressRegion": "QC", "postalCode": listing.postal_code, "addressCountry": "CA",
        },
        "areaServed": served, "knowsAbout": list(listing.shown_products), "knowsLanguage": listing.languages,
        "identifier": {"@type": "PropertyValue", "propertyID": "NEQ", "value": listing.neq} if listing.neq else None,
    }  # fmt: skip
    facts["address"] = {name: value for name, value in facts["address"].items() if value}
    return {name: value for name, value in facts.items() if value}
