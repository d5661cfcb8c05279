"""Mails about a forum: their kinds, the texts that staff wrote instead of the default, and those that were sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.models.event import Forum
from forums.models.registration import Registration


class NoticeKind(models.TextChoices):
    """The kinds of mail about a registration. Staff may reword those of `forums.mail.texts.EDITABLE_KINDS`."""

    TO_CONFIRM = "to_confirm", _("Link that confirms a registration")
    ALREADY = "already", _("Registered already")
    CONFIRMATION = "confirmation", _("Registration confirmed")
    WAITLISTED = "waitlisted", _("On the waitlist")
    PROMOTION = "promotion", _("A place has come free")
    REMINDER = "reminder", _("Reminder, two days before")
    CANCELLED = "cancelled", _("Registration cancelled")
    POSTPONED = "postponed", _("Activity postponed")
    CALLED_OFF = "called_off", _("Activity cancelled")
    RESTORED = "restored", _("Takes place after all")
    SESSION_OFF = "session_off", _("Session cancelled")
    SESSION_MOVED = "session_move", _("Session moved")
    SESSION_BACK = "session_back", _("Session takes place after all")
    SESSION_ADDED = "session_new", _("Session added")
    VOTE_OPEN = "vote_open", _("The vote is open")
    SEALED = "sealed", _("The seal of the box")
    RESULTS = "results", _("Results published")


KINDS = [kind.value for kind in NoticeKind]


class NoticeText(models.Model):
    """Staff's own text of one kind of mail of one forum, in one language; without a row, the default serves."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="notice_texts")
    kind = models.CharField(max_length=12, choices=NoticeKind)
    language = models.CharField(max_length=2, choices=[("fr", "Français"), ("en", "English")])
    subject = models.CharField(_("subject"), max_length=140)
    body = models.TextField(_("text"), max_length=4000)

    class Meta:
        verbose_name = _("text of a mail")
        verbose_name_plural = _("texts of mails")
        constraints = [
            models.UniqueConstraint(fields=["forum", "kind", "language"], name="notice_text_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="notice_text_kind_known"),
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="notice_text_language_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"


class Notice(models.Model):
    """A mail sent to a person. The unique constraint makes sending idempotent: one for a kind and an `about`."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=NoticeKind)
    # Tells apart mails of one kind that may be sent more than once: the number of a round, the day of a forum, a session.
    about = models.CharField(max_length=40, blank=True)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("mail sent")
        verbose_name_plural = _("mails sent")
        constraints = [
            models.UniqueConstraint(fields=["registration", "kind", "about"], name="notice_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="notice_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.registration_id}"
