"""Sessions of a series: each with its date and place, who chose it and who came."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.models.event import Forum
from forums.models.registration import Registration
from forums.models.spans import span
from pole.templatetags.typography import is_whole_day
from pole.text.bilingual import LocalizedField


class Session(models.Model):
    """One meeting of a series. The activity begins with the first and ends with the last (`forums.event.sessions`)."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="sessions")
    position = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=160, blank=True)
    title_en = models.CharField(_("title in English"), max_length=160, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    # Each empty: as the activity.
    venue = models.CharField(_("venue"), max_length=140, blank=True)
    online_link = models.URLField(_("link to take part online"), max_length=500, blank=True)
    trainer = models.CharField(_("trainer"), max_length=160, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    # By a trigger, at each change that a calendar shows (forums/sql/12_session_revisions.sql).
    revision = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    shown_title = LocalizedField("title")

    class Meta:
        ordering = ["starts_at", "id"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [
            models.Index(fields=["starts_at", "id"], name="session_in_order"),
            models.Index(fields=["ends_at"], name="session_end"),
            GistIndex(span(), name="session_span"),
            models.Index(
                fields=["cancelled_at"], condition=Q(cancelled_at__isnull=False), name="session_cancelled"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["forum", "position"],
                name="session_order_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_it_begins",
                violation_error_message=_("A session must end after it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"session {self.position}"

    @property
    def has_hours(self) -> bool:
        return not is_whole_day(self.starts_at, self.ends_at)

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now


class SessionChoice(models.Model):
    """A person chose to come to this session; where people choose none, they come to all."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="chosen_sessions")
    session = models.ForeignKey(Session, models.CASCADE, related_name="choices")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "session"], name="session_chosen_once")
        ]

    def __str__(self) -> str:
        return f"choice {self.pk}"


class SessionAttendance(models.Model):
    """A person came to this session."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="attended_sessions")
    session = models.ForeignKey(Session, models.PROTECT, related_name="attended")
    checked_in_at = models.DateTimeField()
    # As Registration.checked_in_by.
    checked_in_by = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "session"], name="session_attended_once")
        ]

    def __str__(self) -> str:
        return f"attendance {self.pk}"
