"""The parts of the directory's pages that come by the hundred (`pole.text.markup`): facets, cards, places, rows of charts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from enterprises.search.filters import Facet, Option
from enterprises.search.land import Ground
from enterprises.search.map_labels import Label
from enterprises.search.portrait_words import Row
from enterprises.search.region_map import Cluster
from enterprises.search.result_rows import Entry
from pole.templatetags.typography import number
from pole.text.bilingual import LocalizedText, current_language
from pole.text.markup import EMPTY, Markup, escaped, joined
from pole.text.typography import one_stop

# Of options, by their own text, so that nothing makes them wrong.
_REMEMBERED = 4_000

# --- Facets ---------------------------------------------------------------------------------------

_SELECT = Markup(
    '<div class="facet"><label class="facet__title" for="municipalite">{title}</label>'
    '<select id="municipalite" name="municipalite" form="recherche">'
    '<option value="">{all}</option>{options}</select></div>'
)
_BOXES = Markup(
    '<details class="facet" id="facette-{parameter}"{open}><summary class="facet__title">{title}</summary>'
    '<ul class="facet__options">{boxes}</ul></details>'
)
# Without what ends it: whether it is ticked, then its label, then its count.
_BOX = Markup(
    '<li><label class="facet__option"><input type="checkbox" id="{parameter}-{value}"'
    ' name="{parameter}" value="{value}" form="recherche"'
)
_LABEL = Markup('> <span{lang}>{label}</span> <span class="facet__count">')
_END_OF_BOX = "</span></label></li>"
_OPTION, _TEXT = Markup('<option value="{value}"'), Markup(">{label} (")
_OPEN = SafeString(" open")


def facet_groups(facets: Iterable[Facet]) -> SafeString:
    """Each facet that has options: boxes, or a select for the municipalities."""
    language = current_language()
    return joined(_group(facet, language) for facet in facets if facet.options)


def _group(facet: Facet, language: str) -> SafeString:
    title = str(facet.label)
    if facet.parameter == "municipalite":
        return _SELECT(title=title, all=pgettext("municipalities", "All"), options=options_of(facet))
    boxes = SafeString("".join([_box(facet.parameter, option, language) for option in facet.options]))
    opening = _OPEN if facet.is_open else EMPTY
    return _BOXES(parameter=facet.parameter, open=opening, title=title, boxes=boxes)


def _box(parameter: str, option: Option, language: str) -> str:
    spoken = option.label.language if isinstance(option.label, LocalizedText) else ""
    box, label = _pieces_of_box(parameter, option.value, option.label, spoken, language)
    return f"{box}{' checked' if option.is_chosen else ''}{label}{_shown(option.count)}{_END_OF_BOX}"


@lru_cache(_REMEMBERED)
def _pieces_of_box(parameter: str, value: str, label: str, spoken: str, language: str) -> tuple[str, str]:
    return _BOX(parameter=parameter, value=value), _LABEL(lang=_lang(label, spoken, language), label=label)


def options_of(facet: Facet) -> SafeString:
    """Those of a select."""
    options = []
    for each in facet.options:
        option, text = _pieces_of_option(each.value, each.label)
        options.append(f"{option}{' selected' if each.is_chosen else ''}{text}{_shown(each.count)})</option>")
    return SafeString("".join(options))


@lru_cache(_REMEMBERED)
def _pieces_of_option(value: str, label: str) -> tuple[str, str]:
    return _OPTION(value=value), _TEXT(label=label)


def _shown(count: int) -> str:
    return number(count) if count > 999 else f"{count}"


def _lang(text: str, spoken: str, page: str) -> SafeString:
    """As `LocalizedText.lang_attr`; nothing when the language of the text is that of the page, or not told."""
    return SafeString(f' lang="{spoken}"') if text and spoken and spoken != page else EMPTY


# --- Listings -------------------------------------------------------------------------------------

_CARD = Markup(
    '<li class="entry entry--pictured">{picture}<div class="entry__words">{head}{sectors}</div></li>'
)
_HEAD = Markup(
    '<h3 class="entry__title"><a href="{url}">{name}</a></h3><p class="entry__meta">{facts}</p>{mission}'
)
_MISSION = Markup("<p{lang}>{mission}</p>")
_SECTORS = Markup('<ul class="entry__sectors" aria-label="{label}">{links}</ul>')
_CHOICE = Markup(
    '<li class="entry entry--pictured entry--choice{kept}" id="e{key}">{picture}'
    '<div class="entry__words">{head}</div><p class="entry__act">{act}</p></li>'
)
_ACT = Markup(
    '<a class="{kind}" href="{address}#e{key}">{word}<span class="visually-hidden"> – {name}</span></a>'
)


_KEPT, _KEEP, _TAKE = (
    SafeString(" entry--kept"),
    SafeString("button button--quiet button--small"),
    SafeString("entry__take"),
)


def cards(entries: Iterable[Entry]) -> SafeString:
    """Listings of the directory, an item of a list each."""
    language, label = current_language(), gettext("Sectors")
    return joined(
        [
            _CARD(picture=each.picture, head=_head(each, language), sectors=_sectors(each, label))
            for each in entries
        ]
    )


def _head(entry: Entry, language: str) -> SafeString:
    mission = entry.mission and _MISSION(
        lang=_lang(entry.mission, entry.language, language), mission=entry.mission
    )
    return _HEAD(url=entry.url, name=entry.name, facts=entry.facts, mission=mission)


def _sectors(entry: Entry, label: str) -> SafeString:
    links = SafeString("".join([f"<li>{link}</li>" for link in entry.sectors]))
    return _SECTORS(label=label, links=links) if links else EMPTY


def choices_of_buyers(lines: Iterable[tuple[Entry, str, bool]], *, is_full: bool) -> SafeString:
    """Listings, each with the address that puts it in the shortlist, or takes it away."""
    language, keep, take = current_language(), gettext("Keep"), gettext("Take away")
    items = []
    for entry, address, is_chosen in lines:
        act = EMPTY
        if is_chosen or not is_full:
            kind, word = (_TAKE, take) if is_chosen else (_KEEP, keep)
            act = _ACT(kind=kind, word=word, address=address, key=entry.key, name=entry.name)
        items.append(
            _CHOICE(
                key=entry.key,
                kept=_KEPT if is_chosen else EMPTY,
                picture=entry.picture,
                head=_head(entry, language),
                act=act,
            )
        )
    return joined(items)


# --- Region ---------------------------------------------------------------------------------------

_CLUSTER = Markup(
    '<a class="region__cluster{key}" href="{address}" aria-label="{said}"><title>{names}</title>'
    '<circle cx="{x}" cy="{y}" r="{radius}"/>{letter}<text x="{x}" y="{y}">{count}</text></a>'
)
# On the edge of its disc, below and after its figure.
_LETTER = Markup(
    '<g class="region__letter"><circle cx="{x}" cy="{y}" r="8" transform="translate({away} {away})"/>'
    '<text x="{x}" y="{y}" dx="{away}" dy="{away}">{letter}</text></g>'
)
_LABEL_OF_MAP = Markup('<text class="region__label" x="{x}" y="{y}">{text}</text>')
_PLACE = Markup('<li><a href="{address}">{town}</a> <span class="facet__count">{count}</span></li>')
_ROW = Markup('<tr><th scope="row">{label}</th><td>{count}</td></tr>')
_LINK = Markup('<a href="{directory}{address}">{label}</a>')


def map_land(ground: Ground) -> SafeString:
    """The parts of the ground, as paths: of numbers alone."""
    return SafeString(
        "".join(
            [
                f'<path class="region__cell region__cell--{each.shade}" d="{each.path}"/>'
                for each in ground.land
            ]
        )
    )


def map_clusters(clusters: Iterable[tuple[Cluster, str]]) -> SafeString:
    """Each a link to its address."""
    sentences: dict[int, str] = {}
    return joined([_cluster(cluster, address, sentences) for cluster, address in clusters])


def _cluster(cluster: Cluster, address: str, sentences: dict[int, str]) -> SafeString:
    count, names = cluster.count, SafeString(escaped(cluster.names))
    sentence = sentences.get(count)
    if sentence is None:
        sentence = ngettext("%(names)s: %(total)s enterprise", "%(names)s: %(total)s enterprises", count)
        sentences[count] = sentence
    said = SafeString(one_stop(sentence % {"names": names, "total": count}))
    letter = key = EMPTY
    if cluster.letter:
        away = round(0.72 * cluster.radius_px)
        letter = _LETTER(x=cluster.x, y=cluster.y, away=away, letter=cluster.letter)
        key = SafeString(f" sector-key--{cluster.letter.lower()}")
    return _CLUSTER(
        key=key, address=address, said=said, names=names, x=cluster.x, y=cluster.y, radius=cluster.radius_px,
        letter=letter, count=_shown(count),
    )  # fmt: skip


def map_labels(labels: Iterable[Label]) -> SafeString:
    """The names of parts of the region."""
    return joined([_LABEL_OF_MAP(x=each.x, y=each.y, text=each.text) for each in labels])


def map_places(places: Iterable[tuple[str, int, str]]) -> SafeString:
    """The same places, as items of a list: name, count and address of each."""
    return joined(
        [_PLACE(address=address, town=town, count=_shown(count)) for town, count, address in places]
    )


def chart_rows(rows: Iterable[Row]) -> SafeString:
    """The table of a chart, whose labels lead to the listings where a list has them."""
    directory = reverse("enterprises:list")
    return joined([_ROW(label=_row_label(row, directory), count=_shown(row.count)) for row in rows])


def _row_label(row: Row, directory: str) -> str:
    return _LINK(directory=directory, address=row.address, label=row.label) if row.address else row.label
