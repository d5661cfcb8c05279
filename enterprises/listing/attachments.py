"""Every write to the photos, documents and attestations of a listing.

Locks: the listing's row (FOR UPDATE), then its photos, documents or attestations.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import journal, mailing
from accounts.models import User
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Attestation, Listing, ListingDocument, ListingPhoto
from enterprises.models.attestation import PRINCIPLES, valid_until
from enterprises.models.files import MAX_DOCUMENTS, MAX_PHOTOS
from pole.files import images
from pole.files.stored import atomic_with_files, delete_at_commit, store_picture
from pole.files.uploads import Upload, check_pdf
from pole.hooks.moderation import ChangedMeanwhile
from pole.refusals import Refusal


@atomic_with_files()
def add_photo(*, listing_id: int, photo: images.ReencodedImage, description: str) -> ListingPhoto:
    """Adds a photo at the end. Raises `ValidationError` when the listing already has as many photos as it may."""
    listing = Listing.objects.lock(listing_id)
    existing = listing.photos.aggregate(count=models.Count("pk"), last=models.Max("position", default=0))
    if existing["count"] >= MAX_PHOTOS:
        raise ValidationError(_("At most %(limit)d photos: remove one first.") % {"limit": MAX_PHOTOS})
    return listing.photos.create(
        **store_picture(photo, folder="photos"), description=description, position=existing["last"] + 1
    )


@transaction.atomic
def remove_photo(*, listing_id: int, photo_id: int) -> None:
    """Does nothing when the photo is gone already."""
    photo = Listing.objects.lock(listing_id).photos.filter(pk=photo_id).first()
    if photo:
        photo.delete()
        delete_at_commit(photo.file_names())


@transaction.atomic
def describe_photo(*, listing_id: int, photo_id: int, description: str) -> None:
    Listing.objects.lock(listing_id).photos.filter(pk=photo_id).update(description=description)


@transaction.atomic
def move_photo_first(*, listing_id: int, photo_id: int) -> None:
    """Puts a photo before the others."""
    photos = list(Listing.objects.lock(listing_id).photos.all())
    photos.sort(key=lambda photo: photo.pk != photo_id)
    for position, photo in enumerate(photos, start=1):
        photo.position = position
    ListingPhoto.objects.bulk_update(photos, ["position"])


@atomic_with_files()
def add_document(*, listing_id: int, document: Upload, title: str) -> ListingDocument:
    """Adds a PDF document at the end. Raises `ValidationError` as `add_photo` and `check_pdf` do."""
    listing = Listing.objects.lock(listing_id)
    if listing.documents.count() >= MAX_DOCUMENTS:
        raise ValidationError(_("At most %(limit)d documents: remove one first.") % {"limit": MAX_DOCUMENTS})
    content = check_pdf(document)
    name = default_storage.save(f"documents/{images.random_name('pdf')}", ContentFile(content))
    return listing.documents.create(file=name, title=title, size_bytes=len(content))


@transaction.atomic
def remove_document(*, listing_id: int, document_id: int) -> None:
    document = Listing.objects.lock(listing_id).documents.filter(pk=document_id).first()
    if document:
        document.delete()
        delete_at_commit([str(document.file.name)])


# --- Attestation --------------------------------------------------------------------------------


class AttestationPending(Refusal):
    messages = {"attestation_pending": gettext_lazy("An attestation is already waiting for the team.")}


@transaction.atomic
def sign_attestation(*, listing_id: int, by: User, name: str, title: str) -> Attestation:
    """Signs the six principles today; the team then accepts or refuses. Raises `AttestationPending`."""
    listing = Listing.objects.lock(listing_id)
    if listing.attestations.filter(state=Attestation.State.PENDING).exists():
        raise AttestationPending
    today = timezone.localdate()
    with translation.override("fr"):
        wording = "\n".join(str(principle) for principle in PRINCIPLES)
    return listing.attestations.create(
        signed_on=today, expires_on=valid_until(today), signer=by, signer_name=name,
        signer_title=title, wording=wording,
    )  # fmt: skip


@transaction.atomic
def decide_attestation(
    *, attestation_id: int, accepted: bool, seen: str, by: User, reason: str, now: datetime
) -> Attestation:
    """Accepts or refuses a waiting attestation, and tells who signed it. `seen` is its `shown_version`.

    Raises `AlreadyDecided`, and `ChangedMeanwhile`.
    """
    listing = Listing.objects.lock(
        Attestation.objects.values_list("listing_id", flat=True).get(pk=attestation_id)
    )
    attestation = Attestation.objects.select_for_update().get(pk=attestation_id)
    attestation.listing = listing
    if attestation.state != Attestation.State.PENDING:
        raise AlreadyDecided
    if seen != attestation.shown_version:
        raise ChangedMeanwhile
    attestation.state = Attestation.State.ACCEPTED if accepted else Attestation.State.REFUSED
    attestation.decided_at, attestation.decided_by, attestation.decision_reason = now, by, reason
    attestation.save()
    signer = attestation.signer
    journal.record(
        action=f"attestation_{attestation.state}", kind="listing", key=listing.pk, by=by,
        person_id=attestation.signer_id, reason=reason, at=now,
    )  # fmt: skip
    if signer and signer.is_active:
        context = {"user": signer, "has_account": True, "listing": listing, "attestation": attestation}
        mailing.send(prefix="enterprises/mail/attestation_decided", to=signer.email, context=context)
    return attestation
