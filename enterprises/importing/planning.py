"""What each row of a table would do, decided row by row against the directory as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enterprises.duplicates.merging import candidate_of, candidates_among
from enterprises.duplicates.similarity import Candidate, CandidateIndex, name_match_key
from enterprises.duplicates.territory import territory_of
from enterprises.importing.cleaning import CleanedRow, Cleaner
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import Import, Listing, ListingRole
from enterprises.ownership.email_domains import own_domain
from pole.geo.gazetteer import load_gazetteer, municipality_name_key
from pole.models import Municipality
from pole.search import unaccented

CREATED, CHANGED, SAME, DUPLICATE = "created", "changed", "same", "duplicate"
REFUSED, QUESTION, SKIPPED = "refused", "question", "skipped"
KINDS = (CREATED, CHANGED, DUPLICATE, QUESTION, REFUSED, SAME, SKIPPED)
# They do not come in: they are in the file to correct.
NOT_IMPORTED = (DUPLICATE, QUESTION, REFUSED)


@dataclass(slots=True)
class Outcome:
    """What a row does, or did. Plain values: stored as JSON."""

    number: int
    kind: str
    name: str
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # The primary key of the listing that it changes, made, or may be; 0 without one.
    listing: int = 0
    # What changes: [column, before, after].
    changes: list[list[str]] = field(default_factory=list)
    # For a municipality in doubt: the `municipality_name_key` of its written name, and [code, name] of each likely one.
    place: str = ""
    towns: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class PlannedRow:
    """An outcome with the listing as it would be: not saved."""

    outcome: Outcome
    row: CleanedRow
    listing: Listing | None = None
    # Names of the columns and relations to write.
    changed: list[str] = field(default_factory=list)


def rows_to_correct(spreadsheet_import: Import) -> list[list[str]]:
    """A header, then each row that does not come in, with why."""
    table = spreadsheet_import.table
    rows = dict(zip(table["numbers"], table["rows"], strict=True))
    return [[*table["header"], _("Reason")]] + [
        [*rows[outcome["number"]], " ".join(outcome["reasons"])]
        for outcome in spreadsheet_import.outcomes
        if outcome["kind"] in NOT_IMPORTED
    ]


class Planner:
    """Goes over the rows of one import in order; a row sees what the former ones did."""

    def __init__(self, spreadsheet_import: Import) -> None:
        self.spreadsheet_import = spreadsheet_import
        self.gazetteer = load_gazetteer()
        self.cleaner = Cleaner(
            spreadsheet_import.mapping, self.gazetteer, spreadsheet_import.answers.get("places", {})
        )
        self.decisions: dict[str, str] = spreadsheet_import.answers.get("rows", {})
        self.index = CandidateIndex((), territory_of(self.gazetteer))
        self.by_neq: dict[str, int] = {}
        self.by_name: dict[tuple[str, str], int] = {}
        self.known_listing_ids: set[int] = set()
        # By the candidate's key, the number of the row matched with it or creating it: a second row is a possible
        # duplicate, so that importing twice changes nothing.
        self.row_of_listing: dict[int, int] = {}
        # Archived and merged ones too.
        for candidate in candidates_among(Listing.objects.all()):
            self.add(candidate)
            self.known_listing_ids.add(candidate.key)
        self.managed_listing_ids = set(ListingRole.objects.values_list("listing_id", flat=True))

    def add(self, candidate: Candidate) -> None:
        self.index.add(candidate)
        if candidate.neq:
            self.by_neq.setdefault(candidate.neq, candidate.key)
        for name in (candidate.name, *candidate.other_names):
            self.by_name.setdefault((name_match_key(name), candidate.municipality), candidate.key)

    def plan(self) -> Iterator[PlannedRow]:
        """Every row in order. Rows that become listings are known to the next ones."""
        table = self.spreadsheet_import.table
        for number, cells in zip(table["numbers"], table["rows"], strict=True):
            planned = self.plan_row(number, cells)
            if planned.outcome.kind == CREATED and planned.listing:
                self.add(candidate_of(planned.listing, key=-number))
                self.row_of_listing[-number] = number
            yield planned

    def plan_row(self, number: int, cells: list[str]) -> PlannedRow:
        row = self.cleaner.clean(cells)
        outcome = Outcome(number, REFUSED, row.values.get("name", ""), row.problems, row.notes)
        decision = self.decisions.get(str(number), "")
        if decision == "skip":
            outcome.kind = SKIPPED
            return PlannedRow(outcome, row)
        if row.match and row.match.municipality is None:
            self._ask_for_municipality(outcome, row)
        if outcome.reasons:
            return PlannedRow(outcome, row)
        return self._match_listing(PlannedRow(outcome, row), decision)

    def _ask_for_municipality(self, outcome: Outcome, row: CleanedRow) -> None:
        assert row.match is not None  # noqa: S101 - the caller looked
        if row.match.candidates:
            outcome.reasons.append(
                _("Which municipality is “%(name)s”?") % {"name": row.written_municipality}
            )
            outcome.towns = [
                [municipality.code, _municipality_label(municipality)]
                for municipality in row.match.candidates
            ]
        else:
            reason = _("“%(name)s” is not a municipality of the territory.")
            outcome.reasons.append(reason % {"name": row.written_municipality})
        outcome.place = municipality_name_key(row.written_municipality)
        # Refused for another reason too, the row would not be imported whatever the answer.
        outcome.kind = QUESTION if outcome.towns and len(outcome.reasons) == 1 else REFUSED

    def _match_listing(self, planned: PlannedRow, decision: str) -> PlannedRow:
        """Matches the row with an existing listing, with a possible duplicate, or with none: a new listing."""
        values, outcome = planned.row.values, planned.outcome
        key = self._find_exact_match(values)
        chosen = decision.removeprefix("update:")
        if chosen != decision and chosen.isdecimal() and int(chosen) in self.known_listing_ids:
            key = int(chosen)
        if key and key in self.row_of_listing:
            return _duplicate(
                planned, 0, _("Same enterprise as row %(number)d.") % {"number": self.row_of_listing[key]}
            )
        if key:
            self.row_of_listing[key] = outcome.number
            return self._update(planned, key)
        candidate = Candidate(0, values["name"], values.get("neq", ""), own_domain(values.get("website", "")),
                    values.get("phone", ""), values["municipality_id"], tuple(values.get("other_names", ())))  # fmt: skip
        matches = [] if decision == "create" else self.index.matches(candidate, limit=1)
        if matches:
            return self._possible_duplicate(planned, matches[0][0])
        return self._create(planned)

    def _find_exact_match(self, values: dict[str, Any]) -> int:
        """The key of the candidate with this NEQ; else with this name in this municipality, whatever its NEQ; else 0."""
        neq = values.get("neq", "")
        if neq in self.by_neq:
            return self.by_neq[neq]
        return self.by_name.get((name_match_key(values["name"]), values["municipality_id"]), 0)

    def _possible_duplicate(self, planned: PlannedRow, candidate: Candidate) -> PlannedRow:
        if candidate.key < 0:
            reason = _("Looks like row %(number)d, “%(name)s”.")
        else:
            reason = _("Looks like the listing “%(name)s”.")
        reason %= {"number": -candidate.key, "name": candidate.name}
        return _duplicate(planned, max(0, candidate.key), reason)

    def _create(self, planned: PlannedRow) -> PlannedRow:
        listing = Listing(slug="x")
        written = [name for name, value in planned.row.values.items() if value]
        _assign(listing, planned.row.values, written)
        return self._validated(planned, listing, written, CREATED)

    def _update(self, planned: PlannedRow, listing_id: int) -> PlannedRow:
        listing = Listing.objects.defer("document").get(pk=listing_id)
        values = dict(planned.row.values)
        if name_match_key(values["name"]) not in {
            name_match_key(name) for name in (listing.name, *listing.other_names)
        }:
            values["other_names"] = [*listing.other_names, values["name"]]
        only_fills = self.spreadsheet_import.only_fills or listing.pk in self.managed_listing_ids
        changed = []
        for name, value in values.items():
            before = getattr(listing, COLUMN_OF_RELATION.get(name, name))
            fills = name == "other_names" or not before or not only_fills
            # Two spellings of one name: the listing's stays.
            if name != "name" and value and value != before and fills:
                changed.append(name)
                planned.outcome.changes.append([name, _shorten(before), _shorten(value)])
        planned.outcome.listing = listing.pk
        _assign(listing, values, changed)
        planned.row.values = values
        return self._validated(planned, listing, changed, CHANGED if changed else SAME)

    def _validated(self, planned: PlannedRow, listing: Listing, changed: list[str], kind: str) -> PlannedRow:
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


def _duplicate(planned: PlannedRow, listing_id: int, reason: str) -> PlannedRow:
    planned.outcome.kind, planned.outcome.listing = DUPLICATE, listing_id
    planned.outcome.reasons.append(reason)
    return planned


def _assign(listing: Listing, values: dict[str, Any], names: list[str]) -> None:
    for name in names:
        if name not in COLUMN_OF_RELATION:
            setattr(listing, name, values[name])


def _shorten(value: Any) -> str:
    text = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value or "")
    return text if len(text) <= 160 else f"{text[:159]}…"


def _municipality_label(municipality: Municipality) -> str:
    designation = unaccented(municipality.designation)
    mrc = f", {municipality.mrc}" if municipality.mrc else ""
    return f"{municipality.name} ({designation}){mrc}"
