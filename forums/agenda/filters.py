"""The filters of the agenda, as its address holds them, and what each becomes: a condition, a phrase, an address without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext

from forums.agenda.kinds import KIND_OF_WORD, KINDS
from forums.agenda.months import Month, read_month
from forums.models import Kind, Mode
from pole.server.routes import Route
from pole.text.bilingual import FRENCH, current_language
from pole.text.elision import of

# In the order of addresses.
PARAMETERS = ("genre", "mrc", "mois", "gratuit", "en-ligne", "passees", "vue")
AGENDA = Route("forums:agenda")


class UnknownFilter(ValueError):
    """An address asks for what nothing has."""


class Zone(NamedTuple):
    """An MRC, or what the hub calls so."""

    code: str
    name: str


class Chip(NamedTuple):
    """A filter in use, and the address without it."""

    phrase: str
    address: str


class View(NamedTuple):
    """The same activities shown otherwise, or those that are over."""

    name: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class AgendaFilters:
    kind: Kind | None = None
    zone: Zone | None = None
    month: Month | None = None
    is_free: bool = False
    is_online: bool = False
    is_past: bool = False
    # As a table of a month, rather than a list.
    is_grid: bool = False

    @property
    def narrows(self) -> bool:
        """Whether some activities are left out, whatever their date."""
        return bool(self.kind or self.zone or self.is_free or self.is_online)

    @property
    def is_detailed(self) -> bool:
        """Whether something of the form is in use, beside the kind."""
        return bool(self.zone or self.is_free or self.is_online or (self.month and not self.is_grid))

    def of_activity(self, before: str = "") -> Q:
        """The condition; `before`: the path that leads to the activity."""
        condition = Q()
        if self.kind:
            condition &= Q(**{f"{before}kind": self.kind.value})
        if self.zone:
            condition &= Q(**{f"{before}municipality__mrc": self.zone.code})
        if self.is_free:
            condition &= Q(**{f"{before}price": 0})
        if self.is_online:
            condition &= Q(**{f"{before}mode__in": [Mode.ONLINE.value, Mode.BOTH.value]})
        return condition

    def values(self) -> dict[str, str]:
        """By parameter, "" where it says nothing."""
        written = (
            KINDS[self.kind].word if self.kind else "",
            self.zone.code if self.zone else "",
            str(self.month or ""),
            *("1" if each else "" for each in (self.is_free, self.is_online, self.is_past)),
            "mois" if self.is_grid else "",
        )
        return dict(zip(PARAMETERS, written, strict=True))

    def address(self, changed: Mapping[str, object]) -> str:
        """The first page of the same list, with other values; "" takes a filter away."""
        values = self.values() | {name: str(value) for name, value in changed.items()}
        query = urlencode([(name, value) for name, value in values.items() if value])
        path = AGENDA(current_language())
        return f"{path}?{query}" if query else path

    @property
    def list_address(self) -> str:
        """That of the table, as a list."""
        return self.address({"vue": "", "passees": ""})

    def views(self) -> list[View]:
        is_coming = not (self.is_grid or self.is_past)
        return [
            View(gettext("List"), self.list_address, is_coming),
            View(gettext("Month"), self.address({"vue": "mois", "passees": ""}), self.is_grid),
            View(
                gettext("Past activities"),
                self.address({"vue": "", "passees": "1", "mois": ""}),
                self.is_past,
            ),
        ]

    def kinds(self) -> list[View]:
        """Every kind, then each."""
        each = [
            View(str(of_list.plural), self.address({"genre": of_list.word}), kind == self.kind)
            for kind, of_list in KINDS.items()
        ]
        return [View(gettext("Everything"), self.address({"genre": ""}), self.kind is None), *each]

    def chips(self, level: str) -> list[Chip]:
        """In the order in which a sentence tells them; `level`: what the hub calls an MRC."""
        told = {
            "genre": str(KINDS[self.kind].plural) if self.kind else "",
            "mrc": _zone_phrase(self.zone, level) if self.zone else "",
            "gratuit": gettext("free of charge") if self.is_free else "",
            "en-ligne": gettext("that one can follow online") if self.is_online else "",
        }
        # The month of a table is its subject, which its own links change.
        if self.month and not self.is_grid:
            told["mois"] = gettext("in %(month)s") % {"month": self.month.name}
        return [Chip(phrase, self.address({name: ""})) for name, phrase in told.items() if phrase]


def _zone_phrase(zone: Zone, level: str) -> str:
    if current_language() == FRENCH:
        # « MRC de Roussillon », « MRC des Jardins-de-Napierville ».
        return f"{level} {of(zone.name)}"
    return f"{level} of {zone.name}"


def read_filters(asked: QueryDict, zones: Mapping[str, Zone]) -> AgendaFilters:
    """Raises `UnknownFilter` of a value that names nothing."""
    given = {name: asked.get(name, "") for name in PARAMETERS}
    flags = {name: given[name] for name in ("gratuit", "en-ligne", "passees")}
    if any(value not in {"", "1"} for value in flags.values()) or given["vue"] not in {"", "liste", "mois"}:
        raise UnknownFilter
    month = read_month(given["mois"]) if given["mois"] else None
    if given["mois"] and month is None:
        raise UnknownFilter
    try:
        return AgendaFilters(
            kind=KIND_OF_WORD[given["genre"]] if given["genre"] else None,
            zone=zones[given["mrc"]] if given["mrc"] else None,
            month=month,
            is_free=bool(flags["gratuit"]),
            is_online=bool(flags["en-ligne"]),
            # A table has the whole month.
            is_past=bool(flags["passees"]) and given["vue"] != "mois",
            is_grid=given["vue"] == "mois",
        )
    except KeyError as error:
        raise UnknownFilter from error
