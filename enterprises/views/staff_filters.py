"""The filters of the team's list: any state, what a listing lacks, where it comes from."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from enterprises.models import Import, Listing
from enterprises.ownership.yearly_checkups import STALE_AFTER, not_verified_since
from enterprises.search.filters import KnownChoicesFilter, QueryFilter
from pole.server.long_lists import AtLeast, bounded_count
from pole.text.matching import matching_text

# By the value of `sans`: what is lacking, and how it is called. Nobody completes what is archived.
_NOT_ARCHIVED = ~Q(state=Listing.State.ARCHIVED)
_GAPS: dict[str, tuple[Q, Any]] = {
    "secteur": (Q(sector_ids=[]), _("No sector")),
    "forme": (Q(legal_form=""), _("No legal form")),
    "position": (Q(latitude=None, municipality__latitude=None), _("No position")),
    "mrc": (Q(served=[]), _("No MRC served")),
    # « Sans relecture »: as an import leaves them, until someone publishes them.
    "relecture": (Q(state=Listing.State.DRAFT), _("To be read over")),
}
_STALE = "a_verifier"


def lacks(gap: str) -> Q:
    return _NOT_ARCHIVED & _GAPS[gap][0]


class StaffFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """By a part of a name, of a number or of the e-mail address. What is lacking restricts: both of two are lacking."""

    q = QueryFilter(method="with_text")
    etat = KnownChoicesFilter(field_name="state", known=frozenset(Listing.State.values))
    sans = KnownChoicesFilter(known=frozenset(_GAPS), method="with_gaps")
    importation = QueryFilter(method="of_import")
    a_verifier = QueryFilter(method="not_verified")

    # Those that another search keeps.
    KEPT: ClassVar[tuple[str, ...]] = ("etat", "sans", "importation", _STALE)

    class Meta:
        model = Listing
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Listing]) -> None:
        super().__init__(data, queryset=queryset)

    def with_text(self, listings: Any, _name: str, typed: str) -> Any:
        # In the order of the index `listing_searched_by_staff`.
        return matching_text(listings, typed, "name", "neq", "phone", "email", array="other_names")

    def with_gaps(self, listings: Any, _name: str, gaps: list[str]) -> Any:
        for gap in gaps:
            listings = listings.filter(lacks(gap))
        return listings

    def of_import(self, listings: Any, _name: str, typed: str) -> Any:
        return listings.filter(pk__in=self.source.listing_keys()) if self.source else listings

    def not_verified(self, listings: Any, _name: str, typed: str) -> Any:
        day = timezone.localdate() - STALE_AFTER
        return listings.filter(not_verified_since(day)) if typed == "oui" else listings

    @cached_property
    def source(self) -> Import | None:
        """The import whose listings are asked for. One query."""
        typed = str(self.form.cleaned_data.get("importation", ""))
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
            return None
        return Import.objects.only("pk", "file_name").filter(pk=int(typed)).first()

    @property
    def query(self) -> str:
        return str(self.form.cleaned_data.get("q", ""))

    @property
    def is_stale(self) -> bool:
        return bool(self.data.get(_STALE) == "oui")

    def hidden(self) -> list[tuple[str, str]]:
        """(name, value) of what a search by words keeps."""
        return [(name, value) for name in self.KEPT for value in self.data.getlist(name) if value][:12]

    @cached_property
    def total(self) -> int:
        return bounded_count(self.qs)

    def gaps(self) -> list[tuple[str, Any, int | None, bool, str]]:
        """(value, label, how many of what is found lack it, whether it is asked for, the address with or without it). One query.

        Of a list that is not counted to its end, no number either.
        """
        chosen = self.form.cleaned_data["sans"]
        if isinstance(self.total, AtLeast):
            return [
                (gap, label, None, gap in chosen, self._toggled(gap, chosen))
                for gap, (_lacks, label) in _GAPS.items()
            ]
        counts = self.qs.order_by().aggregate(
            **{gap: Count("pk", filter=lacks(gap), distinct=True) for gap in _GAPS}
        )
        return [
            (gap, label, counts[gap], gap in chosen, self._toggled(gap, chosen))
            for gap, (_lacks, label) in _GAPS.items()
            if counts[gap] or gap in chosen
        ]

    def _toggled(self, gap: str, chosen: list[str]) -> str:
        query = self.data.copy()
        query.setlist("sans", [each for each in _GAPS if (each in chosen) != (each == gap)])
        query.pop("page", None)
        return f"?{query.urlencode()}"
