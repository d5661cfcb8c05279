"""The filters of the directory, as its address holds them, and the facets and chips that change them.

Listings and counts come from `enterprises.search.query`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enterprises.models import Listing, Sector
from enterprises.models.procurement import BY_CODE
from enterprises.search.geocoding import Location, locate
from enterprises.search.query import Order, Search
from enterprises.search.snapshot import FACETS, Counts, Snapshot
from pole.search import MAX_QUERY_LENGTH, query_words, unaccented
from pole.text.bilingual import FRENCH, current_language
from pole.text.elision import of

RADII_KM = (5, 10, 25, 50)


@dataclass(slots=True)
class Option:
    value: str
    # A `pole.text.bilingual.LocalizedText` where the text exists in two languages.
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    parameter: str
    label: str | Promise
    options: list[Option]

    @property
    def is_open(self) -> bool:
        """The first facets, and those in use: a page of a hundred boxes is nobody's friend."""
        return self.parameter in {"secteur", "mrc"} or any(option.is_chosen for option in self.options)


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the address without it."""

    label: str | Promise
    address: str


def clean_text(typed: str) -> str:
    """What was typed, cut rather than refused, without the characters that no text holds."""
    return " ".join(typed.replace("\x00", "")[:MAX_QUERY_LENGTH].split())


_FIXED_CHOICES: dict[str, Container[str]] = {
    "forme": frozenset(Listing.LegalForm.values),
    "achat": BY_CODE,
    "langue": frozenset(Listing.Language.values),
    "rayon": frozenset(str(km) for km in RADII_KM),
    "tri": frozenset(order.value for order in Order),
}


class DirectoryFilters:
    """Read from the parameters of an address: values that are not known are dropped, so an old address still answers."""

    PARAMETERS: ClassVar[tuple[str, ...]] = (
        *("q", "secteur", "mrc", "municipalite", "forme", "achat", "langue", "dessert"),
        *("pres", "rayon", "tri"),
    )

    def __init__(self, data: QueryDict, *, snapshot: Snapshot) -> None:
        self.data = data
        self.snapshot = snapshot
        self.by_slug = snapshot.sectors_by_slug
        self.known: dict[str, Container[str]] = {
            **_FIXED_CHOICES,
            "secteur": self.by_slug,
            "mrc": snapshot.mrc_facets,
            "dessert": snapshot.mrcs,
            "municipalite": snapshot.municipalities,
        }
        self.chosen: dict[str, list[str]] = {
            name: [value for value in dict.fromkeys(data.getlist(name)) if value in known]
            if name in data
            else []
            for name, known in self.known.items()
        }
        # What was typed.
        self.query = clean_text(data.get("q", ""))
        # The postal code or municipality that was typed, known or not.
        self.typed_place = clean_text(data.get("pres", ""))
        self.origin: Location | None = locate(self.typed_place, snapshot) if self.typed_place else None

    @property
    def unknown(self) -> Iterator[tuple[str, str]]:
        """Parameters and values that restrict nothing, since nothing has them: pages drop them, programs are told."""
        for name, known in self.known.items():
            yield from ((name, value) for value in self.data.getlist(name) if value and value not in known)
        if self.typed_place and not self.origin:
            yield "pres", self.typed_place

    @cached_property
    def order(self) -> Order:
        """The order asked for, else by relevance when there are words, by distance around a place, or by name."""
        asked = next((order for order in self.orders if [order.value] == self.chosen["tri"][:1]), None)
        return asked or self.orders[0]

    @cached_property
    def orders(self) -> list[Order]:
        """Those that may be asked for; the first is the one of whoever asks for none."""
        orders = [Order.NAME, Order.TOWN, Order.VERIFIED]
        if self.origin:
            orders.insert(0, Order.DISTANCE)
        if query_words(self.query):
            orders.insert(0, Order.RELEVANCE)
        return orders

    @property
    def restricts(self) -> bool:
        """Whether something is searched: else every listing is found."""
        search = self.search
        return bool(self.query or any(getattr(search, facet) for facet in FACETS) or search.within_km)

    @property
    def kept_order(self) -> str:
        """What another search is to keep: the order asked for, unless it comes by itself."""
        return "" if self.order == self.orders[0] else self.order.value

    def order_links(self) -> list[tuple[str, str, bool]]:
        """(value, label, whether it is in use), for `components/sort.html`."""
        labels = {
            Order.RELEVANCE: gettext("relevance"),
            Order.DISTANCE: gettext("distance"),
            Order.NAME: gettext("name"),
            Order.TOWN: str(self.snapshot.levels.town),
            Order.VERIFIED: gettext("latest check"),
        }
        return [(order.value, labels[order], order == self.order) for order in self.orders]

    @cached_property
    def search(self) -> Search:
        words = tuple(query_words(self.query))
        radius = self.chosen["rayon"][:1]
        return Search(
            words=words,
            typed=self.query,
            sectors=frozenset(self.by_slug[slug].pk for slug in self.chosen["secteur"]),
            mrcs=frozenset(self.chosen["mrc"]),
            municipalities=frozenset(self.chosen["municipalite"]),
            legal_forms=frozenset(self.chosen["forme"]),
            supplies=frozenset(self.chosen["achat"]),
            languages=frozenset(self.chosen["langue"]),
            served=frozenset(self.chosen["dessert"]),
            origin=self.origin,
            within_km=int(radius[0]) if radius and self.origin else 0,
            order=self.order,
        )

    def facets(self, counts: Counts) -> list[Facet]:
        """Every facet with the options that have listings, or are chosen."""
        snapshot = self.snapshot
        sectors = {sector.slug: counts.sectors.get(sector.pk, 0) for sector in self._sectors()}
        return [
            self._facet("secteur", _("Sector"), sectors, lambda slug: self.by_slug[slug].shown_name),
            self._facet("mrc", snapshot.levels.middle_heading, _in_order(snapshot.mrc_facets, counts.mrcs), snapshot.mrc_name),
            self._facet(
                "forme", _("Legal form"), _in_order(Listing.LegalForm.values, counts.legal_forms),
                lambda form: str(Listing.LegalForm(form).label),
            ),
            self._facet(
                "achat", _("Can supply"), _in_order(BY_CODE, counts.supplies), lambda code: BY_CODE[code].shown_name
            ),
            self._facet(
                "langue", _("Language of service"), _in_order(Listing.Language.values, counts.languages),
                lambda code: str(Listing.Language(code).label),
            ),
            self._facet(
                "dessert", _("Serves"), _in_order(snapshot.mrcs, counts.served), lambda code: snapshot.mrcs[code].name
            ),
            self._facet(
                "municipalite", snapshot.levels.town_heading, _in_order(snapshot.municipalities, counts.municipalities),
                lambda code: str(snapshot.municipalities[code]),
            ),
        ]  # fmt: skip

    def chips(self, facets: list[Facet]) -> list[Chip]:
        chips = []
        if self.query:
            chips.append(Chip(gettext("“%(query)s”") % {"query": self.query}, self._url_without("q")))
        if self.origin:
            # In French, the name comes with its « de ».
            place = {"name": of(self.origin.name) if current_language() == FRENCH else self.origin.name}
            radius = self.chosen["rayon"][:1]
            label = (
                gettext("Within %(km)s km of %(name)s") % {**place, "km": radius[0]}
                if radius
                else gettext("Near %(name)s") % place
            )
            chips.append(Chip(label, self._url_without("pres", also=("rayon", "tri"))))
        for facet in facets:
            chips += [
                Chip(option.label, self._url_without(facet.parameter, option.value))
                for option in facet.options
                if option.is_chosen
            ]
        return chips

    def _sectors(self) -> list[Sector]:
        sectors: list[Sector] = self.snapshot.derived.get_or_make(
            ("sectors", current_language()),
            lambda: sorted(self.snapshot.sectors.values(), key=lambda sector: unaccented(sector.shown_name)),
        )
        return sectors

    def _facet(
        self,
        parameter: str,
        label: str | Promise,
        counts: dict[str, int],
        label_of: Callable[[str], str],
    ) -> Facet:
        chosen = self.chosen[parameter]
        # Translated once: there are a hundred on every list. Sectors change with the directory.
        known = self.snapshot.derived if parameter == "secteur" else self.snapshot.of_places
        labels = known.get_or_make(("labels", parameter, current_language()), dict)
        options = [
            Option(
                value, labels.get(value) or labels.setdefault(value, label_of(value)), count, value in chosen
            )
            for value, count in counts.items()
            if count or value in chosen
        ]
        return Facet(parameter, label, options)

    def _url_without(self, parameter: str, value: str | None = None, also: tuple[str, ...] = ()) -> str:
        """The address of the same list without one filter, on its first page."""
        query = self.data.copy()
        values = query.getlist(parameter)
        query.setlist(parameter, [other for other in values if value is not None and other != value])
        for other in ("page", *also):
            query.pop(other, None)
        return f"?{query.urlencode()}"


def _in_order(keys: Iterable[str], counts: dict[str, int]) -> dict[str, int]:
    return {key: counts.get(key, 0) for key in keys}
