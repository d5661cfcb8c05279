"""The history of a listing: who changed what, and restoring an earlier version.

A trigger stores the row as it was before each edit (see `sql/02_listing.sql`); this module gives it the author
and the reason, reads the versions, and restores one.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import journal
from accounts.models import User
from enterprises.listing_fields import COLUMN_OF_RELATION, SYSTEM_COLUMNS
from enterprises.models import Listing, ListingVersion, Sector
from pole.models import Mrc, Municipality
from pole.text.richtext import plain_text

_LABELS = {
    "municipality_id": "municipality",
    "parent_id": "parent",
    "merged_into_id": "",
    **{column: name for name, column in COLUMN_OF_RELATION.items()},
}


@contextlib.contextmanager
def attributed_edit(*, by: User | None, reason: str = "", edit: str = "") -> Iterator[None]:
    """Every change of a listing within is one edit, by `by`. Only in a transaction: sets transaction-local settings.

    `edit` names it, for what is to find its versions again; at most 40 characters.
    """
    _set_edit_variables(str(by.pk) if by else "", reason[:200], edit or uuid.uuid4().hex)
    yield
    _set_edit_variables("", "", "")


def _set_edit_variables(actor: str, reason: str, edit: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pole.actor', %s, true), set_config('pole.reason', %s, true),"
            " set_config('pole.edit', %s, true)",
            [actor, reason, edit],
        )


@dataclass(frozen=True, slots=True)
class Change:
    label: str | Promise
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    version: ListingVersion
    changes: list[Change]


def edits_of(listing: Listing, *, limit: int = 100) -> list[Edit]:
    """The latest edits, newest first, with what each changed: five queries."""
    versions = list(
        listing.versions.select_related("actor").order_by("-at", "-id")[:limit].fetch_mode(models.FETCH_RAISE)
    )
    formatter = ValueFormatter()
    after = _current_row(listing)
    edits = []
    for version in versions:
        changes = [
            Change(
                _label(name),
                formatter.format(name, version.before.get(name)),
                formatter.format(name, after.get(name)),
            )
            for name in version.changed
        ]
        edits.append(Edit(version, changes))
        after = version.before
    return edits


def _current_row(listing: Listing) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (to_jsonb(listing) - 'document' - 'name_key')::text FROM enterprises_listing listing WHERE id = %s",
            [listing.pk],
        )
        return dict(json.loads(cursor.fetchone()[0]))


def _label(name: str) -> str | Promise:
    try:
        found = Listing._meta.get_field(_LABELS.get(name, name))
    except Exception:  # noqa: BLE001 - a column that is gone has no label
        return name
    return getattr(found, "verbose_name", name)


class ValueFormatter:
    """Formats the stored values of columns for people: names instead of codes and keys. Three queries, at first, and one for each enterprise of a branch."""

    def __init__(self, *, separator: str = ", ") -> None:
        self.separator = separator
        self.municipality_names = {
            municipality.code: str(municipality) for municipality in Municipality.objects.all()
        }
        self.sectors = {sector.pk: sector.name for sector in Sector.objects.all()}
        self.mrcs = {mrc.code: mrc.name for mrc in Mrc.objects.all()}

    def format(self, name: str, value: Any) -> str:
        if name in {"municipality_id", "parent_id"}:
            return self._name_of(name, value)
        if name in {"sector_ids", "served"}:
            names = self.sectors if name == "sector_ids" else self.mrcs
            return ", ".join(names.get(key, "?") for key in value or [])
        if isinstance(value, list):
            return self.separator.join(str(each) for each in value)
        if name.startswith("description"):
            return plain_text(value or "")
        choices = dict(getattr(_field(name), "choices", None) or ())
        return str(choices.get(value, "" if value is None else value))

    def _name_of(self, name: str, key: Any) -> str:
        if name == "municipality_id":
            return self.municipality_names.get(key, str(key or ""))
        found = Listing.objects.filter(pk=key).values_list("name", flat=True).first() if key else None
        return found or ""


def may_have_branches(listing_id: int) -> bool:
    """Whether a listing is there, and is no branch itself."""
    return Listing.objects.filter(pk=listing_id, parent=None, merged_into=None).exists()


def _field(name: str) -> Any:
    return Listing._meta.get_field(name)


@transaction.atomic
def restore(*, listing_id: int, version_id: int, by: User) -> Listing:
    """Restores what a listing said before an edit; that, too, is an edit.

    Its address, state and managers do not change. Locks the listing's row. Raises `ListingVersion.DoesNotExist`,
    and `ValidationError` when the row can't be as it was (another listing has its NEQ now).
    """
    listing = Listing.objects.lock(listing_id)
    version = ListingVersion.objects.get(pk=version_id, listing=listing)
    restored = {
        column.attname for column in Listing._meta.concrete_fields if column.name not in SYSTEM_COLUMNS
    }
    for name, value in version.before.items():
        if name not in restored:
            continue
        if name == "logo" and value and not default_storage.exists(value):
            continue
        setattr(listing, name, _field(name.removesuffix("_id")).to_python(value))
    if listing.neq and Listing.objects.filter(neq=listing.neq).exclude(pk=listing_id).exists():
        raise ValidationError(_("Another listing already has this NEQ."))
    if not Municipality.objects.filter(pk=listing.municipality_id).exists():
        raise ValidationError(_("The municipality of that time is no longer in the territory."))
    if listing.parent_id and (not may_have_branches(listing.parent_id) or listing.branches.exists()):
        listing.parent_id = None
    listing.version += 1
    with attributed_edit(
        by=by, reason=_("Restored as it was before %(day)s") % {"day": f"{version.at:%Y-%m-%d %H:%M}"}
    ):
        listing.save()
        listing.sectors.set(Sector.objects.filter(pk__in=version.before.get("sector_ids", [])))
        listing.territory.set(Mrc.objects.filter(pk__in=version.before.get("served", [])))
    journal.record(action="restore", kind="listing", key=listing.pk, by=by)
    return listing
