"""What staff answer about an import that was tried: columns, towns, words, rows.

An answer about rows decides these rows again, those that resemble them and those that are the same listing: a constant
number of queries, and nothing of the rest of the directory. An answer about columns tries everything again.

Locks: the row of the import, so that two people who answer at once do not decide on what the other has changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.duplicates.merging import candidates_among
from enterprises.duplicates.similarity import likeness
from enterprises.duplicates.territory import territory_of
from enterprises.importing import remembered, trial
from enterprises.importing.columns import FIELDS, save_choices
from enterprises.importing.matching import candidate_of_row, exact_among, matches_of, with_numbers
from enterprises.importing.planning import Surroundings, decide
from enterprises.importing.reading import RowReader
from enterprises.importing.remembered import Answer
from enterprises.models import Import, ImportRow, Listing, RememberedValue
from enterprises.models import RowDecision as Decision
from pole.geo import former_names
from pole.refusals import Refusal
from pole.server.database.limits import longer

# More rows than this are tried again as a whole.
ROWS_DECIDED_AT_ONCE = 600
# What deciding writes in a row.
DECIDED = ("kind", "reasons", "changes", "changed", "listing", "completes", "decision", "target", "left_out")


class ImportNotOpen(Refusal):
    messages = {"import_begun": _("This import has begun already.")}


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """`action`: "create", "update", "branch", "leave_out", "undo"; `target` as `ImportRow.target`, 0 for the likeliest."""

    action: str
    target: int = 0


@dataclass(frozen=True, slots=True)
class TownAnswer:
    """Which municipality `written` is, by its code; "" leaves its rows out. `is_former`: everywhere, from now on."""

    written: str
    code: str
    is_former: bool = False


def lock_open(import_id: int) -> Import:
    """Raises `ImportNotOpen`."""
    spreadsheet_import = Import.objects.select_for_update().get(pk=import_id)
    if spreadsheet_import.state != Import.State.OPEN:
        raise ImportNotOpen
    return spreadsheet_import


# --- The file -------------------------------------------------------------------------------------


@longer()
def choose_columns(*, import_id: int, mapping: list[str]) -> None:
    """Stores which field each column holds, for later files too, and tries again. Raises `ImportNotOpen`."""
    with transaction.atomic():
        spreadsheet_import = lock_open(import_id)
        if len(mapping) == len(spreadsheet_import.header):
            spreadsheet_import.mapping = [
                name if name in FIELDS and name not in mapping[:at] else "" for at, name in enumerate(mapping)
            ]
            save_choices(spreadsheet_import.header, spreadsheet_import.mapping)
            spreadsheet_import.save(update_fields=["mapping"])
    trial.start(import_id=import_id)


@longer()
def choose_options(*, import_id: int, only_fills: bool, publishes: bool, applies_guesses: bool) -> None:
    """Raises `ImportNotOpen`."""
    chosen = {"only_fills": only_fills, "publishes": publishes, "applies_guesses": applies_guesses}
    with transaction.atomic():
        spreadsheet_import = lock_open(import_id)
        decides_again = any(
            getattr(spreadsheet_import, name) != chosen[name] for name in ("only_fills", "applies_guesses")
        )
        Import.objects.filter(pk=import_id).update(**chosen)
    if decides_again:
        trial.start(import_id=import_id)


# --- Its words ------------------------------------------------------------------------------------


@longer()
def answer_questions(
    *, import_id: int, towns: Iterable[TownAnswer] = (), values: Iterable[Answer] = (), by: User | None
) -> None:
    """Remembers which municipality each is, and what their words are here; reads the rows that bear them again.

    Raises `ImportNotOpen` and `FormerNameRefused`.
    """
    towns, values = list(towns), list(values)
    places = [remembered.value_key(remembered.MUNICIPALITY, town.written) for town in towns]
    words = [f"{answer.field}:{answer.written}" for answer in values]
    said = [
        Answer(remembered.MUNICIPALITY, town.written, (town.code,) if town.code else ()) for town in towns
    ]
    with transaction.atomic():
        lock_open(import_id)
        for town in towns:
            if town.is_former and town.code:
                former_names.remember(name=town.written, municipality=town.code, by=by)
        remembered.remember([*said, *values], by=by)
        is_done = _read_again(import_id, Q(place__in=places) | Q(unknown__overlap=words))
    if not is_done:
        trial.start(import_id=import_id)


def _read_again(import_id: int, touched: Q) -> bool:
    """Reads and decides some rows again; False, having done nothing, when they are too many."""
    rows = list(
        ImportRow.objects.filter(touched, spreadsheet_import_id=import_id)[: ROWS_DECIDED_AT_ONCE + 1]
    )
    if len(rows) > ROWS_DECIDED_AT_ONCE:
        return False
    spreadsheet_import = Import.objects.get(pk=import_id)
    reader = RowReader(spreadsheet_import)
    for row in rows:
        reader.read(row)
    numbers = [row.number for row in rows]
    resembling = spreadsheet_import.rows.filter(near__overlap=[-number for number in numbers])
    rows += resembling.exclude(number__in=numbers)[:ROWS_DECIDED_AT_ONCE]
    _compare_again(rows, reader)
    trial.store_rows(rows)
    return decide_again(spreadsheet_import, [row.number for row in rows], reader.places_left_out)


def _compare_again(rows: list[ImportRow], reader: RowReader) -> None:
    """What they resembled before their town was known, compared again now that it is: three queries.

    Nothing else can resemble them: without a town, a row is compared with those of all towns.
    """
    territory = territory_of(reader.gazetteer)
    listings = {match[0] for row in rows for match in row.matches if match[0] > 0}
    listings |= {row.exact for row in rows if row.exact}
    others = {each.key: each for each in candidates_among(Listing.objects.filter(pk__in=listings))}
    near = {-key for row in rows for key in row.near}
    beside = ImportRow.objects.filter(spreadsheet_import=reader.spreadsheet_import, number__in=near)
    numbers = {}
    for row in (*beside, *rows):
        numbers[row.rank] = row.number
        if candidate := candidate_of_row(row):
            others[-row.number] = candidate
    for row in rows:
        candidate = others.get(-row.number)
        if candidate is None:
            continue
        known = [others[key] for match in row.matches if (key := match[0]) in others]
        known += [others[row.exact]] if row.exact in others and others[row.exact] not in known else []
        row.exact = exact_among(candidate, known)
        alike = [(other, likeness(candidate, other, territory)) for other in known]
        found = matches_of(candidate, [(other, value) for other, value in alike if value > 0], territory)
        row.matches = with_numbers(found, numbers)
        row.near = [match[0] for match in row.matches if match[0] < 0]


# --- Its rows -------------------------------------------------------------------------------------


@longer()
def answer_rows(*, import_id: int, answers: Mapping[int, RowAnswer] | None = None, by: User | None) -> None:
    """Stores what staff decided of rows, by their numbers, and decides them again. Raises `ImportNotOpen`."""
    answers = answers or {}
    with transaction.atomic():
        spreadsheet_import = lock_open(import_id)
        rows = list(spreadsheet_import.rows.filter(number__in=answers))
        for row in rows:
            _apply(row, answers[row.number])
        _remember_left_out(rows, spreadsheet_import.mapping, by)
        trial.store_rows(rows, ("decision", "target", "left_out"))
        is_done = len(rows) <= ROWS_DECIDED_AT_ONCE and decide_again(
            spreadsheet_import, [row.number for row in rows]
        )
    if not is_done:
        trial.start(import_id=import_id)


def _apply(row: ImportRow, answer: RowAnswer) -> None:
    if answer.action == "leave_out":
        row.left_out = True
        return
    row.left_out, row.decision, row.target = False, "", None
    if answer.action == Decision.CREATE:
        row.decision = Decision.CREATE
    elif answer.action in {Decision.UPDATE, Decision.BRANCH}:
        possible = [match[0] for match in row.matches] + ([row.exact] if row.exact else [])
        target = answer.target or next(iter(possible), 0)
        if target in possible:
            row.decision, row.target = Decision(answer.action), target


def _remember_left_out(rows: Iterable[ImportRow], mapping: list[str], by: User | None) -> None:
    """A row left out of this file is left out of the next one; one that is taken again, no longer."""
    out: list[Answer] = []
    back: list[Answer] = []
    for row in rows:
        (out if row.left_out else back).append(Answer(remembered.ROW, trial.row_text(row, mapping), ()))
    remembered.remember(out, by=by)
    remembered.forget_written(remembered.ROW, [answer.written for answer in back])


def decide_again(
    spreadsheet_import: Import, numbers: Collection[int], places_left_out: Collection[str] | None = None
) -> bool:
    """Decides these rows, those that resemble them, and those that are the same listings: some ten queries.

    False, having done nothing, when they are too many: everything is to be tried again.
    """
    if places_left_out is None:
        towns = remembered.read_answers([remembered.MUNICIPALITY])[remembered.MUNICIPALITY]
        places_left_out = frozenset(key for key, values in towns.items() if not values)
    rows = _touched_by(spreadsheet_import, numbers)
    if len(rows) > 2 * ROWS_DECIDED_AT_ONCE:
        return False
    around = Surroundings(spreadsheet_import, places_left_out)
    beside = {-key for row in rows for key in (*row.near, row.target or 0) if key < 0} - {
        row.number for row in rows
    }
    around.rows = {row.number: row for row in spreadsheet_import.rows.filter(number__in=beside)}
    trial.look_around(rows, around)
    for row in rows:
        decide(row, around)
        around.rows[row.number] = row
    trial.store_rows(rows, DECIDED)
    return True


def _touched_by(spreadsheet_import: Import, numbers: Collection[int]) -> list[ImportRow]:
    """Rows that are to be decided when those of `numbers` change, in the order of their ranks."""
    found: dict[int, ImportRow] = {}
    wanted = Q(number__in=numbers)
    for _each in range(3):
        rows = list(
            spreadsheet_import.rows.filter(wanted).exclude(number__in=found)[: 3 * ROWS_DECIDED_AT_ONCE]
        )
        if not rows:
            break
        found |= {row.number: row for row in rows}
        keys = [-row.number for row in rows]
        exact = {row.exact for row in rows if row.exact}
        wanted = Q(near__overlap=keys) | Q(target__in=keys) | Q(exact__in=exact)
    return sorted(found.values(), key=lambda row: row.rank)


def answers_of(values: Mapping[str, Any]) -> list[Answer]:
    """Of what a form says, by "field:written", the codes chosen; a field that is not one of words is left."""
    fields = set(RememberedValue.Field.values) - {remembered.MUNICIPALITY, remembered.ROW}
    found = []
    for name, codes in values.items():
        field, _colon, written = name.partition(":")
        if field in fields and written:
            found.append(Answer(field, written, tuple(codes)))
    return found
