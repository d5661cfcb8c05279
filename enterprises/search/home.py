"""The directory on the home page, as HTML (pole.text.markup)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enterprises.models import Sector
from pole.files.drawings import drawing_html
from pole.server.routes import Route
from pole.templatetags.typography import number
from pole.text.bilingual import current_language
from pole.text.markup import Markup, joined

_SECTORS = Markup(
    '<ul class="home-sectors" aria-label="{label}">{sectors}</ul> <p><a href="{directory}">{text}</a></p>'
)
_SECTOR = Markup(
    '<li><a class="home-sectors__link" href="{directory}?secteur={slug}">{drawing}<span{lang}>{name}</span>'
    ' <span class="quiet small">({count})</span></a></li>'
)
DIRECTORY = Route("enterprises:list")


def largest_sectors(sectors: Iterable[tuple[Sector, int]]) -> SafeString:
    """Links to the listings of each, and to all."""
    directory = DIRECTORY(current_language())
    named = [(sector.slug, sector.shown_name, count) for sector, count in sectors]
    links = [
        _SECTOR(
            directory=directory,
            slug=slug,
            drawing=drawing_html(f"secteur-{slug}", "thumb thumb--drawn"),
            lang=name.lang_attr,
            name=name,
            count=number(count),
        )
        for slug, name, count in named
    ]
    return _SECTORS(
        label=_("Sectors with most enterprises"),
        sectors=joined(links),
        directory=directory,
        text=_("See the whole directory"),
    )
