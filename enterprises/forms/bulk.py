"""What is to be done to several listings: one list of choices, for one field after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from enterprises.models import BulkChange, Listing, Sector
from pole.models import Mrc

MAX_PICKED = 500
_STATES = (
    (Listing.State.PUBLISHED, _("Publish")),
    (Listing.State.DRAFT, _("Hide")),
    (Listing.State.ARCHIVED, _("Archive")),
)


class BulkForm(forms.Form):
    """Two queries."""

    what = forms.ChoiceField(label=_("What to give them"))
    scope = forms.ChoiceField(
        label=_("Which ones"),
        choices=[("picked", _("Those that are ticked")), ("found", _("All that the filters find"))],
        initial="picked",
        widget=forms.RadioSelect,
    )
    adds = forms.BooleanField(
        label=_("Sectors and territory: beside what they have, rather than instead"),
        required=False,
        initial=True,
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["what"].choices = _choices()  # type: ignore[attr-defined]  # a ChoiceField
        ticked = data.getlist("fiche") if data else []
        self.picked = {int(each) for each in ticked if each.isascii() and each.isdecimal() and len(each) < 18}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("scope") == "picked" and not self.picked:
            self.add_error("scope", _("Tick at least one listing, or choose all that the filters find."))
        elif len(self.picked) > MAX_PICKED:
            self.add_error("scope", _("A page has fewer listings than that."))
        return cleaned

    @property
    def field(self) -> BulkChange.Field:
        return BulkChange.Field(self.cleaned_data["what"].partition(":")[0])

    @property
    def value(self) -> Any:
        """As `BulkChange.value` holds it."""
        typed = self.cleaned_data["what"].partition(":")[2]
        if self.field == BulkChange.Field.SECTORS:
            return [int(typed)]
        return [typed] if self.field == BulkChange.Field.TERRITORY else typed


def _choices() -> list[tuple[str, Any]]:
    groups: list[tuple[Any, str, Iterable[tuple[Any, Any]]]] = [
        (
            _("Sector"),
            "sectors",
            ((sector.pk, sector.shown_name) for sector in Sector.objects.order_by("name")),
        ),
        (_("Legal form"), "legal_form", Listing.LegalForm.choices),
        (_("Territory served"), "territory", ((mrc.code, mrc.name) for mrc in Mrc.objects.in_territory())),
        (_("State"), "state", _STATES),
    ]
    return [("", _("Choose…"))] + [
        (label, [(f"{name}:{value}", text) for value, text in options]) for label, name, options in groups
    ]
