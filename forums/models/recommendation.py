"""What people propose at a forum, and what became of each proposal."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from comments.models import Thread
from forums.models.event import Forum, Track
from forums.models.registration import DayTeamMember
from pole.hooks.moderation import seen_version
from pole.search import bilingual_document
from pole.text.bilingual import LocalizedField

HEAVY_FORUM_FIELDS = ("forum__document", "forum__body", "forum__body_en")


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def public(self) -> RecommendationQuerySet:
        """What readers may see once the forum is announced: neither what awaits review nor what is hidden."""
        return self.exclude(state=Recommendation.State.PROPOSED).filter(is_hidden=False)

    def readable(self, now: datetime) -> RecommendationQuerySet:
        """What everyone may read at `now`, in forums that are public and have recommendations."""
        return self.public().filter(forum__announced_at__lte=now, forum__has_participation=True)

    def awaiting_review(self) -> RecommendationQuerySet:
        return self.filter(state=Recommendation.State.PROPOSED, is_hidden=False)

    def for_lists(self) -> RecommendationQuerySet:
        """With what a list shows, and no query from a template."""
        return (
            self.select_related("forum", "track", "survivor")
            .defer("document", *HEAVY_FORUM_FIELDS, "survivor__document")
            .fetch_mode(models.FETCH_RAISE)
        )

    def for_page(self) -> RecommendationQuerySet:
        """As `for_lists`, with what the thread and the author's rights need."""
        return self.for_lists().select_related("thread", "author")

    def for_ballot(self) -> RecommendationQuerySet:
        """What opening a round copies into options."""
        return self.filter(state=Recommendation.State.ACCEPTED, is_on_ballot=True)


class Recommendation(models.Model):
    """An issue or an opportunity. A merged one keeps its page and points to the survivor."""

    class Kind(models.TextChoices):
        ISSUE = "issue", pgettext_lazy("recommendation", "Issue")
        OPPORTUNITY = "opportunity", pgettext_lazy("recommendation", "Opportunity")

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("recommendation", "Awaiting review")
        ACCEPTED = "accepted", pgettext_lazy("recommendation", "Accepted")
        REFUSED = "refused", pgettext_lazy("recommendation", "Refused")
        MERGED = "merged", pgettext_lazy("recommendation", "Merged")

    TEXTS: ClassVar[tuple[str, ...]] = ("title", "title_en", "description", "description_en")

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="recommendations")
    track = models.ForeignKey(
        Track, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("track")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.OPPORTUNITY)
    title = models.CharField(_("title"), max_length=160)
    title_en = models.CharField(_("title in English"), max_length=160, blank=True)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    description_en = models.TextField(_("description in English"), max_length=2000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="recommendations"
    )
    # As shown: a person who agreed to be named, or an organisation. Empty: not named.
    author_name = models.CharField(_("author, as shown"), max_length=140, blank=True)
    # Whether `author_name` is the author's own name, which goes away with the account.
    is_person_named = models.BooleanField(default=False)
    table_number = models.PositiveSmallIntegerField(_("table"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    refusal_reason = models.CharField(_("reason"), max_length=400, blank=True)
    survivor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="sources", verbose_name=_("merged into")
    )
    is_on_ballot = models.BooleanField(_("on the ballot"), default=False)
    # Readers don't see it: an insult, someone's private life.
    is_hidden = models.BooleanField(_("hidden"), default=False)
    thread = models.OneToOneField(Thread, models.PROTECT, related_name="recommendation")
    # New for each form shown: a double click makes one recommendation.
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    shown_title = LocalizedField("title")
    shown_description = LocalizedField("description")

    document = models.GeneratedField(
        expression=bilingual_document(
            [("title", "A"), ("description", "B")], [("title_en", "A"), ("description_en", "B")]
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["forum", "id"]
        indexes = [
            GinIndex(fields=["document"], name="recommendation_document"),
            models.Index(fields=["forum", "-id"], name="recommendation_of_a_forum"),
            models.Index(fields=["forum", "state", "-id"], name="recommendation_by_state"),
            models.Index(fields=["forum"], condition=Q(is_on_ballot=True), name="recommendation_on_ballot"),
            models.Index(
                fields=["created_at", "id"],
                condition=Q(state="proposed", is_hidden=False),
                name="recommendation_proposed",
            ),
        ]
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["issue", "opportunity"]), name="recommendation_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "accepted", "refused", "merged"]),
                name="recommendation_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", survivor__isnull=False)
                | (~Q(state="merged") & Q(survivor__isnull=True)),
                name="recommendation_merged_has_survivor",
            ),
            models.CheckConstraint(
                condition=~Q(survivor=F("id")), name="recommendation_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal_reason=""),
                name="recommendation_refused_with_reason",
                violation_error_message=_("Say why the recommendation is refused."),
            ),
            models.CheckConstraint(
                condition=Q(is_on_ballot=False) | Q(state="accepted", is_hidden=False),
                name="recommendation_on_ballot_accepted",
                violation_error_message=_("Only an accepted recommendation goes on the ballot."),
            ),
            models.CheckConstraint(
                condition=Q(is_person_named=False) | ~Q(author_name=""),
                name="recommendation_person_named_has_name",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="recommendation_has_title"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("forums:recommendation", args=[self.forum.slug, self.pk])

    def is_public(self, now: datetime) -> bool:
        """As `readable`. Reads `self.forum`."""
        is_shown = self.state != self.State.PROPOSED and not self.is_hidden
        return is_shown and self.forum.has_participation and self.forum.is_public(now)

    def texts(self) -> dict[str, str]:
        """Its words, by field."""
        return {field: getattr(self, field) for field in self.TEXTS}

    @property
    def shown_version(self) -> str:
        """The fingerprint of what the team's pages show of it. Reads `track` and `author`."""
        author = self.author.name if self.author else None
        track = self.track.title if self.track else None
        whose = (author, self.author_name, self.is_person_named, self.table_number)
        decided = (self.state, self.refusal_reason, self.survivor_id, self.is_on_ballot, self.is_hidden)
        return seen_version("recommendation", self.pk, self.kind, track, self.texts(), whose, decided)

    @property
    def shown_author(self) -> str:
        """Who proposed it, as agreed: a name, a table, both, or nothing."""
        if self.table_number is None:
            return self.author_name
        table = gettext("Table %(number)s") % {"number": self.table_number}
        return f"{self.author_name} ({table.lower()})" if self.author_name else table


class RecommendationEvent(models.Model):
    """Who did what to a recommendation, and when. A trigger refuses changes, but to empty `by` or `helper`.

    A merge adds a row to each of the two: `MERGED` to the source, `GATHERED` to the survivor.
    """

    class Action(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("what happened to a recommendation", "proposed")
        EDITED = "edited", pgettext_lazy("what happened to a recommendation", "reworded")
        ACCEPTED = "accepted", pgettext_lazy("what happened to a recommendation", "accepted")
        REFUSED = "refused", pgettext_lazy("what happened to a recommendation", "refused")
        MERGED = "merged", pgettext_lazy("what happened to a recommendation", "merged")
        UNMERGED = "unmerged", pgettext_lazy("what happened to a recommendation", "separated again")
        GATHERED = "gathered", pgettext_lazy("what happened to a recommendation", "joined by another")
        RELEASED = "released", pgettext_lazy("what happened to a recommendation", "left by another")
        ON_BALLOT = "on_ballot", pgettext_lazy("what happened to a recommendation", "put on the ballot")
        OFF_BALLOT = "off_ballot", pgettext_lazy("what happened to a recommendation", "taken off the ballot")
        HIDDEN = "hidden", pgettext_lazy("what happened to a recommendation", "hidden")
        SHOWN = "shown", pgettext_lazy("what happened to a recommendation", "shown again")

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="events")
    action = models.CharField(max_length=10, choices=Action)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # The member of the day team who did it, when it was not an account.
    helper = models.ForeignKey(DayTeamMember, models.SET_NULL, null=True, blank=True, related_name="+")
    # The texts before the change, by field; empty when none changed.
    before: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    # False shows `before` to the team alone: texts never published, or withheld.
    shows_before = models.BooleanField(default=True)
    # Of a merge: the state and the ballot choice before it, which separating restores.
    state_before = models.CharField(max_length=10, blank=True)
    was_on_ballot = models.BooleanField(default=False)
    # The other recommendation of a merge or separation.
    other = models.ForeignKey(Recommendation, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    action__in=[
                        *("proposed", "edited", "accepted", "refused", "merged", "unmerged"),
                        *("gathered", "released", "on_ballot", "off_ballot", "hidden", "shown"),
                    ]
                ),
                name="recommendation_event_known",
            ),
            models.CheckConstraint(
                condition=Q(action__in=["merged", "unmerged", "gathered", "released"], other__isnull=False)
                | ~Q(action__in=["merged", "unmerged", "gathered", "released"]) & Q(other__isnull=True),
                name="recommendation_event_ties_two",
            ),
            models.CheckConstraint(
                condition=~Q(action="merged") & Q(state_before="")
                | Q(action="merged", state_before__in=["proposed", "accepted"]),
                name="recommendation_event_keeps_state_before",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.recommendation_id}"
