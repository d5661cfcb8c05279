"""The region in charts, each with the sentence that it illustrates and the rows of its table."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enterprises.models import Listing
from enterprises.models.procurement import CATEGORIES
from enterprises.search import portrait_words as words
from enterprises.search.pieces import chart_rows
from enterprises.search.portrait_words import Row
from enterprises.search.snapshot import Snapshot
from pole.charts import Bar, bar_chart
from pole.templatetags.typography import number
from pole.text.markup import EMPTY

# Drawn bars of a ranked chart, unless there are hardly more; its table has them all.
DRAWN, HARDLY_MORE = 8, 2


@dataclass(frozen=True, slots=True)
class Chart:
    name: str
    title: str
    # What it shows first of all; "" when too little is known to say it.
    sentence: str
    drawing: SafeString
    # Its rows as HTML, and what opens it.
    table: SafeString
    table_title: str


@dataclass(frozen=True, slots=True)
class Portrait:
    # Of the parts of the territory: it stands beside the map.
    places: Chart
    charts: list[Chart]


def portrait_of(snapshot: Snapshot) -> Portrait:
    """In the current language: two queries."""
    published = Listing.objects.published().order_by()
    bands = dict(published.exclude(workforce="").values_list("workforce").annotate(count=Count("pk")))
    years = dict(published.exclude(founded=None).values_list("founded").annotate(count=Count("pk")))
    return Portrait(
        _places(snapshot),
        [_sectors(snapshot), _legal_forms(snapshot), _founded(years), _workforce(bands), _supplies(snapshot)],
    )


def _places(snapshot: Snapshot) -> Chart:
    counts = snapshot.counts.mrcs
    rows = _ranked(
        Row(snapshot.mrc_name(code), counts.get(code, 0), f"?mrc={code}") for code in snapshot.mrc_facets
    )
    title = _("By %(level)s") % {"level": snapshot.levels.middle}
    return _ranked_chart("mrc", title, words.of_places(rows, snapshot.total), rows)


def _sectors(snapshot: Snapshot) -> Chart:
    counts = snapshot.counts.sectors
    rows = _ranked(
        Row(sector.shown_name, counts.get(pk, 0), f"?secteur={sector.slug}")
        for pk, sector in snapshot.sectors.items()
    )
    return _ranked_chart("secteurs", _("By sector"), words.of_sectors(rows, snapshot.total), rows)


def _legal_forms(snapshot: Snapshot) -> Chart:
    counts = snapshot.counts.legal_forms
    rows = _ranked(
        Row(str(label), counts.get(value, 0), f"?forme={value}") for value, label in Listing.LegalForm.choices
    )
    cooperatives = sum(count for form, count in counts.items() if form.startswith("coop_"))
    return _ranked_chart("formes", _("By legal form"), words.of_legal_forms(rows, cooperatives), rows)


def _supplies(snapshot: Snapshot) -> Chart:
    counts = snapshot.counts.supplies
    rows = _ranked(
        Row(each.shown_name, counts.get(each.code, 0), f"?achat={each.code}") for each in CATEGORIES
    )
    return _ranked_chart("achats", _("By what they can supply"), words.of_supplies(rows), rows)


def _founded(years: dict[int, int]) -> Chart:
    """Before 1950, then by ten years."""
    periods = [(1949, Row(_("before 1950"), sum(count for year, count in years.items() if year < 1950)))]
    for first in range(1950, max(years, default=1949) + 1, 10):
        inside = sum(count for year, count in years.items() if first <= year < first + 10)
        periods.append((first + 9, Row(f"{first}–{first + 9}", inside)))
    median = words.median_year(years)
    recent = {row for last, row in periods if median and last >= median}
    rows = [row for _last, row in periods if row.count]
    return _chart("age", _("By period when they were founded"), words.of_years(years), rows, strong=recent)


def _workforce(bands: dict[str, int]) -> Chart:
    rows = {value: Row(str(label), bands.get(value, 0)) for value, label in Listing.Workforce.choices}
    small = {rows[value] for value in words.SMALL}
    shown = [row for row in rows.values() if row.count]
    return _chart("effectif", _("By workforce"), words.of_workforce(bands), shown, strong=small)


def _ranked(rows: Iterable[Row]) -> list[Row]:
    return sorted((row for row in rows if row.count), key=lambda row: -row.count)


def _ranked_chart(name: str, title: str, sentence: str, rows: list[Row]) -> Chart:
    first = {row for row in rows if row.count == rows[0].count}
    drawn = rows if len(rows) <= DRAWN + HARDLY_MORE else rows[:DRAWN]
    return _chart(name, title, sentence, rows, strong=first, drawn=drawn)


def _chart(
    name: str,
    title: str,
    sentence: str,
    rows: list[Row],
    *,
    strong: Collection[Row],
    drawn: list[Row] | None = None,
) -> Chart:
    """`strong`: the rows that the sentence is about; `drawn`: all, unless told otherwise."""
    drawn = rows if drawn is None else drawn
    most = max((row.count for row in rows), default=1)
    bars = [Bar(row.label, number(row.count), row.count / most, is_strong=row in strong) for row in drawn]
    if len(drawn) == len(rows):
        read_aloud, table_title = _("the table below says the same"), _("The same numbers, in a table")
    else:
        read_aloud = _("the longest bars; the table below says them all")
        table_title = ngettext("%(count)s row, in a table", "All %(count)s rows, in a table", len(rows))
        table_title %= {"count": len(rows)}
    drawing = bar_chart(bars, key=name, title=f"{title} – {read_aloud}")
    return Chart(name, title, sentence, drawing if rows else EMPTY, chart_rows(rows), table_title)
