"""The agenda: what an enterprise proposed, and what a season gathers."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.models.event import Forum
from pole.hooks.moderation import seen_version
from pole.text.bilingual import LocalizedField
from pole.text.slugs import slug_form

# Of an activity, what the page on which a proposal is decided shows.
SHOWN_COLUMNS = (
    *("kind", "title", "summary", "body", "starts_at", "ends_at", "mode", "venue", "venue_address"),
    *("municipality_id", "online_link", "price", "price_note", "spoken_language", "registration_link"),
)


class ActivityProposalQuerySet(models.QuerySet["ActivityProposal"]):
    def waiting(self) -> ActivityProposalQuerySet:
        """What the team has to answer: a proposal, or what is asked of an accepted one."""
        return self.filter(Q(state=ActivityProposal.State.AWAITING) | ~Q(asked=""))

    def for_page(self) -> ActivityProposalQuerySet:
        """With all that is shown of a proposal, and no query from a template."""
        found = self.select_related("forum__municipality", "listing", "proposed_by", "asked_by")
        found = found.prefetch_related("forum__sessions").defer("forum__document", "listing__document")
        return found.fetch_mode(models.FETCH_RAISE)


class ActivityProposal(models.Model):
    """An activity that came from an enterprise: an unannounced `Forum` until staff accept it."""

    class State(models.TextChoices):
        AWAITING = "awaiting", _("to be reviewed")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("not kept")
        WITHDRAWN = "withdrawn", _("taken back")

    forum = models.OneToOneField(Forum, models.CASCADE, related_name="proposal")
    # Named, not imported: the directory stands beside forums, not under them.
    listing = models.ForeignKey(
        "enterprises.Listing", models.CASCADE, related_name="activity_proposals", verbose_name=_("enterprise")
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="activity_proposals"
    )
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    # The idempotency key of the form.
    key = models.UUIDField(unique=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.AWAITING)
    answered_at = models.DateTimeField(null=True, blank=True)
    # What the proposer is told of a refusal.
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    # Of an accepted one: what a manager asks the team to change, until it answers.
    asked = models.CharField(_("what to change"), max_length=1000, blank=True, db_default="")
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ActivityProposalQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "id"]
        verbose_name = _("proposed activity")
        verbose_name_plural = _("proposed activities")
        indexes = [
            models.Index(
                fields=["proposed_at"], condition=Q(state="awaiting"), name="activity_proposal_in_line"
            ),
            models.Index(fields=["asked_at"], condition=~Q(asked=""), name="activity_proposal_asked"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["awaiting", "accepted", "refused", "withdrawn"]),
                name="activity_proposal_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="awaiting") | Q(answered_at__isnull=False),
                name="activity_proposal_answered_when",
            ),
            models.CheckConstraint(
                condition=Q(asked="", asked_at=None)
                | (~Q(asked="") & Q(state="accepted", asked_at__isnull=False)),
                name="activity_proposal_asked_when",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}"

    @property
    def shown_version(self) -> str:
        """The fingerprint of what is decided about; reads the activity, its sessions, the listing and who wrote."""
        whose = [(person.name, person.email) for person in (self.proposed_by, self.asked_by) if person]
        columns = [getattr(self.forum, name) for name in SHOWN_COLUMNS]
        dates = [(each.starts_at, each.ends_at) for each in self.forum.sessions.all()]
        listing = (self.listing.name, self.listing.state)
        return seen_version("activity", self.pk, self.state, self.asked, listing, whose, columns, dates)

    @property
    def is_open(self) -> bool:
        """Whether whoever proposed it may still change it."""
        return self.state == self.State.AWAITING

    @property
    def waits_since(self) -> datetime:
        return self.asked_at or self.proposed_at


class Season(models.Model):
    """Days that gather activities under one name, as the social economy month in November."""

    SLUG_ROUTES: ClassVar[tuple[str, ...]] = ("agenda/<slug:slug>/",)
    # What lists and feeds of the agenda are called, whether they have an address today or not.
    RESERVED_SLUGS: ClassVar[frozenset[str]] = frozenset(
        {"mrc", "mois", "tout", "calendriers", "temps-forts", "nouveau", "proposer"}
        | {"forums", "formations", "webinaires", "visites", "assemblees", "portes-ouvertes", "rencontres"}
    )

    slug = models.CharField(
        _("address"),
        max_length=90,
        unique=True,
        validators=[slug_form],
        error_messages={"unique": _("Another season already has this address.")},
    )
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    summary_en = models.CharField(_("summary in English"), max_length=300, blank=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    forums = models.ManyToManyField(Forum, related_name="seasons", blank=True, verbose_name=_("activities"))
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    shown_title = LocalizedField("title")
    shown_summary = LocalizedField("summary")

    class Meta:
        ordering = ["-first_day", "id"]
        indexes = [models.Index(fields=["last_day", "first_day"], name="season_days")]
        verbose_name = _("season")
        verbose_name_plural = _("seasons")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="season_ends_after_it_begins",
                violation_error_message=_("The last day can’t be before the first."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("forums:season", args=[self.slug])

    def get_edit_url(self) -> str:
        return reverse("staff:season_edit", args=[self.pk])
