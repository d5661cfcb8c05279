"""What this hub calls the two levels of its territory: « municipalité » and « MRC », unless staff named them."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pole.models import Hub
from pole.text.bilingual import ENGLISH, current_language

# Among the MRCs of a filter, what no MRC holds: no code of an MRC has this sign.
NO_MRC = "hors_mrc"


@dataclass(frozen=True, slots=True)
class Levels:
    """The names in the language of the page, in lower case but for « MRC »."""

    town: str
    towns: str
    middle: str
    middles: str

    @property
    def town_heading(self) -> str:
        return capfirst(self.town)

    @property
    def middle_heading(self) -> str:
        return capfirst(self.middle)


def levels_of(hub: Hub | None) -> Levels:
    """No query. A name that staff left empty is that of Québec; a plural left empty, the singular with an s."""
    return Levels(
        *_pair(hub, "town_level", _("municipality"), _("municipalities")),
        *_pair(hub, "middle_level", _("MRC"), _("MRC")),
    )  # fmt: skip


def current_levels() -> Levels:
    """One query: for what has no request at hand."""
    return levels_of(Hub.objects.first())


def current_country() -> str:
    """How postal codes and telephone numbers are written here: one query."""
    return Hub.objects.values_list("country", flat=True).first() or Hub.Country.CANADA.value


def _pair(hub: Hub | None, field: str, one: str, many: str) -> tuple[str, str]:
    suffix = "_en" if current_language() == ENGLISH else ""
    # A name in French is better than that of Québec.
    for end in dict.fromkeys((suffix, "")):
        if hub and (name := getattr(hub, f"{field}{end}")):
            return name, getattr(hub, f"{field}s{end}") or f"{name}s"
    return one, many


def empty_territory_help() -> SafeString:
    """What a form says to staff beside an empty list of towns."""
    return format_html(
        '<a href="{}">{}</a>',
        reverse("staff:territory"),
        _("The territory is empty: send the list of its municipalities first."),
    )
