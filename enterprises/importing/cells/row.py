"""What a row becomes, and what is said of the cells that could not be as they were written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import escape
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from enterprises.importing.columns import FIELDS
from enterprises.models import Listing
from pole.files.tables.encodings import DESTROYED
from pole.geo.gazetteer import MunicipalityMatch
from pole.text.bilingual import FRENCH
from pole.text.plaintext import clean_line, shortened
from pole.text.richtext import clean_html


@dataclass(slots=True)
class CleanedRow:
    """The values of one row, by field of the listing; `sectors` and `territory` are lists of keys."""

    values: dict[str, Any] = field(default_factory=dict)
    # Why the row is refused.
    problems: list[str] = field(default_factory=list)
    # What was left out or corrected, to show to staff.
    notes: list[str] = field(default_factory=list)
    match: MunicipalityMatch | None = None
    written_municipality: str = ""
    # Lines of `values["staff_note"]`: whole cells of which a listing holds a part.
    kept: list[str] = field(default_factory=list)


def label_of(name: str) -> str:
    return capfirst(str(FIELDS.get(name) or column(name).verbose_name))


def column(name: str) -> models.Field[Any, Any]:
    found = Listing._meta.get_field(name)
    assert isinstance(found, models.Field)  # noqa: S101 - a column, not a relation from elsewhere
    return found


def length_of(name: str) -> int:
    return column(name).max_length or 0


def leave_empty(row: CleanedRow, name: str, cell: str, error: ValidationError) -> None:
    message = _("%(column)s left empty: “%(text)s”. %(reason)s")
    text = shortened(cell, 60)
    row.notes.append(
        message % {"column": label_of(name), "text": text, "reason": capfirst(error.messages[0])}
    )


def keep_whole(row: CleanedRow, name: str, cell: str) -> None:
    """In the team's note: a listing holds a part of what the cell says."""
    line = f"{label_of(name)}\N{NO-BREAK SPACE}: {clean_line(cell)}"
    row.kept.append(line)
    row.notes.append(_("Kept in the team’s note: %(text)s") % {"text": shortened(line, 160)})


def shorten_sentences(row: CleanedRow) -> None:
    """A mission that is a paragraph becomes a sentence, and the whole is the description, if there is none."""
    for name in ("mission", "street", "opening_hours", "quote_contact"):
        text = row.values.get(name, "")
        if len(text) <= length_of(name):
            continue
        row.values[name] = shortened(text, length_of(name))
        if name == "mission" and not row.values.get("description"):
            row.values["description"] = clean_html(paragraphs(text), language=FRENCH)
            row.notes.append(_("The mission is longer than a sentence: the whole is in the description."))
        else:
            keep_whole(row, name, text)


def drop_refused_values(row: CleanedRow) -> None:
    """What a column of the database would not take is left empty: nothing else of the row is lost."""
    for name, value in list(row.values.items()):
        if name in {"municipality_id", "sectors", "territory"} or value in ("", None, []):
            continue
        try:
            column(name).run_validators(value)
        except ValidationError as error:
            del row.values[name]
            leave_empty(row, name, str(value), error)


def note_destroyed(row: CleanedRow, written: dict[str, str]) -> None:
    names = [label_of(name) for name, cell in written.items() if DESTROYED in cell]
    if names:
        message = _("Letters were lost in the file (%(mark)s), to be written again: %(columns)s.")
        row.notes.append(message % {"mark": DESTROYED, "columns": ", ".join(names)})


def note_unknown(row: CleanedRow, label: str, unknown: list[str]) -> None:
    if unknown:
        row.notes.append(_("%(column)s: “%(text)s” is not known and was left out.") % {
            "column": label, "text": ", ".join(unknown)[:120]})  # fmt: skip


def paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in re.split(r"\n+", text) if part.strip())
