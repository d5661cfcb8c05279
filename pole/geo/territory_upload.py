"""A list of municipalities sent by staff, from its upload to the moment when they apply it. Locks: its row, then the territory's."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pole.files.uploads import MEBIBYTE, Upload, read_upload
from pole.geo import territory
from pole.geo.levels import levels_of
from pole.geo.positions import bounds_of
from pole.geo.territory_file import TerritoryFile, TerritoryFileError, TerritoryRow, read_file
from pole.models import Hub, TerritoryUpload

# Outlines as they are published are heavy; the server in front takes no more.
MAX_BYTES = 20 * MEBIBYTE


def store(upload: Upload, *, file_name: str) -> None:
    """Keeps the list until it is applied; it takes the place of one that waits. Raises `TerritoryFileError`."""
    try:
        content = read_upload(upload, max_bytes=MAX_BYTES)
    except ValidationError as error:
        raise TerritoryFileError(*error.messages) from error
    file = read_for_hub(content)
    values = {
        "token": uuid.uuid4(), "file_name": file_name[-120:], "successors": file.successors, "names": file.names,
        "notes": file.notes, "rows": [row.as_json() for row in file.rows.values()],
    }  # fmt: skip
    TerritoryUpload.objects.update_or_create(id=1, defaults=values)


def read_for_hub(content: bytes) -> TerritoryFile:
    """A file as this hub reads it: its country, and what it calls its levels. Raises `TerritoryFileError`."""
    hub = Hub.objects.first()
    levels = levels_of(hub)
    return read_file(
        content,
        is_quebec=hub is None or hub.country == Hub.Country.CANADA,
        bounds=bounds_of(hub),
        town=levels.town_heading,
        headings={"name": levels.town, "mrc": levels.middle},
    )


def waiting() -> TerritoryUpload | None:
    return TerritoryUpload.objects.first()


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered beside the list: by vanished code, what takes its place; the MRCs that have another name."""

    successors: Mapping[str, str] = field(default_factory=dict)
    renamed_mrcs: Collection[str] = ()


def changes_of(upload: TerritoryUpload, answers: Answers | None = None) -> territory.TerritoryChanges:
    """What it changes today."""
    answers = answers or Answers()
    rows = {row.code: row for row in map(TerritoryRow.from_json, upload.rows)}
    file = TerritoryFile(rows, upload.successors, upload.names, tuple(upload.notes))
    return territory.find_changes(file, answers.successors, renamed_mrcs=answers.renamed_mrcs)


@transaction.atomic
def apply(token: str, answers: Answers, *, by: Any = None) -> territory.TerritoryChanges:
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
