"""Possible duplicates: finding them, dismissing a pair, merging two listings.

Locks: both listings' rows in the order of their keys, then what belongs to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from enterprises.duplicates.nearby import listings_near
from enterprises.duplicates.similarity import EVIDENCE, Candidate, CandidateIndex, evidence_of
from enterprises.duplicates.territory import territory_of
from enterprises.listing.history import attributed_edit
from enterprises.listing.refusals import AlreadyDecided
from enterprises.listing_fields import COLUMN_OF_RELATION, fields_in
from enterprises.models import DuplicatePair, Listing, ListingQuerySet, ListingRole
from enterprises.models.listing import MAX_STAFF_NOTE
from enterprises.ownership.email_domains import own_domain
from enterprises.ownership.proposals import column_of, stored_json_value
from pole.geo.gazetteer import load_gazetteer
from pole.hooks.moderation import ChangedMeanwhile, seen_version
from pole.refusals import Refusal

# So many are looked for one by one; for more, every listing is read.
FEW_LISTINGS = 5
# The fields of the source that a person may choose.
MERGED_FIELDS = tuple(each.name for each in fields_in("merge"))
_COMPARED = {
    "name", "neq", "website", "phone", "municipality_id", "other_names", "email", "street", "postal_code", "parent_id",
}  # fmt: skip
_COMPARED_COLUMNS = [
    "pk", *(column.attname for column in Listing._meta.concrete_fields if column.attname in _COMPARED)
]  # fmt: skip
_RELATED_ROWS = (
    *("photos", "documents", "attestations", "proposals", "claims", "checkups", "invitations"),
    "activity_proposals",
)


class MergeRefused(Refusal):
    messages = {"listing_gone": _("One of the two listings is gone: nothing was merged.")}


def candidates_among(listings: ListingQuerySet) -> list[Candidate]:
    """These listings, as they are compared: one query."""
    rows = listings.order_by("pk").values_list(*_COMPARED_COLUMNS, named=True)
    return [candidate_of(row, key=row.pk) for row in rows]


def candidate_of(row: Any, *, key: int) -> Candidate:
    """`row`: a listing, perhaps not saved, or these columns of it."""
    return Candidate(
        key,
        row.name,
        row.neq,
        own_domain(row.website),
        row.phone,
        row.municipality_id,
        tuple(row.other_names),
        row.email,
        row.street,
        row.postal_code,
        getattr(row, "parent_id", None),
    )


def find_pairs(keys: Collection[int] | None = None) -> int:
    """Stores the possible duplicates of these listings, or of all, and returns how many are new. Dismissed pairs stay so.

    For a few, only what they may be duplicates of is read. Of all, a pair that was proposed and is none any more goes.
    """
    territory = territory_of(load_gazetteer())
    found: dict[tuple[int, int], float] = {}
    standing = Listing.objects.exclude(state=Listing.State.ARCHIVED)
    if keys is None or len(keys) > FEW_LISTINGS:
        candidates = candidates_among(standing)
        index = CandidateIndex(candidates, territory)
        for candidate in candidates:
            if keys is None or candidate.key in keys:
                found |= _likenesses(candidate, index)
        if keys is None:
            _forget_pairs_apart(index)
    else:
        for candidate in candidates_among(standing.filter(pk__in=keys)):
            near = candidates_among(listings_near(candidate, territory))
            found |= _likenesses(candidate, CandidateIndex(near, territory))
    return _store_pairs(found)


def evidence_in_words(pairs: Sequence[tuple[Listing, Listing]]) -> list[list[str]]:
    """What makes each pair look like one enterprise, the strongest first. Three queries, none without pairs."""
    if not pairs:
        return []
    territory = territory_of(load_gazetteer())
    return [
        [
            str(EVIDENCE[code])
            for code in evidence_of(
                candidate_of(first, key=first.pk), candidate_of(second, key=second.pk), territory
            )
        ]
        for first, second in pairs
    ]


def _likenesses(candidate: Candidate, index: CandidateIndex) -> dict[tuple[int, int], float]:
    return {
        (min(candidate.key, other.key), max(candidate.key, other.key)): value
        for other, value in index.matches(candidate)
    }


def _forget_pairs_apart(index: CandidateIndex) -> None:
    """One was archived, or has a number or a name of its own since."""
    waiting = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN)
    apart = [
        pk for pk, *keys in waiting.values_list("pk", "first_id", "second_id") if not index.likeness(*keys)
    ]
    waiting.filter(pk__in=apart).delete()


def _store_pairs(found: dict[tuple[int, int], float]) -> int:
    keys = {key for pair in found for key in pair}
    known = set(DuplicatePair.objects.filter(first__in=keys).values_list("first_id", "second_id"))
    pairs = [
        DuplicatePair(first_id=first, second_id=second, likeness=value)
        for (first, second), value in sorted(found.items())
        if (first, second) not in known
    ]
    DuplicatePair.objects.bulk_create(pairs, ignore_conflicts=True)
    return len(pairs)


def version_of_pair(first: Listing, second: Listing) -> str:
    """The fingerprint of what is shown of two listings side by side."""
    return seen_version("pair", *(_shown(row) for row in sorted((first, second), key=lambda row: row.pk)))


def _shown(row: Listing) -> tuple[object, ...]:
    fields = [(name, stored_json_value(row, name)) for name in ("name", "other_names", *MERGED_FIELDS)]
    return (row.pk, row.version, row.state, row.verified_on, row.phone_extension, fields)


def _lock_listings(*keys: int) -> dict[int, Listing]:
    rows = Listing.objects.defer("document").select_for_update().filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}


@transaction.atomic
def dismiss_pair(*, pair_id: int, seen: str, by: User) -> None:
    """« Pas un doublon »: the pair is not proposed again. `seen` is `version_of_pair`.

    Raises `AlreadyDecided`, and `ChangedMeanwhile`.
    """
    found = DuplicatePair.objects.filter(pk=pair_id).first()
    rows = _lock_listings(found.first_id, found.second_id) if found else {}
    pair = DuplicatePair.objects.select_for_update().filter(pk=pair_id).first()
    if pair is None or pair.state == DuplicatePair.State.DISMISSED:
        raise AlreadyDecided
    if seen != version_of_pair(*rows.values()):
        raise ChangedMeanwhile
    pair.state, pair.decided_by = DuplicatePair.State.DISMISSED, by
    pair.save(update_fields=["state", "decided_by"])
    journal.record(action="apart", kind="listing", key=pair.first_id, by=by)


@transaction.atomic
def remember_apart(pairs: Iterable[tuple[int, int]], by: User | None) -> None:
    """« C’est une autre entreprise », said at an import: these pairs of keys of listings are not proposed again."""
    apart = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
    keys = {key for pair in apart for key in pair}
    asked = DuplicatePair.objects.filter(first__in=keys).select_for_update().order_by("pk")
    known = {(row.first_id, row.second_id): row for row in asked}
    dismissed = DuplicatePair.State.DISMISSED
    waiting = [row for pair, row in known.items() if pair in apart and row.state != dismissed]
    for row in waiting:
        row.state, row.decided_by = dismissed, by
    DuplicatePair.objects.bulk_update(waiting, ["state", "decided_by"], batch_size=500)
    new = [
        DuplicatePair(first_id=first, second_id=second, likeness=0, state=dismissed, decided_by=by)
        for first, second in sorted(apart - known.keys())
    ]
    DuplicatePair.objects.bulk_create(new, ignore_conflicts=True)
    for row in (*waiting, *new):
        journal.note(action="apart", kind="listing", key=row.first_id, by=by)


@transaction.atomic
def merge(*, target: int, source: int, fields_from_source: Collection[str], seen: str, by: User) -> Listing:
    """Merges `source` into `target` (keys of listings), which takes the fields named in `fields_from_source`.

    A field that `target` lacks is taken anyway. Managers, photos, documents and the rest follow; the address of
    `source` redirects to `target`; both keep their histories. `seen` is `version_of_pair`.
    Raises `MergeRefused`, and `ChangedMeanwhile`.
    """
    rows = _lock_listings(target, source)
    if len(rows) != 2 or any(row.state == Listing.State.ARCHIVED for row in rows.values()):
        raise MergeRefused
    if seen != version_of_pair(*rows.values()):
        raise ChangedMeanwhile
    target_row, source_row = rows[target], rows[source]
    reason = f"{source_row.name} → {target_row.name}"
    with attributed_edit(by=by, reason=reason):
        names = [
            name
            for name in MERGED_FIELDS
            if name in fields_from_source or not stored_json_value(target_row, name)
        ]
        values = {name: value for name in names if (value := stored_json_value(source_row, name))}
        if "phone" in values:
            # The extension belongs to the number.
            values["phone_extension"] = source_row.phone_extension
        former = {target_row.name, source_row.name, *target_row.other_names, *source_row.other_names}
        source_row.state, source_row.merged_into, source_row.neq = Listing.State.ARCHIVED, target_row, ""
        source_row.version += 1
        source_row.save()
        for name, value in values.items():
            if name in COLUMN_OF_RELATION:
                getattr(target_row, name).set(value)
            else:
                setattr(target_row, column_of(name), value)
        if target_row.neq:
            # It is an enterprise then, and no branch.
            target_row.parent = None
        notes = (target_row.staff_note, source_row.staff_note)
        target_row.staff_note = "\n".join(dict.fromkeys(note for note in notes if note))[:MAX_STAFF_NOTE]
        target_row.other_names = sorted(former - {target_row.name})[:40]
        target_row.version += 1
        target_row.save()
        _move_branches(source_row, target_row)
    _move_related_rows(source_row, target_row)
    journal.record(action="merge", kind="listing", key=target_row.pk, by=by, reason=reason)
    return target_row


def _move_branches(source_row: Listing, target_row: Listing) -> None:
    """The branches of the source are those of the target, or of the enterprise that it is itself a branch of."""
    if target_row.parent_id == source_row.pk:
        Listing.objects.filter(pk=target_row.pk).update(parent=None)
        target_row.parent = None
    enterprise = target_row.parent_id or target_row.pk
    Listing.objects.filter(parent=source_row).update(parent=enterprise)


def _move_related_rows(source_row: Listing, target_row: Listing) -> None:
    for role in source_row.roles.all():
        owner = role.role == ListingRole.Role.OWNER
        known, is_new = ListingRole.objects.get_or_create(
            listing=target_row, user_id=role.user_id, defaults={"role": role.role, "since": role.since}
        )
        if owner and not is_new:
            ListingRole.objects.filter(pk=known.pk).update(role=ListingRole.Role.OWNER)
    source_row.roles.all().delete()
    # What a listing may have once only stays with the source when the target has its own.
    unique_rows = {
        "attestations": Q(state="pending"), "checkups": Q(answer=""), "proposals": Q(state="pending", kind="identity"),
        "claims": Q(state__in=["code_sent", "waiting"]), "invitations": Q(),
    }  # fmt: skip
    for child in _RELATED_ROWS:
        rows = getattr(source_row, child).all()
        if child in unique_rows and getattr(target_row, child).filter(unique_rows[child]).exists():
            rows = rows.exclude(unique_rows[child])
        rows.update(listing=target_row)
    Listing.objects.filter(merged_into=source_row).update(merged_into=target_row)
    DuplicatePair.objects.filter(Q(first=source_row) | Q(second=source_row)).delete()


def get_slug_after_merge(slug: str) -> str | None:
    """The slug of the published listing that this one was merged into, or None."""
    found = Listing.objects.filter(slug=slug, merged_into__state=Listing.State.PUBLISHED)
    return found.values_list("merged_into__slug", flat=True).first()
