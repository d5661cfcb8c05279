"""Every write to a listing and to its managers.

Locks: the listing's row (FOR UPDATE), then its managers' rows.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from accounts import journal
from accounts.models import User
from enterprises.forms.listing import ListingForm
from enterprises.listing.history import attributed_edit
from enterprises.models import Listing, ListingRole
from pole.files.stored import atomic_with_files
from pole.refusals import Refusal
from pole.text.slugs import unused_slug


class ListingMerged(Refusal):
    """The listing was merged into another one, whose key is `into`."""

    messages = {"listing_merged": ""}

    def __init__(self, into: int) -> None:
        super().__init__()
        self.into = into


def unused_listing_slug(name: str) -> str:
    """An address made from the name, that neither a listing nor a page of the directory has."""
    return unused_slug(name, Listing.objects.all(), fallback="fiche")


@atomic_with_files()
def save_form[F: ListingForm](
    *, listing_id: int, build: Callable[[Listing], F], by: User | None = None, is_team: bool = False
) -> F:
    """Saves the form that `build` makes on the locked listing, when it is valid.

    The form is checked under the lock: of two people who saved from one version, the second gets an
    error, with what was typed still in the form. Nothing is written when the form is not valid, or changes nothing. `is_team`: `by` edits
    for the hub, not as a manager of the listing. Raises `ListingMerged`.
    """
    listing = Listing.objects.lock(listing_id)
    if listing.merged_into_id:
        raise ListingMerged(listing.merged_into_id)
    form = build(listing)
    if form.is_valid() and form.changes_listing():
        with attributed_edit(by=by):
            form.save()
        journal.note(action="edited", kind="listing", key=listing.pk, by=by if is_team else None)
    return form


@atomic_with_files()
def create(*, form: ListingForm, by: User | None = None) -> Listing:
    """A new listing, hidden until it is published, at an address made from its name."""
    listing: Listing = form.instance
    listing.slug = unused_listing_slug(listing.name)
    listing.state = Listing.State.DRAFT
    form.save()
    journal.note(action="created", kind="listing", key=listing.pk, by=by)
    return listing


@transaction.atomic
def change_state(*, listing_id: int, state: Listing.State, by: User) -> Listing:
    """Publishes, hides or archives a listing. Its text and its version stay. Raises `ListingMerged`."""
    listing = Listing.objects.lock(listing_id)
    if listing.merged_into_id:
        raise ListingMerged(listing.merged_into_id)
    if listing.state != state:
        listing.state = state
        with attributed_edit(by=by):
            listing.save(update_fields=["state", "updated_at"])
        journal.record(action=state, kind="listing", key=listing.pk, by=by)
    return listing


@transaction.atomic
def add_manager(*, listing_id: int, person: User, by: User) -> bool:
    """Makes `person` an owner of the listing; False when they were a manager already."""
    listing = Listing.objects.lock(listing_id)
    _role, is_new = ListingRole.objects.get_or_create(listing=listing, user=person)
    if is_new:
        journal.record(action="give", kind="listing", key=listing_id, by=by, person_id=person.pk)
    return is_new


@transaction.atomic
def remove_manager(*, listing_id: int, role_id: int, by: User) -> None:
    """Removes a manager; does nothing when they no longer are one."""
    Listing.objects.lock(listing_id)
    if role := ListingRole.objects.filter(listing_id=listing_id, pk=role_id).first():
        role.delete()
        journal.record(action="take_back", kind="listing", key=listing_id, by=by, person_id=role.user_id)
