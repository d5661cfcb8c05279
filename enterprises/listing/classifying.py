"""Giving listings a sector and a legal form, one after the other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from enterprises.listing.history import attributed_edit
from enterprises.models import Listing, Sector
from pole.refusals import Refusal


class NotClassified(Refusal):
    messages = {
        "nothing_chosen": _("Choose a sector or a legal form, or pass this listing."),
        "classified_meanwhile": _("Someone else changed this listing meanwhile: here it is as it is now."),
        "nothing_to_undo": _("There is nothing left to undo here."),
        "edited_since": _("This listing was edited since: it stays as it is."),
    }


@dataclass(frozen=True, slots=True)
class Classified:
    """What a listing had before, and its version since: enough to undo it."""

    listing_id: int
    sectors: list[int]
    legal_form: str
    version: int


def unclassified() -> QuerySet[Listing]:
    """What has no sector or no legal form, but for the archived ones, in the order of their names."""
    return (
        Listing.objects.filter(Q(sector_ids=[]) | Q(legal_form=""), merged_into=None)
        .exclude(state=Listing.State.ARCHIVED)
        .order_by("name_key", "pk")
    )


def after(listing: Listing) -> Q:
    """What comes after it in this order."""
    return Q(name_key__gt=listing.name_key) | Q(name_key=listing.name_key, pk__gt=listing.pk)


def before(listing: Listing) -> Q:
    return Q(name_key__lt=listing.name_key) | Q(name_key=listing.name_key, pk__lt=listing.pk)


@transaction.atomic
def classify(
    *, listing_id: int, version: int, sectors: Collection[int], legal_form: str, by: User
) -> Classified:
    """Gives a listing these sectors and this form; an empty one leaves what it has. Raises `NotClassified`."""
    listing = Listing.objects.lock(listing_id)
    if listing.merged_into_id or listing.version != version:
        raise NotClassified("classified_meanwhile")
    known = list(Sector.objects.filter(pk__in=sectors))
    form = legal_form if legal_form in Listing.LegalForm.values else ""
    if not known and not form:
        raise NotClassified("nothing_chosen")
    done = Classified(listing.pk, list(listing.sector_ids), listing.legal_form, version + 1)
    _write(listing, known or None, form or listing.legal_form, by)
    journal.note(action="classified", kind="listing", key=listing.pk, by=by)
    return done


@transaction.atomic
def undo(*, done: Classified, by: User) -> None:
    """Gives back what the listing had. Raises `NotClassified` when someone has edited it since."""
    listing = Listing.objects.defer("document").select_for_update().filter(pk=done.listing_id).first()
    if listing is None or listing.version != done.version:
        raise NotClassified("edited_since")
    _write(listing, list(Sector.objects.filter(pk__in=done.sectors)), done.legal_form, by)
    journal.note(action="unclassified", kind="listing", key=listing.pk, by=by)


def _write(listing: Listing, sectors: list[Sector] | None, legal_form: str, by: User) -> None:
    listing.legal_form, listing.version = legal_form, listing.version + 1
    with attributed_edit(by=by):
        listing.save(update_fields=["legal_form", "version", "updated_at"])
        if sectors is not None:
            listing.sectors.set(sectors)
