"""A list of municipalities sent by staff, from its upload to the moment when they apply it. Locks: its row, then the territory's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pole.files.tables import MAX_BYTES
from pole.files.uploads import Upload, read_upload
from pole.geo import territory
from pole.geo.gazetteer import municipality_name_key
from pole.geo.levels import levels_of
from pole.geo.territory_file import TerritoryFileError, TerritoryRow, read_rows
from pole.models import Hub, TerritoryUpload


def store(upload: Upload, *, file_name: str) -> None:
    """Keeps the list until it is applied; it takes the place of one that waits. Raises `TerritoryFileError`."""
    try:
        content = read_upload(upload, max_bytes=MAX_BYTES)
    except ValidationError as error:
        raise TerritoryFileError(*error.messages) from error
    hub = Hub.objects.first()
    levels = levels_of(hub)
    rows, successors = read_rows(
        content,
        is_quebec=hub is None or hub.country == Hub.Country.CANADA,
        town=levels.town_heading,
        headings={"name": levels.town, "mrc": levels.middle},
    )
    values = {
        "token": uuid.uuid4(), "file_name": file_name[-120:], "successors": successors,
        "rows": [row.as_json() for row in rows.values()],
    }  # fmt: skip
    TerritoryUpload.objects.update_or_create(id=1, defaults=values)


def waiting() -> TerritoryUpload | None:
    return TerritoryUpload.objects.first()


def changes_of(
    upload: TerritoryUpload, answers: Mapping[str, str] | None = None
) -> territory.TerritoryChanges:
    """What it changes today; `answers`: the successor, by code or by name, typed for a vanished code."""
    rows = {row.code: row for row in map(TerritoryRow.from_json, upload.rows)}
    successors = dict(upload.successors)
    for code, typed in (answers or {}).items():
        if typed.strip():
            successors[code] = _code_typed(typed.strip(), rows)
    return territory.find_changes(rows, successors)


def _code_typed(typed: str, rows: Mapping[str, TerritoryRow]) -> str:
    """The code of "69010", "69010 Franklin" or "Franklin"; what was typed when none or several are meant."""
    code = typed.split(maxsplit=1)[0].upper()
    if code in rows:
        return code
    key = municipality_name_key(typed)
    named = [row.code for row in rows.values() if municipality_name_key(row.name) == key]
    return named[0] if len(named) == 1 else typed[:80]


@transaction.atomic
def apply(token: str, answers: Mapping[str, str], *, by: Any = None) -> territory.TerritoryChanges:
    """Writes the list that was previewed. Raises `TerritoryFileError`."""
    upload = TerritoryUpload.objects.select_for_update().first()
    if upload is None or str(upload.token) != token:
        raise TerritoryFileError(_("This list has been applied or replaced since you opened the page."))
    changes = changes_of(upload, answers)
    territory.apply_changes(changes, by=by)
    upload.delete()
    return changes


def discard(token: str) -> None:
    """Forgets the list that was previewed; not one that has taken its place."""
    TerritoryUpload.objects.filter(token=token).delete()
