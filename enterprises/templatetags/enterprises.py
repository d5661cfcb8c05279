"""What the directory offers to the home page and to the profile."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from enterprises.models import ListingRole
from enterprises.search.filters import Facet
from enterprises.search.home import largest_sectors
from enterprises.search.snapshot import Snapshot, snapshot_at
from pole.caching.public_pages import get_public_state
from pole.text.jsonld import script_json

register = template.Library()

SECTORS_SHOWN = 6


@register.simple_tag
def facet_boxes(facet: Facet) -> SafeString:
    """The boxes of a facet: drawn here since every list has about a hundred."""
    boxes = [
        f'<li><label class="facet__option"><input type="checkbox" id="{escape(option.id)}" name="{facet.parameter}"'
        f' value="{escape(option.value)}" form="recherche"{" checked" if option.is_chosen else ""}>'
        f" <span{getattr(option.label, 'lang_attr', '')}>{escape(option.label)}</span>"
        f' <span class="facet__count">{escape(option.shown_count)}</span></label></li>'
        for option in facet.options
    ]
    return mark_safe("".join(boxes))  # noqa: S308 - escaped above; a parameter is ours


@register.simple_tag
def facet_options(facet: Facet) -> SafeString:
    """The options of a select, drawn here since there are as many as municipalities."""
    options = [
        f'<option value="{escape(option.value)}"{" selected" if option.is_chosen else ""}>'
        f"{escape(option.label)} ({option.shown_count})</option>"
        for option in facet.options
    ]
    return mark_safe("".join(options))  # noqa: S308 - escaped above; a count is digits and spaces


@register.simple_tag
def structured_data(facts: dict[str, Any]) -> SafeString:
    """Facts for search engines: a block of data, which no browser runs whatever the policy says."""
    return format_html('<script type="application/ld+json">{}</script>', script_json(facts))


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


@register.inclusion_tag("enterprises/search_box.html", takes_context=True)
def directory_search(context: dict[str, Any]) -> dict[str, Any]:
    """The search field and the sectors with most listings; no query once the directory is known."""
    snapshot = _snapshot(context)
    counted = [
        (count, snapshot.sectors[key])
        for key, count in snapshot.counts.sectors.items()
        if key in snapshot.sectors
    ]
    largest = sorted(counted, key=lambda pair: (-pair[0], pair[1].name))[:SECTORS_SHOWN]
    shown = [(sector, count) for count, sector in largest]
    return {"sectors": largest_sectors(shown) if shown else ""}


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
