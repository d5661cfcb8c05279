"""Which column of a spreadsheet holds what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enterprises.listing_fields import fields_in
from enterprises.models import ColumnChoice
from pole.search import unaccented

# A column of addresses is cut into several fields. Staff's answers are stored under these names.
_STORED_AS = {"street": "address"}


def _columns() -> Iterator[tuple[str, str | Promise, str]]:
    for each in fields_in("import"):
        yield _STORED_AS.get(each.name, each.name), each.label, each.headings
        if each.name == "postal_code":
            # Not a field of a listing: it only distinguishes municipalities of one name.
            yield (
                "mrc",
                _("MRC of the address"),
                "mrc territoire nommrc mrcouagglomeration territoiredappartenance",
            )


# What a column may hold, in the order of the choices.
FIELDS = {name: label for name, label, _headings in _columns()}
_BY_HEADER = {heading: name for name, _label, headings in _columns() for heading in headings.split()}

# How the headings of what no import does without begin.
_BY_PART = {"name": r"nom(?!bre)|name", "municipality": r"ville|municip"}


def header_key(header: str) -> str:
    """ "Code postal", "CODE_POSTAL" and "CodePostal" are one."""
    return re.sub(r"[^a-z0-9]", "", unaccented(header))[:80]


def is_known_heading(header: str) -> bool:
    """Whether spreadsheets of enterprises usually have this heading: for `read_table` to find the row that names the columns."""
    return header_key(header) in _BY_HEADER


def guess_mapping(header: Sequence[str]) -> list[str]:
    """A field's name for each column, "" where none is known; no field twice. One query.

    What staff last chose for a heading overrides the guess.
    """
    keys = [header_key(each) for each in header]
    field_by_header = dict(ColumnChoice.objects.filter(header__in=keys).values_list("header", "field"))
    chosen: list[str] = []
    for key in keys:
        field = field_by_header.get(key, _BY_HEADER.get(key, ""))
        chosen.append(field if field in FIELDS and field not in chosen else "")
    for field, marks in _BY_PART.items():
        if field not in chosen:
            # « Nom du membre », « Ville ou village »: only when nothing else is it.
            likely = (at for at, key in enumerate(keys) if not chosen[at] and key not in field_by_header)
            at = next((at for at in likely if re.match(marks, keys[at])), None)
            if at is not None:
                chosen[at] = field
    return chosen


def save_choices(header: Sequence[str], mapping: Sequence[str]) -> None:
    """Stores the field that staff chose for each named column."""
    rows = {
        header_key(name): ColumnChoice(header=header_key(name), field=field)
        for name, field in zip(header, mapping, strict=True)
        if header_key(name)
    }
    ColumnChoice.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["header"], update_fields=["field"]
    )


def known_headings() -> Callable[[str], bool]:
    """As `is_known_heading`, and those that staff chose a field for: one query."""
    chosen = set(ColumnChoice.objects.exclude(field="").values_list("header", flat=True))
    return lambda cell: is_known_heading(cell) or header_key(cell) in chosen
