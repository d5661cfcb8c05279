"""What each row of a table would do, decided row by row against the directory as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enterprises.duplicates.similarity import Card, Index, name_key
from enterprises.duplicates.territory import territory_of
from enterprises.importing.cleaning import Cleaned, Cleaner
from enterprises.listing_fields import RELATIONS
from enterprises.models import Import, Listing, ListingQuerySet, ListingRole
from enterprises.ownership.email_domains import own_domain
from pole.geo.gazetteer import load_gazetteer, municipality_name_key
from pole.models import Municipality
from pole.search import unaccented

CREATED, CHANGED, SAME, DUPLICATE = "created", "changed", "same", "duplicate"
REFUSED, QUESTION, SKIPPED = "refused", "question", "skipped"
KINDS = (CREATED, CHANGED, DUPLICATE, QUESTION, REFUSED, SAME, SKIPPED)


@dataclass(slots=True)
class Outcome:
    """What a row does, or did. Plain values: kept as JSON."""

    number: int
    kind: str
    name: str
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # The listing that it changes, made, or may be; 0 without one.
    listing: int = 0
    # What changes: [column, before, after].
    changes: list[list[str]] = field(default_factory=list)
    # For a municipality in doubt: its `municipality_name_key`, and [code, name] of each likely one.
    place: str = ""
    towns: list[list[str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Planned:
    """An outcome with the listing as it would be: not saved."""

    outcome: Outcome
    row: Cleaned
    listing: Listing | None = None
    # Names of the columns and relations to write.
    changed: list[str] = field(default_factory=list)


def _current() -> ListingQuerySet:
    """Without those that became a part of another: their names are among its other names."""
    return Listing.objects.filter(merged_into=None).order_by("pk")


def cards() -> Iterator[Card]:
    """Every listing as it is compared: one query."""
    columns = ("pk", "name", "neq", "website", "phone", "municipality_id", "other_names")
    for pk, name, neq, website, phone, municipality, others in Listing.objects.order_by("pk").values_list(
        *columns
    ):
        yield Card(pk, name, neq, own_domain(website), phone, municipality, tuple(others))


class Planner:
    """Goes over the rows of one import in order; a row sees what the former ones did."""

    def __init__(self, source: Import) -> None:
        self.source = source
        self.places = load_gazetteer()
        self.cleaner = Cleaner(source.mapping, self.places, source.answers.get("places", {}))
        self.decisions: dict[str, str] = source.answers.get("rows", {})
        self.index = Index((), territory_of(self.places))
        self.by_neq: dict[str, int] = {}
        self.by_name: dict[tuple[str, str], int] = {}
        self.names: dict[int, str] = {}
        # The row that each listing answers to: one row a listing, or twice would not be once.
        self.taken: dict[int, int] = {}
        for card in cards():
            self.add(card)
        self.kept = set(ListingRole.objects.values_list("listing_id", flat=True))

    def add(self, card: Card) -> None:
        self.index.add(card)
        self.names[card.key] = card.name
        if card.neq:
            self.by_neq.setdefault(card.neq, card.key)
        for name in (card.name, *card.other_names):
            self.by_name.setdefault((name_key(name), card.municipality), card.key)

    def plan(self) -> Iterator[Planned]:
        """Every row in order. Rows that become listings are known to the next ones."""
        table = self.source.table
        for number, cells in zip(table["numbers"], table["rows"], strict=True):
            planned = self.plan_row(number, cells)
            if planned.outcome.kind == CREATED and planned.listing:
                self.add(_card(planned.listing, -number))
                self.taken[-number] = number
            yield planned

    def plan_row(self, number: int, cells: list[str]) -> Planned:
        row = self.cleaner.clean(cells)
        outcome = Outcome(number, REFUSED, row.values.get("name", ""), row.problems, row.notes)
        decision = self.decisions.get(str(number), "")
        if decision == "skip":
            outcome.kind = SKIPPED
            return Planned(outcome, row)
        if row.place and row.place.municipality is None:
            self._ask_for_place(outcome, row)
        if outcome.reasons:
            return Planned(outcome, row)
        return self._settle(Planned(outcome, row), decision)

    def _ask_for_place(self, outcome: Outcome, row: Cleaned) -> None:
        assert row.place is not None  # noqa: S101 - the caller looked
        if row.place.candidates:
            outcome.reasons.append(_("Which municipality is “%(name)s”?") % {"name": row.written_place})
            outcome.towns = [[town.code, _label(town)] for town in row.place.candidates]
        else:
            reason = _("“%(name)s” is not a municipality of the territory.")
            outcome.reasons.append(reason % {"name": row.written_place})
        outcome.place = municipality_name_key(row.written_place)
        # Refused for another reason too, the row would not be imported whatever the answer.
        outcome.kind = QUESTION if outcome.towns and len(outcome.reasons) == 1 else REFUSED

    def _settle(self, planned: Planned, decision: str) -> Planned:
        """Whether the row is a new listing, an existing one, or perhaps one."""
        values, outcome = planned.row.values, planned.outcome
        key = self._known(values)
        if decision.startswith("update:") and decision[7:].isdecimal() and int(decision[7:]) in self.names:
            key = int(decision[7:])
        if key and key in self.taken:
            return _duplicate(
                planned, 0, _("Same enterprise as row %(number)d.") % {"number": self.taken[key]}
            )
        if key:
            self.taken[key] = outcome.number
            return self._update(planned, key)
        card = Card(0, values["name"], values.get("neq", ""), own_domain(values.get("website", "")),
                    values.get("phone", ""), values["municipality_id"], tuple(values.get("other_names", ())))  # fmt: skip
        matches = [] if decision == "create" else self.index.matches(card, limit=1)
        if matches:
            return self._like(planned, matches[0].card)
        return self._create(planned)

    def _known(self, values: dict[str, Any]) -> int:
        """The listing with this NEQ; else with this name in this municipality, whose NEQ isn't another; else 0."""
        neq = values.get("neq", "")
        if neq in self.by_neq:
            return self.by_neq[neq]
        return self.by_name.get((name_key(values["name"]), values["municipality_id"]), 0)

    def _like(self, planned: Planned, card: Card) -> Planned:
        if card.key < 0:
            said = _("Looks like row %(number)d, “%(name)s”.") % {"number": -card.key, "name": card.name}
            return _duplicate(planned, 0, said)
        return _duplicate(planned, card.key, _("Looks like the listing “%(name)s”.") % {"name": card.name})

    def _create(self, planned: Planned) -> Planned:
        listing = Listing(slug="x")
        written = [name for name, value in planned.row.values.items() if value]
        _assign(listing, planned.row.values, written)
        return self._checked(planned, listing, written, CREATED)

    def _update(self, planned: Planned, key: int) -> Planned:
        listing = Listing.objects.defer("document").get(pk=abs(key))
        values = dict(planned.row.values)
        if name_key(values["name"]) not in {name_key(name) for name in (listing.name, *listing.other_names)}:
            values["other_names"] = [*listing.other_names, values["name"]]
        only_fills = self.source.only_fills or listing.pk in self.kept
        changed = []
        for name, value in values.items():
            before = getattr(listing, RELATIONS.get(name, name))
            fills = name == "other_names" or not before or not only_fills
            # Two spellings of one name: the listing's stays.
            if name != "name" and value and value != before and fills:
                changed.append(name)
                planned.outcome.changes.append([name, _shown(before), _shown(value)])
        planned.outcome.listing = listing.pk
        _assign(listing, values, changed)
        planned.row.values = values
        return self._checked(planned, listing, changed, CHANGED if changed else SAME)

    def _checked(self, planned: Planned, listing: Listing, changed: list[str], kind: str) -> Planned:
        """The row, refused when a column of the listing would not take its value."""
        planned.listing, planned.changed, planned.outcome.kind = listing, changed, kind
        try:
            columns = {field.name for field in listing._meta.fields}
            listing.clean_fields(exclude=columns - set(changed) - {"name"})
        except ValidationError as error:
            planned.outcome.kind = REFUSED
            for name, messages in error.message_dict.items():
                label = Listing._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column
                planned.outcome.reasons += [f"{label}: {message}" for message in messages]
        return planned


def _duplicate(planned: Planned, key: int, reason: str) -> Planned:
    planned.outcome.kind, planned.outcome.listing = DUPLICATE, key
    planned.outcome.reasons.append(reason)
    return planned


def _assign(listing: Listing, values: dict[str, Any], names: list[str]) -> None:
    for name in names:
        if name not in RELATIONS:
            setattr(listing, name, values[name])


def _card(listing: Listing, key: int) -> Card:
    return Card(key, listing.name, listing.neq, own_domain(listing.website), listing.phone,
                listing.municipality_id, tuple(listing.other_names))  # fmt: skip


def _shown(value: Any) -> str:
    text = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value or "")
    return text if len(text) <= 160 else f"{text[:159]}…"


def _label(town: Municipality) -> str:
    designation = unaccented(town.designation)
    return f"{town.name} ({designation}), {town.mrc}" if town.mrc else f"{town.name} ({designation})"
