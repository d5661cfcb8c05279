"""Photos and documents of a listing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.listing import Listing
from pole.models import StoredPicture

MAX_PHOTOS = 8
MAX_DOCUMENTS = 6


class ListingPhoto(StoredPicture):
    """A photo of a listing, at its place among the others."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="photos")
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    file = models.ImageField(
        _("photo"), upload_to="photos/", width_field="width_px", height_field="height_px"
    )
    description = models.CharField(_("alternative text"), max_length=240)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.CheckConstraint(
                condition=~Q(description=""),
                name="listing_photo_described",
                violation_error_message=_("Say what the photo shows, for those who can’t see it."),
            )
        ]

    def __str__(self) -> str:
        return self.description


class ListingDocument(models.Model):
    """A PDF document that visitors may download: a catalogue, an annual report."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="documents")
    title = models.CharField(_("title"), max_length=120)
    file = models.FileField(_("document"), upload_to="documents/")
    size_bytes = models.PositiveIntegerField(editable=False)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.CheckConstraint(
                condition=~Q(title=""),
                name="listing_document_titled",
                violation_error_message=_("Give the document a title."),
            )
        ]

    def __str__(self) -> str:
        return self.title
