"""Possible duplicates: finding them, remembering that they are none, making one listing of two.

Locks: both listings' rows in the order of their keys, then what belongs to them.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import User
from enterprises.duplicates.similarity import Card, Index
from enterprises.duplicates.territory import territory_of
from enterprises.listing.history import recorded
from enterprises.listing_fields import RELATIONS, fields_in
from enterprises.models import DuplicatePair, Listing, ListingRole
from enterprises.ownership.email_domains import own_domain
from pole.geo.gazetteer import load_gazetteer

# What a person may take from the listing that goes.
FIELDS = tuple(each.name for each in fields_in("merge"))
_CHILDREN = ("photos", "documents", "attestations", "proposals", "claims", "checkups", "invitations")


class MergeRefused(Exception):
    """One of the two is no longer there to be merged."""


def find_pairs(keys: Collection[int] | None = None) -> int:
    """Notes the possible duplicates of these listings, or of all; how many are new. Known answers stay.

    Two queries to read, however many listings.
    """
    columns = ("pk", "name", "neq", "website", "phone", "municipality_id", "other_names")
    rows = Listing.objects.exclude(state=Listing.State.ARCHIVED).order_by("pk").values_list(*columns)
    cards = [
        Card(pk, name, neq, own_domain(site), phone, town, tuple(others))
        for pk, name, neq, site, phone, town, others in rows
    ]
    index = Index(cards, territory_of(load_gazetteer()))
    found: dict[tuple[int, int], float] = {}
    for card in cards:
        if keys is None or card.key in keys:
            for match in index.matches(card):
                found[min(card.key, match.card.key), max(card.key, match.card.key)] = match.likeness
    known = set(DuplicatePair.objects.values_list("first_id", "second_id"))
    pairs = [
        DuplicatePair(first_id=first, second_id=second, likeness=likeness)
        for (first, second), likeness in found.items()
        if (first, second) not in known
    ]
    DuplicatePair.objects.bulk_create(pairs, ignore_conflicts=True)
    return len(pairs)


@transaction.atomic
def set_apart(*, pair_id: int, by: User) -> None:
    """« Pas un doublon »: remembered."""
    pair = DuplicatePair.objects.select_for_update().filter(pk=pair_id).first()
    if pair is None or pair.state == DuplicatePair.State.APART:
        return
    pair.state, pair.decided_by = DuplicatePair.State.APART, by
    pair.save(update_fields=["state", "decided_by"])
    audit.record(action="apart", kind="listing", key=pair.first_id, by=by)


@transaction.atomic
def merge(*, kept: int, gone: int, taken: Collection[str], by: User) -> Listing:
    """Makes one listing of two: `taken` names the fields of `gone` that replace those of `kept`.

    What `kept` lacks it takes anyway. Managers, photos, documents and the rest follow; the address of
    `gone` leads to `kept`; both histories stay. Raises `MergeRefused`.
    """
    rows = {
        row.pk: row
        for row in Listing.objects.defer("document")
        .select_for_update()
        .filter(pk__in=[kept, gone])
        .order_by("pk")
    }
    if len(rows) != 2 or any(row.state == Listing.State.ARCHIVED for row in rows.values()):
        raise MergeRefused
    stays, leaves = rows[kept], rows[gone]
    reason = f"{leaves.name} → {stays.name}"
    with recorded(by=by, reason=reason):
        names = [name for name in FIELDS if name in taken or not _held(stays, name)]
        values = {name: _held(leaves, name) for name in names if _held(leaves, name)}
        if "phone" in values:
            # The extension belongs to the number.
            values["phone_extension"] = leaves.phone_extension
        former = {stays.name, leaves.name, *stays.other_names, *leaves.other_names}
        leaves.state, leaves.merged_into, leaves.neq = Listing.State.ARCHIVED, stays, ""
        leaves.version += 1
        leaves.save()
        _take(stays, values)
        stays.other_names = sorted(former - {stays.name})[:40]
        stays.version += 1
        stays.save()
    _move(leaves, stays)
    audit.record(action="merge", kind="listing", key=stays.pk, by=by, reason=reason)
    return stays


def _held(listing: Listing, name: str) -> object:
    if name in RELATIONS:
        return list(getattr(listing, name).values_list("pk", flat=True))
    return getattr(listing, f"{name}_id" if name == "municipality" else name)


def _take(stays: Listing, values: dict[str, object]) -> None:
    for name, value in values.items():
        if name in RELATIONS:
            getattr(stays, name).set(value)
        else:
            setattr(stays, f"{name}_id" if name == "municipality" else name, value)


def _move(leaves: Listing, stays: Listing) -> None:
    for role in leaves.roles.all():
        owner = role.role == ListingRole.Role.OWNER
        known, is_new = ListingRole.objects.get_or_create(
            listing=stays, user_id=role.user_id, defaults={"role": role.role, "since": role.since}
        )
        if owner and not is_new:
            ListingRole.objects.filter(pk=known.pk).update(role=ListingRole.Role.OWNER)
    leaves.roles.all().delete()
    # What may stand once a listing stays with the one that goes, when the other has its own.
    stays_open = {
        "attestations": Q(state="pending"), "checkups": Q(answer=""), "proposals": Q(state="pending", kind="identity"),
        "claims": Q(state__in=["code_sent", "waiting"]), "invitations": Q(),
    }  # fmt: skip
    for child in _CHILDREN:
        rows = getattr(leaves, child).all()
        if child in stays_open and getattr(stays, child).filter(stays_open[child]).exists():
            rows = rows.exclude(stays_open[child])
        rows.update(listing=stays)
    Listing.objects.filter(merged_into=leaves).update(merged_into=stays)
    DuplicatePair.objects.filter(Q(first=leaves) | Q(second=leaves)).delete()


def final_slug(slug: str) -> str | None:
    """The address of the published listing that a merged one leads to; None when there is none."""
    found = Listing.objects.filter(slug=slug, merged_into__state=Listing.State.PUBLISHED)
    return found.values_list("merged_into__slug", flat=True).first()
