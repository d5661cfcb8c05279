"""The engine of the writing desk: a Draft that any prose owns, as it owns a Thread."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """The working copy: a value for each of the owner's `WORKING_FIELDS`, beside what is published.

    `version` rises by one at each save; whoever saves names the version that they started from.
    """

    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The version that visitors read, when something is published.
    published_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(published_version__isnull=True)
                | models.Q(published_version__lte=models.F("version")),
                name="draft_published_version_exists",
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}, version {self.version}"

    @property
    def has_unpublished_changes(self) -> bool:
        return self.published_version is not None and self.published_version != self.version


class Version(models.Model):
    """One saved state of a draft, kept for good."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="version_number_unique")]

    def __str__(self) -> str:
        return f"version {self.number} of draft {self.draft_id}"


class PublishableQuerySet[T: Publishable](models.QuerySet[T]):
    def published(self, now: datetime) -> Self:
        """What everyone may read at `now`; a scheduled text appears at its instant, not before."""
        return self.filter(published_at__lte=now)

    def scheduled(self, now: datetime) -> Self:
        return self.filter(published_at__gt=now)


class Publishable(models.Model):
    """Prose with a working copy. `published_at` in the future means scheduled; empty means draft."""

    WORKING_FIELDS: ClassVar[tuple[str, ...]] = ()

    draft = models.OneToOneField(Draft, models.PROTECT, related_name="%(class)s")
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, db_index=True)

    class Meta:
        abstract = True

    def take(self, content: dict[str, Any]) -> None:
        """Sets the fields that visitors read from a working copy. Runs no query."""
        for field in self.WORKING_FIELDS:
            setattr(self, field, content.get(field, ""))

    def take_related(self, content: dict[str, Any]) -> None:
        """Writes the rows of this text that a working copy holds too; called under its locks."""

    def is_public(self, now: datetime) -> bool:
        return self.published_at is not None and self.published_at <= now

    def is_scheduled(self, now: datetime) -> bool:
        return self.published_at is not None and self.published_at > now


class Picture(models.Model):
    """A picture of the library: re-encoded at upload, with its narrower renditions beside it."""

    file = models.ImageField(
        _("picture"), upload_to="pictures/", width_field="width_px", height_field="height_px"
    )
    width_px = models.PositiveIntegerField(editable=False)
    height_px = models.PositiveIntegerField(editable=False)
    # Widths in pixels of the renditions that exist, narrowest first: file stem + "-<width>.webp".
    renditions: models.JSONField[list[int], list[int]] = models.JSONField(default=list, editable=False)
    description = models.CharField(
        _("alternative text"),
        max_length=240,
        blank=True,
        help_text=_("What the picture shows, for those who can’t see it."),
    )
    credit = models.CharField(_("credit"), max_length=120, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-uploaded_at"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.description or self.file.name or ""

    @property
    def srcset(self) -> str:
        """The renditions and the whole picture, for the `srcset` attribute."""
        stem = self.file.url.removesuffix(".webp")
        candidates = [f"{stem}-{width}.webp {width}w" for width in self.renditions]
        return ", ".join([*candidates, f"{self.file.url} {self.width_px}w"])
