"""What the directory offers to the home page and to the profile."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enterprises.models import ListingRole
from enterprises.search import pieces
from enterprises.search.home import largest_sectors
from enterprises.search.snapshot import Snapshot, snapshot_at
from pole.caching.public_pages import get_public_state
from pole.text.jsonld import script_json

register = template.Library()

SECTORS_SHOWN = 6


# Written by functions, since there are as many as sectors, municipalities or listings.
register.simple_tag(pieces.facet_groups)
register.simple_tag(pieces.options_of, name="facet_options")
register.simple_tag(pieces.cards, name="listing_cards")
register.simple_tag(pieces.choices_of_buyers)
register.simple_tag(pieces.map_land)
register.simple_tag(pieces.map_clusters)
register.simple_tag(pieces.map_labels)
register.simple_tag(pieces.map_places)


@register.simple_tag
def structured_data(facts: dict[str, Any]) -> SafeString:
    """Facts for search engines: a block of data, which no browser runs whatever the policy says."""
    return format_html('<script type="application/ld+json">{}</script>', script_json(facts))


@register.simple_tag
def json_block(data: dict[str, Any], identifier: str) -> SafeString:
    """Data for a script of the page: a block that no browser runs."""
    return format_html('<script type="application/json" id="{}">{}</script>', identifier, script_json(data))


@register.filter
def site_name(url: str) -> str:
    """A short address: without scheme, "www." nor final slash."""
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")


def _snapshot(context: dict[str, Any]) -> Snapshot:
    return snapshot_at(get_public_state(context["request"]))


@register.simple_tag(takes_context=True)
def has_listings(context: dict[str, Any]) -> bool:
    """Whether the directory has anything to find; no query once it is known."""
    return bool(_snapshot(context).total)


@register.simple_tag(takes_context=True)
def has_positions(context: dict[str, Any]) -> bool:
    """Whether a search near a place finds anything."""
    return _snapshot(context).has_positions


@register.simple_tag(takes_context=True)
def directory_sectors(context: dict[str, Any]) -> SafeString:
    """The sectors with most listings; no query once the directory is known."""
    snapshot = _snapshot(context)
    counted = [
        (count, snapshot.sectors[key])
        for key, count in snapshot.counts.sectors.items()
        if key in snapshot.sectors
    ]
    largest = sorted(counted, key=lambda pair: (-pair[0], pair[1].name))[:SECTORS_SHOWN]
    return largest_sectors([(sector, count) for count, sector in largest]) if largest else SafeString("")


@register.inclusion_tag("enterprises/figures.html", takes_context=True)
def directory_figures(context: dict[str, Any]) -> dict[str, Any]:
    """Three figures of the region; no query once the directory is known."""
    snapshot = _snapshot(context)
    return {
        "enterprises": snapshot.total,
        "municipalities": len(snapshot.counts.municipalities),
        "sectors": len(snapshot.counts.sectors),
        "levels": snapshot.levels,
    }


@register.inclusion_tag("enterprises/my_listings.html")
def my_listings(user: Any) -> dict[str, Any]:
    """The listings that a person manages, for the profile: one query."""
    roles = ListingRole.objects.filter(user=user).exclude(listing__state="archived")
    roles = roles.select_related("listing").only("role", "listing__name", "listing__slug", "listing__state")
    return {"roles": roles.order_by("listing__name_key").fetch_mode(models.FETCH_RAISE)}
