"""The trial of an import: every row read, compared with the directory and with the others, and decided.

It writes nothing but the rows of the import. A run tries again, in its transaction, what staff have seen: the directory
may have changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import batched

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from enterprises.duplicates.merging import candidates_among
from enterprises.duplicates.territory import territory_of
from enterprises.importing import remembered
from enterprises.importing.columns import guess_mapping
from enterprises.importing.matching import Finder, candidate_of_row, link_rows, with_numbers
from enterprises.importing.planning import NOT_IMPORTED, Surroundings, decide, rank_key
from enterprises.importing.reading import RowReader
from enterprises.models import Import, ImportRow, Listing, ListingRole
from pole.files.tables import Table
from pole.server import work_queue
from pole.server.database.limits import longer

# Rows that are decided, or stored, at a time.
BATCH = 500
# Rows between two updates of the progress.
ROWS_BETWEEN_PROGRESS = 20
# So few rows, against so few listings, are tried at once instead of by the worker.
ROWS_AT_ONCE, LISTINGS_AT_ONCE = 500, 2000
# What a trial writes in a row.
TRIED = (
    "rank", "cleaned", "name", "place", "unknown", "exact", "matches", "near", "left_out", "kind", "reasons", "changes",
    "changed", "listing", "completes",
)  # fmt: skip

# Is told how many rows are done. Raises to stop the trial.
type ProgressReporter = Callable[[int], None]


class TrialStopped(Exception):
    """The import was given up while it was tried."""


@longer()
@transaction.atomic
def open_import(*, table: Table, file_name: str, by: User | None) -> Import:
    """Stores the rows and guesses the fields of the columns. `start` has them tried."""
    published = Import.objects.filter(state=Import.State.DONE, header=table.header).order_by("-pk")
    spreadsheet_import = Import.objects.create(
        created_by=by, file_name=file_name[-120:], rows_total=len(table.rows), header=table.header,
        mapping=guess_mapping(table.header), sheet=table.sheet[:120], file_notes=table.notes,
        # New listings of a file whose like was never seen are read again before visitors find them.
        publishes=published.values_list("publishes", flat=True).first() or False,
    )  # fmt: skip
    ImportRow.objects.bulk_create(
        (
            ImportRow(spreadsheet_import=spreadsheet_import, number=number, cells=cells)
            for number, cells in zip(table.numbers, table.rows, strict=True)
        ),
        batch_size=BATCH,
    )
    return spreadsheet_import


@longer()
def start(*, import_id: int) -> None:
    """Tries an open import: at once when that takes a moment, else in the worker, which the page follows."""
    started = Import.objects.filter(pk=import_id, state__in=[Import.State.OPEN, Import.State.TRYING])
    if not started.update(state=Import.State.TRYING, rows_done=0):
        return
    rows_total = Import.objects.values_list("rows_total", flat=True).get(pk=import_id)
    if rows_total <= ROWS_AT_ONCE and Listing.objects.count() <= LISTINGS_AT_ONCE:
        try_import(import_id=import_id)
    else:
        work_queue.defer("try_import", import_id=import_id)


def try_import(*, import_id: int) -> None:
    """Tries an import that waits for it; does nothing when it was given up meanwhile."""
    spreadsheet_import = Import.objects.get(pk=import_id)
    waiting = Import.objects.filter(pk=import_id, state=Import.State.TRYING)

    def report(done: int) -> None:
        if not waiting.update(rows_done=done):
            raise TrialStopped

    try:
        rows = try_rows(spreadsheet_import, report) if spreadsheet_import.is_ready else []
        with transaction.atomic():
            if waiting.update(state=Import.State.OPEN, rows_done=spreadsheet_import.rows_total):
                store_rows(rows)
    except TrialStopped:
        return
    except Exception:
        waiting.update(state=Import.State.FAILED, rows_done=0)
        raise


def try_rows(
    spreadsheet_import: Import, progress: ProgressReporter, *, weight: float = 1.0
) -> list[ImportRow]:
    """The rows in the order of their ranks, decided and not saved. `weight`: the share of the progress that this is."""
    rows = list(spreadsheet_import.rows.all())
    reader = RowReader(spreadsheet_import)
    steps = _Steps(progress, weight / 2)
    for row in rows:
        reader.read(row)
        steps.step()
    rows.sort(key=rank_key)
    _leave_out_remembered(rows, reader)
    finder = Finder(candidates_among(Listing.objects.all()), territory_of(reader.gazetteer))
    compare_rows(rows, finder, steps)
    decide_rows(rows, spreadsheet_import, reader.places_left_out)
    return rows


class _Steps:
    """Reports the progress now and then: each call is a part of a row."""

    def __init__(self, progress: ProgressReporter, part: float) -> None:
        self.progress, self.part, self.taken = progress, part, 0

    def step(self) -> None:
        self.taken += 1
        if self.taken % ROWS_BETWEEN_PROGRESS == 0:
            self.progress(int(self.taken * self.part))


def compare_rows(rows: list[ImportRow], finder: Finder, steps: _Steps) -> None:
    """Sets the ranks of sorted rows, and what each is or resembles among listings and other rows."""
    candidates, numbers = {}, {}
    for rank, row in enumerate(rows):
        numbers[rank] = row.number
        row.rank = rank
        if candidate := candidate_of_row(row):
            candidates[row.number] = candidate
            finder.add(candidate)
    for row in rows:
        candidate = candidates.get(row.number)
        row.exact = finder.exact(candidate) if candidate else None
        row.matches = with_numbers(finder.matches(candidate), numbers) if candidate else []
        steps.step()
    link_rows(rows)


def decide_rows(
    rows: Iterable[ImportRow], spreadsheet_import: Import, places_left_out: Collection[str]
) -> None:
    """Decides sorted rows, some hundreds at a time: four queries for each."""
    around = Surroundings(spreadsheet_import, places_left_out)
    for some in batched(rows, BATCH, strict=False):
        look_around(some, around)
        for row in some:
            decide(row, around)
            around.rows[row.number] = row


def look_around(rows: Collection[ImportRow], around: Surroundings) -> None:
    """Has the surroundings hold the listings that these rows are, are to change, or resemble: four queries."""
    asked = {row.exact for row in rows if row.exact}
    for target in {row.target for row in rows if row.target}:
        completed = around.rows.get(-target)
        asked |= (
            {target}
            if target > 0
            else {completed.listing_id}
            if completed and completed.listing_id
            else set()
        )
    neqs = {row.cleaned["values"].get("neq") for row in rows} - {None, ""}
    holders = dict(Listing.objects.filter(neq__in=neqs).values_list("neq", "pk"))
    alike = {match[0] for row in rows for match in row.matches if match[0] > 0}
    around.neq_holders = holders
    around.listings = Listing.objects.defer("document").in_bulk(asked)
    around.names = dict(
        Listing.objects.filter(pk__in={*alike, *asked, *holders.values()}).values_list("pk", "name")
    )
    around.managed = set(
        ListingRole.objects.filter(listing_id__in=asked).values_list("listing_id", flat=True)
    )


def _leave_out_remembered(rows: list[ImportRow], reader: RowReader) -> None:
    """A row that staff left out of a former file is left out of this one, until they take it again."""
    known = reader.answers[remembered.ROW]
    if known:
        for row in rows:
            if (
                not row.decision
                and remembered.value_key(remembered.ROW, row_text(row, reader.mapping)) in known
            ):
                row.left_out = True


def row_text(row: ImportRow, mapping: list[str]) -> str:
    """What makes a row the same one in another file: its cells that are read."""
    return " | ".join(cell for cell, field in zip(row.cells, mapping, strict=True) if field and cell)


def store_rows(rows: Iterable[ImportRow], fields: Collection[str] = TRIED) -> None:
    """Writes rows that exist, some hundreds a statement."""
    ImportRow.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=fields
    )


def rows_to_correct(spreadsheet_import: Import) -> list[list[str]]:
    """A header, then each row that does not come in, with why."""
    rows = spreadsheet_import.rows.filter(kind__in=NOT_IMPORTED)
    return [[*spreadsheet_import.header, _("Reason")]] + [
        [*row.cells, " ".join(row.reasons)] for row in rows.only("cells", "reasons")
    ]
