"""Imports of listings, for tests: opened, tried, answered and run without a worker."""

from __future__ import annotations

from enterprises.importing import answers, running, trial
from enterprises.importing.answers import RowAnswer, TownAnswer
from enterprises.models import Import, ImportRow
from pole.files.tables import Table


def silent(_done):
    """For whoever asks to be told of the progress."""


def table_of(header, rows):
    return Table(list(header), [list(row) for row in rows], list(range(2, len(rows) + 2)))


def opened(rows, header, /, **said) -> Import:
    """An import that was tried, with what staff answered: `towns`, `rows`, and options of the import."""
    spreadsheet_import = trial.open_import(table=table_of(header, rows), file_name="liste.csv", by=None)
    trial.start(import_id=spreadsheet_import.pk)
    return said_of(spreadsheet_import, **said)


def said_of(spreadsheet_import, *, towns=None, rows=None, values=None, **options) -> Import:
    key = spreadsheet_import.pk
    if options:
        chosen = {"only_fills": True, "publishes": True, "applies_guesses": False} | options
        answers.choose_options(import_id=key, **chosen)
    if towns:
        answers.answer_questions(
            import_id=key, towns=[TownAnswer(name, code) for name, code in towns.items()], by=None
        )
    if values:
        answers.answer_questions(import_id=key, values=values, by=None)
    if rows:
        answers.answer_rows(
            import_id=key, answers={number: row_answer(said) for number, said in rows.items()}, by=None
        )
    return Import.objects.get(pk=key)


def row_answer(said) -> RowAnswer:
    """ "create", "leave_out", "undo", or "update" or "branch" with the key of a listing, or minus the number of a row."""
    action, _colon, target = said.partition(":")
    return RowAnswer(action, int(target or 0))


def run(spreadsheet_import, progress=silent) -> Import:
    return running.run(import_id=spreadsheet_import.pk, progress=progress)


def imported(rows, header, /, **said) -> Import:
    return run(opened(rows, header, **{"publishes": True} | said))


def rows_of(spreadsheet_import) -> list[ImportRow]:
    return list(spreadsheet_import.rows.order_by("number"))


def kinds(spreadsheet_import) -> list[str]:
    return [row.kind for row in rows_of(spreadsheet_import)]


def one(cells, /, **said) -> ImportRow:
    """The row of an import that has no other."""
    (row,) = rows_of(opened([list(cells.values())], list(cells), **said))
    return row
