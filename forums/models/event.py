"""The event: when and where people meet, its tracks, its programme, and who came."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desk.models import Document
from forums.models.kinds import ACTIVITY_CONSTRAINTS, ActivityFields
from forums.models.spans import span
from pole.models import Municipality
from pole.search import bilingual_document
from pole.templatetags.typography import is_whole_day
from pole.text.bilingual import LocalizedField
from pole.text.slugs import slug_form

# Later than any. Of one bound alone, whose value it does not know yet, PostgreSQL supposes that a third of all forums are beyond
# it, and goes through them in order of their start; of a range, a few.
NEVER = datetime.max.replace(tzinfo=UTC)


class ForumQuerySet(models.QuerySet["Forum"]):
    def for_lists(self) -> ForumQuerySet:
        """With what a list or a card of forums shows, and no query from a template."""
        return (
            self.select_related("municipality", "results")
            .defer("document", "body", "body_en")
            .fetch_mode(models.FETCH_RAISE)
        )

    def for_card(self) -> ForumQuerySet:
        """With the fields that the home page's card and `stage_at` read, and no query from a template."""
        return (
            self.select_related("municipality")
            .only(
                *("slug", "title", "title_en", "starts_at", "ends_at", "venue", "announced_at"),
                *("cancelled_at", "is_full", "registration_opens_at", "registration_closes_at"),
                "chooses_sessions",
                *("municipality__name", "municipality__designation", "municipality__is_homonym"),
            )
            .fetch_mode(models.FETCH_RAISE)
        )

    def for_page(self) -> ForumQuerySet:
        """With all that the page of an event shows, and no query from a template."""
        return (
            self.select_related("municipality", "results", "proposal__listing")
            .prefetch_related("tracks", "programme", "attendance", "documents")
            .defer("document", "proposal__listing__document")
            .fetch_mode(models.FETCH_RAISE)
        )

    def of_team(self) -> ForumQuerySet:
        """Without what an enterprise proposed and the team has not accepted."""
        return self.exclude(proposal__state__in=["awaiting", "refused", "withdrawn"])

    def announced(self, now: datetime) -> ForumQuerySet:
        """What everyone may read at `now`."""
        return self.filter(announced_at__lte=now)

    def upcoming(self, now: datetime) -> ForumQuerySet:
        """Announced and not over, the nearest first; a cancelled one is not to come."""
        held_later = self.announced(now).filter(ends_at__gt=now, ends_at__lt=NEVER, cancelled_at=None)
        return held_later.order_by("starts_at", "id")

    def past(self, now: datetime) -> ForumQuerySet:
        over = Q(ends_at__lte=now) | Q(cancelled_at__isnull=False)
        return self.announced(now).filter(over).order_by("-starts_at", "-id")

    def awaiting_results(self) -> ForumQuerySet:
        """Held, and whose results nobody can read yet, nor will at a time already set."""
        return self.filter(results__published_at=None, cancelled_at=None)


class Forum(ActivityFields):
    """An activity of the agenda, of which a forum, where people set priorities, is one kind.

    Its stage is computed from dates, never stored.

    Votes and follow-up are no stages: a vote may be open during the event or a week later, follow-up lasts for years.
    """

    SLUG_ROUTES: ClassVar[tuple[str, ...]] = ("forums/<slug:slug>/", "gestion/forums/<slug:slug>/")

    class Stage(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CANCELLED = "cancelled", _("Cancelled")
        ANNOUNCED = "announced", _("Announced")
        REGISTRATION = "registration", _("Registration open")
        UNDER_WAY = "under_way", _("Under way")
        PAST = "past", _("Past")
        RESULTS = "results", _("Results published")

    slug = models.CharField(
        _("address"),
        max_length=90,
        unique=True,
        validators=[slug_form],
        error_messages={"unique": _("Another activity already has this address.")},
    )
    title = models.CharField(_("title"), max_length=160)
    title_en = models.CharField(_("title in English"), max_length=160, blank=True)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    summary_en = models.CharField(_("summary in English"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    body_en = models.TextField(_("text in English"), blank=True)
    hosts = models.CharField(_("hosts"), max_length=240, blank=True)
    hosts_en = models.CharField(_("hosts, in English"), max_length=240, blank=True)
    guests = models.CharField(
        _("guests"), max_length=240, blank=True, help_text=_("For example a visiting provincial body.")
    )
    guests_en = models.CharField(_("guests, in English"), max_length=240, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    venue = models.CharField(_("venue"), max_length=140, blank=True)
    venue_address = models.CharField(_("address of the venue"), max_length=140, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("municipality")
    )
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    registration_opens_at = models.DateTimeField(_("registration opens"), null=True, blank=True)
    registration_closes_at = models.DateTimeField(_("registration closes"), null=True, blank=True)
    attendance_note = models.CharField(
        _("participants, in words"),
        max_length=200,
        blank=True,
        help_text=_("For example: some forty people from the whole region."),
    )
    attendance_note_en = models.CharField(_("participants, in English"), max_length=200, blank=True)
    announced_at = models.DateTimeField(_("announced at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    documents = models.ManyToManyField(
        Document, related_name="forums", blank=True, verbose_name=_("documents to download")
    )
    # Of a postponed forum: the start that was public before.
    postponed_from = models.DateTimeField(null=True, blank=True)
    has_participation = models.BooleanField(
        _("recommendations and votes"),
        default=True,
        help_text=_("Off for an annual meeting, a training day, a visit: an event without recommendations."),
    )
    # No place is left: denormalised by forums.registration.capacity under the lock of this row, so that public
    # pages need not count registrations.
    is_full = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    shown_title = LocalizedField("title")
    shown_summary = LocalizedField("summary")
    shown_body = LocalizedField("body", html=True)
    shown_hosts = LocalizedField("hosts")
    shown_guests = LocalizedField("guests")
    shown_attendance_note = LocalizedField("attendance_note")

    document = models.GeneratedField(
        expression=bilingual_document(
            [
                ("title", "A"),
                ("summary", "B"),
                ("trainer", "B"),
                ("venue", "C"),
                ("to_bring", "C"),
                ("body", "C"),
            ],
            [("title_en", "A"), ("summary_en", "B"), ("to_bring_en", "C"), ("body_en", "C")],
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ForumQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        indexes = [
            GinIndex(fields=["document"], name="forum_document"),
            models.Index(fields=["-starts_at", "-id"], name="forum_latest"),
            models.Index(fields=["ends_at"], name="forum_end"),
            models.Index(fields=["kind", "ends_at"], name="forum_kind_end"),
            GistIndex(span(), name="forum_span"),
            models.Index(fields=["id"], condition=Q(announced_at=None), name="forum_in_draft"),
            models.Index(
                fields=["cancelled_at"], condition=Q(cancelled_at__isnull=False), name="forum_cancelled"
            ),
        ]
        verbose_name = _("forum")
        verbose_name_plural = _("forums")
        constraints = [
            *ACTIVITY_CONSTRAINTS,
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="forum_ends_after_it_begins",
                violation_error_message=_("The activity must end after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(registration_opens_at__isnull=True)
                | Q(registration_closes_at__isnull=True)
                | Q(registration_closes_at__gt=F("registration_opens_at")),
                name="forum_registration_closes_after_it_opens",
                violation_error_message=_("Registration must close after it opens."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gte=1),
                name="forum_capacity_positive",
                violation_error_message=_("An activity has at least one place."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("forums:forum", args=[self.slug])

    def is_public(self, now: datetime) -> bool:
        return self.announced_at is not None and self.announced_at <= now

    def is_after_the_fact(self, now: datetime) -> bool:
        """Entered once it was over: nobody registered here, nor proposed anything."""
        return self.registration_opens_at is None and self.ends_at <= (self.announced_at or now)

    @property
    def has_hours(self) -> bool:
        """False for an event of which only the day is known."""
        return not is_whole_day(self.starts_at, self.ends_at)

    @property
    def starts_for_machines(self) -> str:
        """In ISO 8601: the day alone, when no hour is known."""
        local = timezone.localtime(self.starts_at)
        return local.isoformat() if self.has_hours else local.date().isoformat()

    @property
    def is_one_day(self) -> bool:
        return timezone.localdate(self.starts_at) == timezone.localdate(self.ends_at)

    @property
    def places_until(self) -> datetime:
        """When the last place may be given: as it begins, or where people choose their sessions, as the last one ends."""
        return self.ends_at if self.chooses_sessions else self.starts_at

    def stage_at(self, now: datetime) -> Stage:
        """The stage at `now`. Once the forum is over, reads `self.results`: a query unless select_related brought it."""
        if not self.is_public(now):
            return self.Stage.DRAFT
        if self.cancelled_at and self.cancelled_at <= now:
            return self.Stage.CANCELLED
        if now >= self.ends_at:
            results = getattr(self, "results", None)
            return self.Stage.RESULTS if results and results.is_public(now) else self.Stage.PAST
        opens, last = self.registration_opens_at, self.places_until
        if opens and opens <= now < min(self.registration_closes_at or last, last):
            return self.Stage.REGISTRATION
        return self.Stage.UNDER_WAY if now >= self.starts_at else self.Stage.ANNOUNCED


class Track(models.Model):
    """A theme of discussion ("axe"): for example territorial, or regional and transversal."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="tracks")
    position = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=160)
    title_en = models.CharField(_("title in English"), max_length=160, blank=True)

    shown_title = LocalizedField("title")

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("track")
        verbose_name_plural = _("tracks")

    def __str__(self) -> str:
        return self.title


class ProgrammeItem(models.Model):
    forum = models.ForeignKey(Forum, models.CASCADE, related_name="programme")
    starts_at = models.TimeField(_("time"))
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)

    shown_title = LocalizedField("title")

    class Meta:
        ordering = ["starts_at", "id"]
        verbose_name = _("programme item")
        verbose_name_plural = _("programme")

    def __str__(self) -> str:
        return self.title


class ParticipantKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("Social economy enterprises")
    CITIZEN = "citizen", _("Citizens")
    PARTNER = "partner", _("Partners")
    COLLABORATOR = "collaborator", _("Collaborators")
    OTHER = "other", _("Others")


class Attendance(models.Model):
    """How many people of a kind came; the number is empty when only their presence is known."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="attendance")
    kind = models.CharField(_("kind"), max_length=14, choices=ParticipantKind)
    count = models.PositiveIntegerField(_("number"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        constraints = [
            models.UniqueConstraint(fields=["forum", "kind"], name="attendance_once_a_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=["enterprise", "citizen", "partner", "collaborator", "other"]),
                name="attendance_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.count}"
