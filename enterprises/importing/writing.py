"""Writes the decided rows of a run into the directory, some hundreds at a time, in the transaction of the run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import batched
from typing import Any

from django.utils import timezone

from enterprises.duplicates.merging import remember_apart
from enterprises.importing.planning import (
    Surroundings,
    assign,
    changes_of,
    fills_of,
    values_to_create,
)
from enterprises.importing.trial import BATCH
from enterprises.listing.history import attributed_edit
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import Import, ImportRow, Listing, ListingRole
from enterprises.models import RowDecision as Decision
from enterprises.models import RowKind as Kind
from pole.text.slugs import unused_slugs


def edit_of(import_id: int) -> str:
    """The name of the edit that an import is in the history of the listings that it changes."""
    return f"import-{import_id}"


def write_rows(
    spreadsheet_import: Import, rows: Sequence[ImportRow], progress: Callable[[float], None]
) -> None:
    """`rows` in the order of their ranks, decided. `progress` is told which share of the work is done."""
    total = sum(1 for row in rows if row.kind in {Kind.CREATED, Kind.CHANGED}) or 1
    done = 0

    def report(written: int) -> None:
        nonlocal done
        done += written
        progress(done / total)

    with attributed_edit(
        by=spreadsheet_import.created_by,
        reason=spreadsheet_import.file_name,
        edit=edit_of(spreadsheet_import.pk),
    ):
        _create_listings(spreadsheet_import, rows, report)
        _change_listings(spreadsheet_import, rows, report)
    _remember_apart(spreadsheet_import, rows)


# --- New listings ---------------------------------------------------------------------------------


def _create_listings(
    spreadsheet_import: Import, rows: Sequence[ImportRow], report: Callable[[int], None]
) -> None:
    by_number = {row.number: row for row in rows}
    values = {
        row.number: values_to_create(row, spreadsheet_import) for row in rows if row.kind == Kind.CREATED
    }
    completed = _complete(values, rows, by_number)
    created = [row for row in rows if row.number in values]
    slugs = dict(
        zip(
            values,
            unused_slugs(
                (values[number]["name"] for number in values), Listing.objects.all(), fallback="fiche"
            ),
            strict=True,
        )
    )
    # A branch names the listing that it is a branch of.
    for is_branch in (False, True):
        waiting = [row for row in created if (row.decision == Decision.BRANCH) == is_branch]
        for some in batched(waiting, BATCH, strict=False):
            for row in some if is_branch else ():
                values[row.number]["parent_id"] = _parent_of(row, by_number)
            _insert(spreadsheet_import, some, values, slugs)
            report(len(some))
    for row, first in completed:
        row.listing_id = first.listing_id
        report(row.kind == Kind.CHANGED)


def _complete(
    values: dict[int, dict[str, Any]], rows: Sequence[ImportRow], by_number: dict[int, ImportRow]
) -> list[tuple[ImportRow, ImportRow]]:
    """Adds to the values of new listings what other rows complete them with: (each of these, the row that it completes)."""
    completed = []
    for row in rows:
        first = row
        while first.completes:
            first = by_number[first.completes]
        if first is not row and first.number in values:
            values[first.number] |= fills_of(first, values[first.number], row.cleaned["values"])
            completed.append((row, first))
    return completed


def _parent_of(row: ImportRow, by_number: dict[int, ImportRow]) -> int | None:
    """The key of the listing that a row is a branch of; a branch of a branch is one of the same enterprise."""
    key = row.target or 0
    while key < 0:
        named = by_number[-key]
        if named.decision == Decision.BRANCH:
            key = named.target or 0
        else:
            key = named.listing_id or -(named.completes or 0)
    parent = Listing.objects.defer("document").get(pk=key)
    return parent.parent_id or parent.pk


def _insert(
    spreadsheet_import: Import,
    rows: Iterable[ImportRow],
    values: dict[int, dict[str, Any]],
    slugs: dict[int, str],
) -> None:
    now = timezone.now()
    state = Listing.State.PUBLISHED if spreadsheet_import.publishes else Listing.State.DRAFT
    listings = []
    for row in rows:
        listing = Listing(slug=slugs[row.number], state=state, created_at=now)
        said = values[row.number]
        assign(listing, said)
        # What triggers would copy from the relations, written below.
        listing.sector_ids = sorted(said.get("sectors", []))
        listing.served = sorted(said.get("territory", []))
        listings.append(listing)
    for row, listing in zip(rows, Listing.objects.bulk_create(listings), strict=True):
        row.listing = listing
    Listing.sectors.through.objects.bulk_create(
        Listing.sectors.through(listing_id=listing.pk, sector_id=key)
        for listing in listings
        for key in listing.sector_ids
    )
    Listing.territory.through.objects.bulk_create(
        Listing.territory.through(listing_id=listing.pk, mrc_id=code)
        for listing in listings
        for code in listing.served
    )


# --- Listings that exist --------------------------------------------------------------------------


def _change_listings(
    spreadsheet_import: Import, rows: Sequence[ImportRow], report: Callable[[int], None]
) -> None:
    created = {row.listing_id for row in rows if row.kind == Kind.CREATED}
    by_listing: dict[int, list[ImportRow]] = defaultdict(list)
    for row in rows:
        if row.kind == Kind.CHANGED and row.listing_id and row.listing_id not in created:
            by_listing[row.listing_id].append(row)
    for keys in batched(sorted(by_listing), BATCH, strict=False):
        listings = Listing.objects.defer("document").select_for_update().filter(pk__in=keys).order_by("pk")
        neqs = {row.cleaned["values"].get("neq") for key in keys for row in by_listing[key]} - {None, ""}
        holders = dict(Listing.objects.filter(neq__in=neqs).values_list("neq", "pk"))
        roles = ListingRole.objects.filter(listing_id__in=keys)
        around = Surroundings(
            spreadsheet_import,
            managed=set(roles.values_list("listing_id", flat=True)),
            neq_holders=holders,
        )
        for listing in listings:
            _change(listing, by_listing[listing.pk], around, holders)
        report(sum(len(by_listing[key]) for key in keys))


def _change(
    listing: Listing, rows: Iterable[ImportRow], around: Surroundings, holders: dict[str, int]
) -> None:
    """Writes what each of some rows changes, read again under the lock of the listing."""
    changed: dict[str, Any] = {}
    for row in rows:
        changes = changes_of(listing, row.cleaned["values"], around)
        assign(listing, changes)
        for relation in COLUMN_OF_RELATION.keys() & changes.keys():
            setattr(listing, COLUMN_OF_RELATION[relation], changes[relation])
        if listing.neq:
            holders.setdefault(listing.neq, listing.pk)
        changed |= changes
    if changed:
        listing.version += 1
        listing.save(update_fields=[*(changed.keys() - COLUMN_OF_RELATION.keys()), "version", "updated_at"])
        for relation in COLUMN_OF_RELATION.keys() & changed.keys():
            getattr(listing, relation).set(changed[relation])


# --- What was answered ----------------------------------------------------------------------------


def _remember_apart(spreadsheet_import: Import, rows: Iterable[ImportRow]) -> None:
    """« C'est une autre entreprise » : nobody is asked again, neither here nor in the queue."""
    by_number = {row.number: row for row in rows}
    pairs = set()
    for row in by_number.values():
        if row.kind == Kind.CREATED and row.listing_id and row.decision:
            for key, *_likeness in row.matches:
                other = key if key > 0 else by_number[-key].listing_id
                if other and other != row.listing_id:
                    pairs.add((row.listing_id, other))
    remember_apart(pairs, spreadsheet_import.created_by)
