"""Taking back a whole import, and publishing what it left to be read again.

What it created is deleted unless someone has touched it since; what it changed takes back what it said before, field by
field, unless someone has edited the field since. What stays is listed with why.

Locks: the row of the import, then the listings' rows in the order of their keys.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from enterprises.importing.trial import BATCH
from enterprises.importing.writing import edit_of
from enterprises.listing.history import attributed_edit
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import Import, Listing, ListingVersion
from enterprises.models import RowKind as Kind
from pole.models import Municipality
from pole.refusals import Refusal
from pole.server import work_queue
from pole.server.database.limits import longer

# Of what belongs to a listing: the relation, and why the listing is then kept.
_BELONGINGS: dict[str, str | Promise] = {
    "roles": _("someone keeps it"),
    "claims": _("someone asked to keep it"),
    "proposals": _("a change was proposed"),
    "attestations": _("it has an attestation"),
    "photos": _("it has photos"),
    "documents": _("it has documents"),
    "invitations": _("someone was invited to keep it"),
    "merged": _("another listing was merged into it"),
}
EDITED: str | Promise = _("someone has edited it since")
MERGED: str | Promise = _("it was merged into another listing")
BRANCHES: str | Promise = _("a branch of it is kept")
TOWN_GONE: str | Promise = _("the municipality that it had is gone")


class UndoRefused(Refusal):
    messages = {
        "not_done": _("This import is not one that can be undone: it was never written, or is undone.")
    }


@dataclass(slots=True)
class Undo:
    """What undoing does: keys of listings."""

    deleted: list[int] = field(default_factory=list)
    # The fields that take back what they said.
    restored: dict[int, list[str]] = field(default_factory=dict)
    # Why a listing is kept, or some of its fields.
    kept: dict[int, list[str]] = field(default_factory=dict)


def plan_undo(spreadsheet_import: Import) -> Undo:
    """A constant number of queries."""
    rows = list(
        spreadsheet_import.rows.filter(
            kind__in=[Kind.CREATED, Kind.CHANGED], listing__isnull=False
        ).values_list("listing_id", "kind")
    )
    created = {key for key, kind in rows if kind == Kind.CREATED}
    undo = Undo()
    _plan_created(undo, spreadsheet_import, created)
    _plan_changed(undo, spreadsheet_import, {key for key, _kind in rows} - created)
    return undo


def _later_edits(keys: Collection[int], import_id: int) -> dict[int, set[str]]:
    """The columns of each listing that say something else since someone changed them, publishing and hiding apart."""
    edits: dict[int, set[str]] = defaultdict(set)
    # The first edit that follows the import: the version before it is what the import left.
    first: dict[int, int] = {}
    versions = ListingVersion.objects.filter(listing_id__in=keys).order_by("pk")
    for version, key, edit, changed in versions.values_list("pk", "listing_id", "edit", "changed"):
        if edit == edit_of(import_id):
            edits.pop(key, None)
            first.pop(key, None)
        else:
            edits[key] |= set(changed) - {"state", "updated_at", "version"}
            first.setdefault(key, version)
    left = dict(versions.filter(pk__in=first.values()).values_list("listing_id", "before"))
    for key, row in _rows_now(edits):
        # What was changed, then given back, is no edit.
        edits[key] = {name for name in edits[key] if row.get(name) != left[key].get(name)}
    return edits


def _rows_now(keys: Iterable[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each listing as its versions store it, by column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, to_jsonb(listing) - 'document' FROM enterprises_listing AS listing WHERE id = ANY(%s)",
            [list(keys)],
        )
        for key, row in cursor:
            yield key, json.loads(row) if isinstance(row, str) else row


def _plan_created(undo: Undo, spreadsheet_import: Import, keys: Collection[int]) -> None:
    why: dict[int, list[str]] = defaultdict(list)
    for key, columns in _later_edits(keys, spreadsheet_import.pk).items():
        if columns:
            why[key].append(str(MERGED if "merged_into_id" in columns else EDITED))
    for relation, reason in _BELONGINGS.items():
        holders = Listing.objects.filter(pk__in=keys, **{f"{relation}__isnull": False}).distinct()
        for key in holders.values_list("pk", flat=True):
            why[key].append(str(reason))
    doomed = set(keys) - why.keys()
    for key in (
        Listing.objects.filter(parent__in=doomed).exclude(pk__in=doomed).values_list("parent_id", flat=True)
    ):
        why[key] = [str(BRANCHES)]
    undo.deleted = sorted(doomed - why.keys())
    undo.kept |= why


def _plan_changed(undo: Undo, spreadsheet_import: Import, keys: Collection[int]) -> None:
    edits = _later_edits(keys, spreadsheet_import.pk)
    versions = ListingVersion.objects.filter(listing_id__in=keys, edit=edit_of(spreadsheet_import.pk))
    towns = set(Municipality.objects.values_list("code", flat=True))
    for key, changed, before in versions.values_list("listing_id", "changed", "before"):
        since = edits.get(key, set())
        undo.restored[key] = [name for name in changed if name not in since]
        if since & set(changed):
            undo.kept[key] = [str(EDITED)]
        if "municipality_id" in undo.restored[key] and before.get("municipality_id") not in towns:
            undo.restored[key].remove("municipality_id")
            undo.kept.setdefault(key, []).append(str(TOWN_GONE))
    undo.restored = {key: names for key, names in undo.restored.items() if names}


@longer()
@transaction.atomic
def enqueue(*, import_id: int, by: User) -> None:
    """Asks that the import be undone soon. Raises `UndoRefused`."""
    spreadsheet_import = Import.objects.select_for_update().get(pk=import_id)
    if spreadsheet_import.state != Import.State.DONE:
        raise UndoRefused
    Import.objects.filter(pk=import_id).update(state=Import.State.UNDOING, rows_done=0)
    journal.note(action="undone", kind="import", key=import_id, by=by)
    work_queue.defer("undo_import", import_id=import_id, by=by.pk)


def undo(*, import_id: int, by: User | None) -> Undo:
    """Undoes a run, once: everything that may be, or nothing, and it may be asked again. Raises `UndoRefused`."""
    try:
        return _undo(import_id, by)
    except (OperationalError, InterfaceError):
        # The database went away: the task begins again once it is back.
        raise
    except Exception:
        Import.objects.filter(pk=import_id, state=Import.State.UNDOING).update(state=Import.State.DONE)
        raise


@transaction.atomic
def _undo(import_id: int, by: User | None) -> Undo:
    spreadsheet_import = Import.objects.select_for_update().get(pk=import_id)
    if spreadsheet_import.state not in {Import.State.DONE, Import.State.UNDOING}:
        raise UndoRefused
    planned = plan_undo(spreadsheet_import)
    names = dict(Listing.objects.filter(pk__in=planned.kept).values_list("pk", "name"))
    with attributed_edit(by=by, reason=spreadsheet_import.file_name, edit=f"{edit_of(import_id)}-undo"):
        for keys in batched(sorted(planned.restored), BATCH, strict=False):
            _restore(spreadsheet_import, keys, planned.restored)
        # Branches first: one that loses its parent, then goes, would leave a version of a listing that is gone.
        for doomed in (Listing.objects.exclude(parent=None), Listing.objects.all()):
            for keys in batched(planned.deleted, BATCH, strict=False):
                doomed.filter(pk__in=keys).delete()
    Import.objects.filter(pk=import_id).update(
        state=Import.State.UNDONE,
        kept=[[key, names.get(key, ""), why] for key, why in sorted(planned.kept.items())],
    )
    return planned


def _restore(spreadsheet_import: Import, keys: Iterable[int], names: dict[int, list[str]]) -> None:
    before = dict(
        ListingVersion.objects.filter(listing_id__in=keys, edit=edit_of(spreadsheet_import.pk)).values_list(
            "listing_id", "before"
        )
    )
    relations = {column: relation for relation, column in COLUMN_OF_RELATION.items()}
    known = {relation: _keys_of(relation) for relation in relations.values()}
    for listing in Listing.objects.defer("document").select_for_update().filter(pk__in=keys).order_by("pk"):
        columns: dict[str, Any] = {name: before[listing.pk].get(name) for name in names[listing.pk]}
        for copied in relations.keys() & columns.keys():
            relation = relations[copied]
            getattr(listing, relation).set(known[relation].intersection(columns.pop(copied) or []))
        for name, value in columns.items():
            column: Any = Listing._meta.get_field(name.removesuffix("_id"))
            setattr(listing, name, column.to_python(value))
        listing.version += 1
        listing.save(update_fields=[*(name.removesuffix("_id") for name in columns), "version", "updated_at"])


def _keys_of(relation: str) -> set[Any]:
    """Of what a listing may be related to today: a sector may be gone since."""
    model: Any = Listing._meta.get_field(relation).related_model
    return set(model._default_manager.values_list("pk", flat=True))


# --- Publishing -----------------------------------------------------------------------------------


def drafts_of(spreadsheet_import: Import) -> Any:
    """The listings that it created and that visitors do not find yet."""
    created = spreadsheet_import.rows.filter(kind=Kind.CREATED, listing__isnull=False)
    return Listing.objects.filter(
        pk__in=created.values("listing_id"), state=Listing.State.DRAFT, merged_into=None
    )


@longer()
@transaction.atomic
def publish_all(*, import_id: int, by: User) -> int:
    """Publishes what an import created and nobody has published: how many."""
    spreadsheet_import = Import.objects.select_for_update().get(pk=import_id)
    if spreadsheet_import.state != Import.State.DONE:
        return 0
    keys = list(drafts_of(spreadsheet_import).order_by("pk").select_for_update().values_list("pk", flat=True))
    with attributed_edit(by=by, reason=spreadsheet_import.file_name, edit=f"{edit_of(import_id)}-publish"):
        published: int = Listing.objects.filter(pk__in=keys).update(state=Listing.State.PUBLISHED)
    if published:
        Import.objects.filter(pk=import_id).update(publishes=True)
        journal.note(action="published", kind="import", key=import_id, by=by)
    return published
