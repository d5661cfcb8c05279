"""The transmission dossier: what was sent to whom, and the recipient's answers on each priority."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.models.priority import Priority
from forums.models.results import Results
from pole.hooks.moderation import seen_version
from pole.text.bilingual import LocalizedText

LANGUAGES = [("fr", _("French")), ("en", _("English"))]


class DossierQuerySet(models.QuerySet["Dossier"]):
    def for_pages(self) -> DossierQuerySet:
        """With the forum, and no query from a template."""
        return (
            self.select_related("results__forum__municipality")
            .defer("results__forum__document", "results__forum__body", "results__forum__body_en")
            .fetch_mode(models.FETCH_RAISE)
        )


class Dossier(models.Model):
    """One sending of a forum's results to one recipient. Its files are a snapshot, never changed."""

    results = models.ForeignKey(Results, models.PROTECT, related_name="dossiers")
    # Signed in the link: a new key revokes former links.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.CharField(_("organisation"), max_length=140)
    person = models.CharField(_("person"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="fr")
    message = models.TextField(_("message"), max_length=2000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("link valid until"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    # The name that the recipient typed.
    acknowledged_by = models.CharField(_("your name"), max_length=120, blank=True)

    objects = DossierQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        # « Mes données » finds those of an address.
        indexes = [models.Index(fields=["email"], name="dossier_of_an_address")]
        constraints = [
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="dossier_language_known"),
            models.CheckConstraint(
                condition=~Q(organisation=""),
                name="dossier_has_organisation",
                violation_error_message=_("Say to which organisation."),
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="dossier_expires_after_it_is_made"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by="")
                | Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by=""),
                name="dossier_acknowledged_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"dossier {self.pk}"

    def get_absolute_url(self) -> str:
        """Where staff follow it."""
        return f"{reverse('staff:dossier', args=[self.results.forum.slug])}#{self.anchor}"

    @property
    def anchor(self) -> str:
        return f"dossier-{self.pk}"

    def is_usable(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class DossierFile(models.Model):
    """A file as it was sent."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    media_type = models.CharField(max_length=100)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    # In hexadecimal.
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["dossier", "name"], name="dossier_file_name_unique")]

    def __str__(self) -> str:
        return self.name


class AnswerQuerySet(models.QuerySet["Answer"]):
    def confirmed(self) -> AnswerQuerySet:
        """What everyone may read, with the name of who answered."""
        confirmed = self.filter(confirmed_at__isnull=False).select_related("dossier")
        return confirmed.only(
            *("state", "text", "body", "due_on", "language", "answered_at", "confirmed_at", "priority_id"),
            "dossier__organisation",
        ).order_by("answered_at", "id")

    def to_confirm(self) -> AnswerQuerySet:
        return self.filter(confirmed_at=None)


class Answer(models.Model):
    """The answer of a recipient on one priority. It is public once the hub confirms it."""

    class State(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("answer", "Accepted")
        IN_PROGRESS = "in_progress", pgettext_lazy("answer", "In progress")
        DONE = "done", pgettext_lazy("answer", "Done")
        REFUSED = "refused", pgettext_lazy("answer", "Refused")

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="answers")
    priority = models.ForeignKey(Priority, models.CASCADE, related_name="answers")
    state = models.CharField(_("answer"), max_length=12, choices=State)
    text = models.TextField(_("explanation"), max_length=2000, blank=True)
    body = models.CharField(_("body responsible"), max_length=140, blank=True)
    due_on = models.DateField(_("due date"), null=True, blank=True)
    # The one that it is written in.
    language = models.CharField(max_length=2, choices=LANGUAGES, default="fr")
    answered_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "answered_at"]
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        indexes = [
            models.Index(fields=["answered_at"], condition=Q(confirmed_at=None), name="answer_to_confirm")
        ]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "priority"], name="answer_once_a_priority"),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "in_progress", "done", "refused"]),
                name="answer_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(text=""),
                name="answer_refused_with_reason",
                violation_error_message=_("Say why it is refused."),
            ),
            models.CheckConstraint(condition=Q(language__in=["fr", "en"]), name="answer_language_known"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.priority_id}"

    @property
    def shown_version(self) -> str:
        """The fingerprint of what the team confirms, or takes back. Reads `dossier` and `priority`."""
        said = (self.state, self.text, self.body, self.due_on, self.language, self.answered_at)
        about = (self.priority_id, self.priority.title, self.dossier_id, self.dossier.organisation)
        return seen_version("answer", self.pk, about, said, self.confirmed_at is None)

    @property
    def state_label(self) -> str:
        return str(self.State(self.state).label)

    @property
    def shown_text(self) -> LocalizedText:
        return LocalizedText(self.text, self.language)

    @property
    def shown_body(self) -> LocalizedText:
        return LocalizedText(self.body, self.language)


class DossierEvent(models.Model):
    """What happened to a dossier, and when. Rows are only added."""

    class Kind(models.TextChoices):
        SENT = "sent", pgettext_lazy("what happened to a dossier", "sent")
        RESENT = "resent", pgettext_lazy("what happened to a dossier", "sent again")
        RENEWED = "renewed", pgettext_lazy("what happened to a dossier", "sent with a new link")
        REVOKED = "revoked", pgettext_lazy("what happened to a dossier", "link revoked")
        ACKNOWLEDGED = "acknowledged", pgettext_lazy("what happened to a dossier", "received")
        ANSWERED = "answered", pgettext_lazy("what happened to a dossier", "answered")
        CORRECTED = "corrected", pgettext_lazy("what happened to a dossier", "answer corrected")
        CONFIRMED = "confirmed", pgettext_lazy("what happened to a dossier", "answer confirmed")
        REOPENED = "reopened", pgettext_lazy("what happened to a dossier", "answer taken back for correction")

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # The title of the priority, the name of who acknowledged, the address written to.
    detail = models.CharField(max_length=260, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("sent", "resent", "renewed", "revoked", "acknowledged"),
                        *("answered", "corrected", "confirmed", "reopened"),
                    ]
                ),
                name="dossier_event_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dossier_id}"
