"""A public buyer's shortlist, as a spreadsheet and as a document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typst
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enterprises.exporting.rows import COLUMNS, header
from enterprises.models import Listing
from enterprises.search.snapshot import Snapshot
from pole.files.downloads import as_file
from pole.spreadsheets import xlsx_bytes
from pole.templatetags.typography import long_date
from pole.text.bilingual import current_language
from pole.text.fonts import run

_NEEDED = (
    "neq", "legal_form", "supplies", "quote_contact", "phone", "email", "licences", "municipality", "territory",
    "verified_on", "page",
)  # fmt: skip
# Of these, what the page of the shortlist compares.
_COMPARED = ("quote_contact", "phone", "email", "licences", "municipality", "territory", "verified_on")
_TEMPLATE = Path(__file__).parent / "shortlist.typ"


def facts_of(listing: Listing, snapshot: Snapshot, names: Sequence[str] = _NEEDED) -> list[tuple[str, str]]:
    """What a buyer needs of an enterprise, by label; "" for what nobody has said."""
    columns = {
        name: (heading, cell(listing, snapshot))
        for (name, _heading, cell), heading in zip(COLUMNS, header(snapshot), strict=True)
    }
    columns["verified_on"] = columns["verified_on"][0], long_date(listing.verified_on)
    return [columns[name] for name in names]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Enterprises side by side, a column each, then each fact with what it is for each of them."""

    listings: Sequence[Listing]
    facts: list[tuple[str, list[str]]]


def compare(listings: Sequence[Listing], snapshot: Snapshot) -> Comparison:
    """What nobody has said of any of them is left out."""
    columns = [facts_of(listing, snapshot, _COMPARED) for listing in listings]
    rows = [(label, [column[at][1] for column in columns]) for at, (label, _value) in enumerate(columns[0])]
    return Comparison(listings, [(label, values) for label, values in rows if any(values)])


def as_sheet(listings: Sequence[Listing], snapshot: Snapshot) -> HttpResponse:
    rows = [[listing.name, *(value for _label, value in facts_of(listing, snapshot))] for listing in listings]
    labels = [label for label, _value in facts_of(Listing(), snapshot)]
    content = xlsx_bytes((_("Shortlist"), [[_("Name"), *labels], *rows]))
    return as_file(HttpResponse(content), "selection.xlsx")


def as_pdf(listings: Sequence[Listing], snapshot: Snapshot, *, hub: str) -> HttpResponse:
    """A tagged PDF. What people wrote goes in as data: nothing of it is read as markup."""
    count = len(listings)
    data = {
        "title": _("Shortlist of collective enterprises"),
        "hub": hub,
        "day": long_date(timezone.localdate()),
        "count": ngettext("%(count)d enterprise", "%(count)d enterprises", count) % {"count": count},
        "language": current_language(),
        "listings": [
            {
                "name": listing.name,
                "mission": str(listing.shown_mission),
                "facts": [[label, value] for label, value in facts_of(listing, snapshot) if value],
            }
            for listing in listings
        ],
    }
    return as_file(HttpResponse(_compiled(json.dumps(data, ensure_ascii=False))), "selection.pdf")


def _compiled(data: str) -> bytes:
    """PDF/UA-1; but for a sign that no font has, which that standard refuses: the same document then claims none."""
    options = {"input": _TEMPLATE, "format": "pdf", "sys_inputs": {"data": data}}
    try:
        content: bytes = run(typst.compile, **options, pdf_standards="ua-1")
    except typst.TypstError:
        content = run(typst.compile, **options)
    return content
