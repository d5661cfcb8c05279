"""The parts of the directory's pages that come by the hundred, written without a template: facets and cards.

Every text goes through `html.escape`, which is what templates write; the rest is written here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from enterprises.search.filters import Facet, Option
from enterprises.search.land import Ground
from enterprises.search.portrait import Row
from enterprises.search.region_map import Cluster
from enterprises.search.result_rows import Entry
from pole.templatetags.typography import number
from pole.text.bilingual import LocalizedText, current_language
from pole.text.typography import one_stop

# Of pieces of HTML that are remembered by their own text, so that nothing makes them wrong.
_REMEMBERED = 4_000


def facet_groups(facets: Iterable[Facet]) -> SafeString:
    """Each facet that has options: boxes, or a select for the municipalities."""
    language = current_language()
    groups = (_group(facet, language) for facet in facets if facet.options)
    return mark_safe("".join(groups))  # noqa: S308 - escaped by each


def _group(facet: Facet, language: str) -> str:
    title = escape(str(facet.label))
    if facet.parameter == "municipalite":
        return (
            f'<div class="facet"><label class="facet__title" for="municipalite">{title}</label>'
            '<select id="municipalite" name="municipalite" form="recherche">'
            f'<option value="">{escape(pgettext("municipalities", "All"))}</option>{options_of(facet)}</select></div>'
        )
    boxes = "".join([_box(facet.parameter, option, language) for option in facet.options])
    return (
        f'<details class="facet" id="facette-{facet.parameter}"{" open" if facet.is_open else ""}>'
        f'<summary class="facet__title">{title}</summary><ul class="facet__options">{boxes}</ul></details>'
    )


def _box(parameter: str, option: Option, language: str) -> str:
    before, after = _box_around(parameter, option.value, option.label, _language_of(option.label), language)
    count = number(option.count) if option.count > 999 else option.count
    return f"{before}{' checked' if option.is_chosen else ''}{after}{count}</span></label></li>"


@lru_cache(_REMEMBERED)
def _box_around(
    parameter: str, value: str, label: str, label_language: str, language: str
) -> tuple[str, str]:
    """What is before and after its state, until its count."""
    own, text = escape(value), escape(label)
    before = (
        f'<li><label class="facet__option"><input type="checkbox" id="{parameter}-{own}"'
        f' name="{parameter}" value="{own}" form="recherche"'
    )
    return before, f'> <span{_lang(label_language, language)}>{text}</span> <span class="facet__count">'


def options_of(facet: Facet) -> SafeString:
    """Those of a select."""
    options = [
        f"{_option_before(option.value)}{' selected' if option.is_chosen else ''}>{_escaped(option.label)}"
        f" ({number(option.count) if option.count > 999 else option.count})</option>"
        for option in facet.options
    ]
    return mark_safe("".join(options))  # noqa: S308 - escaped above


@lru_cache(_REMEMBERED)
def _option_before(value: str) -> str:
    return f'<option value="{escape(value)}"'


@lru_cache(_REMEMBERED)
def _escaped(label: str) -> str:
    return escape(label)


def _language_of(label: str) -> str:
    return label.language if label and isinstance(label, LocalizedText) else ""


def _lang(text_language: str, page_language: str) -> str:
    """As `LocalizedText.lang_attr`; of the page when its own is not told."""
    return f' lang="{text_language}"' if text_language and text_language != page_language else ""


def cards(entries: Iterable[Entry]) -> SafeString:
    """Listings of the directory, an item of a list each."""
    language, sectors = current_language(), escape(gettext("Sectors"))
    return mark_safe("".join([_card(entry, language, sectors) for entry in entries]))  # noqa: S308 - escaped by each


def _card(entry: Entry, language: str, sectors: str) -> str:
    links = "".join([f"<li>{link}</li>" for link in entry.sectors])
    listed = f'<ul class="entry__sectors" aria-label="{sectors}">{links}</ul>' if links else ""
    return f'<li class="entry">{head_of_card(entry, language)}{listed}</li>'


def head_of_card(entry: Entry, language: str) -> str:
    """Its name, which leads to its page, its facts and its mission."""
    mission = entry.mission
    said = f"<p{_lang(entry.language, language)}>{escape(mission)}</p>" if mission else ""
    return (
        f'<h3 class="entry__title"><a href="{escape(entry.url)}">{escape(entry.name)}</a></h3>'
        f'<p class="entry__meta">{escape(entry.facts)}</p>{said}'
    )


def map_land(ground: Ground) -> SafeString:
    """The parts of the ground, as paths."""
    paths = [
        f'<path class="region__cell region__cell--{land.shade}" d="{land.path}"/>' for land in ground.land
    ]
    return mark_safe("".join(paths))  # noqa: S308 - made of numbers alone


def map_clusters(clusters: Iterable[tuple[Cluster, str]]) -> SafeString:
    """Each a link to its address."""
    sentences: dict[int, str] = {}
    return mark_safe("".join([_cluster(cluster, address, sentences) for cluster, address in clusters]))  # noqa: S308 - escaped by each


def _cluster(cluster: Cluster, address: str, sentences: dict[int, str]) -> str:
    names, count = escape(cluster.names), cluster.count
    sentence = sentences.get(count)
    if sentence is None:
        sentence = ngettext("%(names)s: %(total)s enterprise", "%(names)s: %(total)s enterprises", count)
        sentences[count] = sentence
    said = one_stop(sentence % {"names": names, "total": count})
    return (
        f'<a class="region__cluster" href="{escape(address)}" aria-label="{said}"><title>{names}</title>'
        f'<circle cx="{cluster.x}" cy="{cluster.y}" r="{cluster.radius}"/>'
        f'<text x="{cluster.x}" y="{cluster.y}">{count}</text></a>'
    )


def map_places(places: Iterable[tuple[str, int, str]]) -> SafeString:
    """The same places, as items of a list: name, count and address of each."""
    items = [
        f'<li><a href="{escape(address)}">{escape(town)}</a>'
        f' <span class="facet__count">{number(count) if count > 999 else count}</span></li>'
        for town, count, address in places
    ]
    return mark_safe("".join(items))  # noqa: S308 - escaped above


def chart_rows(rows: Iterable[Row]) -> SafeString:
    """The table of a chart, whose labels lead to the listings where a list has them."""
    directory = reverse("enterprises:list")
    return mark_safe("".join([_chart_row(row, directory) for row in rows]))  # noqa: S308 - escaped by each


def _chart_row(row: Row, directory: str) -> str:
    label = escape(row.label)
    if row.address:
        label = f'<a href="{directory}{escape(row.address)}">{label}</a>'
    return (
        f'<tr><th scope="row">{label}</th><td>{number(row.count) if row.count > 999 else row.count}</td></tr>'
    )


def choices_of_buyers(lines: Iterable[tuple[Entry, str, bool]], *, is_full: bool) -> SafeString:
    """Listings, each with the address that puts it in the shortlist, or takes it away."""
    language, keep, take = current_language(), escape(gettext("Keep")), escape(gettext("Take away"))
    items = []
    for entry, address, is_chosen in lines:
        act = ""
        if is_chosen or not is_full:
            kind, word = ("button--quiet button--small", take) if is_chosen else ("button--small", keep)
            act = (
                f'<a class="button {kind}" href="{escape(address)}#e{entry.key}">{word}'
                f'<span class="visually-hidden"> – {escape(entry.name)}</span></a>'
            )
        items.append(
            f'<li class="entry entry--choice" id="e{entry.key}"><div>{head_of_card(entry, language)}</div><p>{act}</p></li>'
        )
    return mark_safe("".join(items))  # noqa: S308 - escaped above
