"""« Relis-moi »: who was asked to read a text before it is published, and what they said of it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_REMARK_LENGTH = 1000
# How much of a passage is kept beside a remark, to know it again or to show what it was.
MAX_WORDS_LENGTH = 300


class Reading(models.Model):
    """One draft, given to one person by a link of their own."""

    draft = models.ForeignKey("desk.Draft", models.CASCADE, related_name="readings")
    name = models.CharField(_("name of the person"), max_length=80)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True, db_index=True)
    # SHA-256 of what the link holds, which is kept nowhere.
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="reading_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_usable(self, now: datetime) -> bool:
        """Its text may be thrown away meanwhile: `desk.readings.asking.find` knows."""
        return self.revoked_at is None and now < self.expires_at


class Remark(models.Model):
    """What a reader said of a passage: known by its field and its words, which stay when the passage changes."""

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="remarks")
    # Of the working copy; empty when the whole text is meant.
    field = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=MAX_WORDS_LENGTH, blank=True)
    # Which of the passages of the field that have the same words.
    occurrence = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(max_length=MAX_REMARK_LENGTH)
    written_at = models.DateTimeField(default=timezone.now)
    # The same form sent twice makes one remark.
    idempotency_key = models.UUIDField(unique=True)
    answer = models.TextField(_("Your answer"), max_length=MAX_REMARK_LENGTH, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"remark {self.pk} of reading {self.reading_id}"
