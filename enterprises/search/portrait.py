"""The region in charts, each with the rows of its table."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enterprises.models import Listing
from enterprises.models.procurement import CATEGORIES
from enterprises.search.snapshot import Snapshot
from pole.charts import Bar, bar_chart
from pole.templatetags.typography import number


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    count: int
    # The list that shows these listings, when there is one.
    address: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    name: str
    title: str
    rows: list[Row]
    drawing: SafeString


def portrait_charts(snapshot: Snapshot) -> list[Chart]:
    """In the current language: two queries."""
    published = Listing.objects.published().order_by()
    bands = dict(published.exclude(workforce="").values_list("workforce").annotate(count=Count("pk")))
    years = dict(published.exclude(founded=None).values_list("founded").annotate(count=Count("pk")))
    sectors = [
        Row(sector.shown_name, snapshot.counts.sectors.get(pk, 0), f"?secteur={sector.slug}")
        for pk, sector in snapshot.sectors.items()
    ]
    mrcs = [
        Row(snapshot.mrc_name(code), snapshot.counts.mrcs.get(code, 0), f"?mrc={code}")
        for code in snapshot.mrc_facets
    ]
    forms = [
        Row(str(label), snapshot.counts.legal_forms.get(value, 0), f"?forme={value}")
        for value, label in Listing.LegalForm.choices
    ]
    workforce = [Row(str(label), bands.get(value, 0)) for value, label in Listing.Workforce.choices]
    supplies = [
        Row(each.shown_name, snapshot.counts.supplies.get(each.code, 0), f"?achat={each.code}")
        for each in CATEGORIES
    ]
    return [
        _chart("secteurs", _("By sector"), sectors, is_ranked=True),
        _chart("mrc", _("By %(level)s") % {"level": snapshot.levels.middle}, mrcs, is_ranked=True),
        _chart("formes", _("By legal form"), forms, is_ranked=True),
        _chart("age", _("By period when they were founded"), _periods(years)),
        _chart("effectif", _("By workforce"), workforce),
        _chart("achats", _("By what they can supply"), supplies, is_ranked=True),
    ]


def _periods(years: dict[int, int]) -> list[Row]:
    """Before 1950, then by ten years."""
    found = [Row(_("before 1950"), sum(count for year, count in years.items() if year < 1950))]
    for first in range(1950, max(years, default=1949) + 1, 10):
        inside = sum(count for year, count in years.items() if first <= year < first + 10)
        found.append(Row(f"{first}–{first + 9}", inside))
    return found


def _chart(name: str, title: str, found: list[Row], *, is_ranked: bool = False) -> Chart:
    """A chart of these rows, the empty ones left out; `is_ranked` puts the longest first."""
    rows = [row for row in found if row.count]
    if is_ranked:
        rows.sort(key=lambda row: -row.count)
    most = max((row.count for row in rows), default=1)
    bars = [Bar(row.label, number(row.count), row.count / most) for row in rows]
    read_aloud = " – ".join((title, _("the table below says the same")))
    return Chart(name, title, rows, bar_chart(bars, key=name, title=read_aloud))
