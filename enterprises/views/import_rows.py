"""The rows of an import as its page shows them: a part of them, and of each what will be published, beside what it resembles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext_lazy

from enterprises.duplicates.evidence import EVIDENCE
from enterprises.listing.history import ValueFormatter
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import Import, ImportRow, Listing
from enterprises.models import RowKind as Kind
from pole.templatetags.typography import phone as format_phone
from pole.text.matching import matching_text
from pole.views.paging import page_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ROWS_A_PAGE = 50
# How many rows there are of each kind: `LABELS[kind] % count`.
LABELS: dict[str, _StrPromise] = {
    Kind.CREATED: npgettext_lazy("rows", "new listing", "new listings"),
    Kind.CHANGED: npgettext_lazy("rows", "listing changed", "listings changed"),
    Kind.DUPLICATE: npgettext_lazy("rows", "possible duplicate", "possible duplicates"),
    Kind.QUESTION: npgettext_lazy("rows", "to be answered", "to be answered"),
    Kind.REFUSED: npgettext_lazy("rows", "refused", "refused"),
    Kind.SAME: npgettext_lazy("rows", "unchanged", "unchanged"),
    Kind.SKIPPED: npgettext_lazy("rows", "left out", "left out"),
}
ORDERS = {
    "": (gettext_lazy("Row"), ("number",)),
    "nom": (gettext_lazy("Name"), ("name", "number")),
    "ville": (gettext_lazy("Municipality"), (KT("cleaned__written_municipality"), "number")),
    "verdict": (gettext_lazy("What it does"), ("kind", "number")),
}
# What two enterprises are compared by, in the order of the page.
COMPARED = (
    "name", "other_names", "neq", "street", "municipality_id", "postal_code", "phone", "email", "website", "legal_form",
    "sectors", "mission",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    mine: str
    theirs: str

    @property
    def differs(self) -> bool:
        return bool(self.mine and self.theirs and self.mine != self.theirs)


@dataclass(frozen=True, slots=True)
class Likeness:
    """One that a row may be: a listing, by its key, or another row, by minus its number."""

    key: int
    name: str
    evidence: list[str]
    facts: list[Fact]
    is_earlier_row: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    row: ImportRow
    verdict: str
    facts: dict[str, str]
    guessed: dict[str, str]
    changes: list[tuple[str, str, str]]
    likenesses: list[Likeness] = field(default_factory=list)
    # (value of the choice, what it says), and the one that stands.
    choices: list[tuple[str, str]] = field(default_factory=list)
    chosen: str = ""


def rows_asked(request: HttpRequest, spreadsheet_import: Import) -> QuerySet[ImportRow]:
    """Those that the address asks for: of a kind, bearing some words, in an order."""
    rows = spreadsheet_import.rows.all()
    if (kind := request.GET.get("genre", "")) in Kind.values:
        rows = rows.filter(kind=kind)
    rows = matching_text(rows, request.GET.get("q", ""), "name", KT("cleaned__written_municipality"))
    _label, order = ORDERS.get(request.GET.get("tri", ""), ORDERS[""])
    return rows.order_by(*order)


def list_context(request: HttpRequest, spreadsheet_import: Import) -> dict[str, Any]:
    """The list of rows, its kinds and its orders."""
    counts = spreadsheet_import.counts()
    page = page_of(rows_asked(request, spreadsheet_import), ROWS_A_PAGE, request.GET.get("page"))
    tri = request.GET.get("tri", "")
    return {
        "counts": counts,
        "kinds": [
            (kind.value, str(LABELS[kind] % counts[kind]), counts[kind]) for kind in Kind if counts.get(kind)
        ],
        "kind": request.GET.get("genre", ""),
        "query": request.GET.get("q", ""),
        "kept": [(name, value) for name in ("genre", "tri") if (value := request.GET.get(name, ""))],
        "orders": [(value or None, label, value == tri) for value, (label, _by) in ORDERS.items()],
        "page": page,
        "rows": shown_rows(spreadsheet_import, list(page.object_list)),
        "tried": sum(counts.values()),
    }


def shown_rows(spreadsheet_import: Import, rows: list[ImportRow]) -> list[ShownRow]:
    """A constant number of queries."""
    shower = _Shower(spreadsheet_import, rows)
    return [shower.show(row) for row in rows]


class _Shower:
    def __init__(self, spreadsheet_import: Import, rows: Iterable[ImportRow]) -> None:
        self.is_open = spreadsheet_import.state == Import.State.OPEN
        self.formatter = ValueFormatter()
        keys = {match[0] for row in rows for match in row.matches} | {row.exact for row in rows if row.exact}
        self.listings = Listing.objects.defer("document").in_bulk([key for key in keys if key > 0])
        numbers = [-key for key in keys if key < 0]
        self.rows = {row.number: row for row in spreadsheet_import.rows.filter(number__in=numbers)}

    def show(self, row: ImportRow) -> ShownRow:
        values = row.cleaned.get("values", {})
        guessed = row.cleaned.get("guessed", {})
        likenesses = [found for match in row.matches if (found := self._likeness(row, match))]
        return ShownRow(
            row,
            capfirst(str(LABELS[Kind(row.kind)] % 1)) if row.kind else "",
            {name: self._format(name, values.get(name)) for name in COMPARED} | self._place(row),
            {name: self._format(name, value) for name, value in guessed.items()},
            [(capfirst(field_label(name)), before, after) for name, before, after in row.changes],
            likenesses,
            self._choices(row, likenesses),
            f"{row.decision}:{row.target}"
            if row.target
            else row.decision or ("leave_out" if row.left_out else ""),
        )

    def _place(self, row: ImportRow) -> dict[str, str]:
        """The town, or what was written of it."""
        code = row.cleaned.get("values", {}).get("municipality_id", "")
        written = row.cleaned.get("written_municipality", "")
        return {"town": self._format("municipality_id", code) or written}

    def _format(self, name: str, value: Any) -> str:
        if name == "phone":
            return format_phone(value or "")
        return self.formatter.format(COLUMN_OF_RELATION.get(name, name), value)

    def _likeness(self, row: ImportRow, match: list[Any]) -> Likeness | None:
        key, _value, evidence = match
        if key > 0:
            listing = self.listings.get(key)
            theirs: Mapping[str, Any] = (
                {name: getattr(listing, COLUMN_OF_RELATION.get(name, name)) for name in COMPARED}
                if listing
                else {}
            )
        else:
            other = self.rows.get(-key)
            theirs = other.cleaned.get("values", {}) if other else {}
        if not theirs:
            return None
        mine = row.cleaned["values"]
        facts = [
            Fact(
                capfirst(field_label(name)),
                self._format(name, mine.get(name)),
                self._format(name, theirs.get(name)),
            )
            for name in COMPARED
        ]
        return Likeness(
            key,
            str(theirs.get("name", "")),
            [str(EVIDENCE[code]) for code in evidence if code in EVIDENCE],
            [fact for fact in facts if fact.mine or fact.theirs],
            key < 0,
        )

    def _choices(self, row: ImportRow, likenesses: list[Likeness]) -> list[tuple[str, str]]:
        """What staff may decide of it; nothing of what is refused but to leave it."""
        if not self.is_open or not row.kind:
            return []
        if row.kind == Kind.REFUSED:
            return []
        choices = [
            ("", _("(as proposed)") if row.kind != Kind.DUPLICATE or row.decision else _("(to be decided)"))
        ]
        if row.matches:
            for found in likenesses:
                said = (
                    {"name": found.name[:60]}
                    if found.key > 0
                    else {"name": _("row %(number)d") % {"number": -found.key}}
                )
                choices.append((f"update:{found.key}", _("It is %(name)s: complete it") % said))
                choices.append((f"branch:{found.key}", _("It is a branch of %(name)s") % said))
            choices.append(("create", _("It is another enterprise: create it")))
        choices.append(("leave_out", _("Leave it out")))
        return choices


def field_label(name: str) -> str:
    label: str | Promise = getattr(Listing._meta.get_field(name.removesuffix("_id")), "verbose_name", name)
    return str(label)
