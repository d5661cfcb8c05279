"""A round of voting: its questions and options, what happened to it, and its sealed box."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.models.event import Forum, Track
from forums.models.recommendation import Recommendation
from pole.text.bilingual import LocalizedField

# Beyond it a ballot becomes hard to read on a phone, and staff are warned.
MANY_OPTIONS = 15


# Not a class of ours: migrations hold it, and import nothing from the project.
OPEN_TIMES = Func(
    "opens_at", "closes_at", RangeBoundary(), function="TSTZRANGE", output_field=DateTimeRangeField()
)


# Opened and not ended, whatever the hour. What is sealed was closed: a constraint.
RUNNING = Q(opened_at__isnull=False, closed_at=None, annulled_at=None)


class RoundQuerySet(models.QuerySet["Round"]):
    def open_at(self, now: datetime) -> RoundQuerySet:
        """Those that take ballots at `now`, as `state_at` says, and `forums_is_open` in the database."""
        return self.filter(RUNNING, closes_at__gt=now)

    def overdue(self, now: datetime) -> RoundQuerySet:
        """Those whose time is over and that nobody closed yet."""
        return self.filter(RUNNING, closes_at__lte=now)

    def unsealed(self) -> RoundQuerySet:
        """Opened, and neither sealed nor annulled: their secret exists."""
        return self.filter(opened_at__isnull=False, sealed_at=None, annulled_at=None)

    def without_paper(self) -> RoundQuerySet:
        """Nothing printed, nothing given: they are sealed as soon as they close."""
        return self.exclude(papers__isnull=False).exclude(roll__is_on_paper=True)

    def awaiting_tellers(self) -> RoundQuerySet:
        """As `Round.awaits_tellers`."""
        return self.filter(tellers_add=True, tellers_part="", tellers_dropped_because="")

    def sealed(self) -> RoundQuerySet:
        return self.filter(sealed_at__isnull=False)

    def decisive(self) -> RoundQuerySet:
        """Without trials."""
        return self.filter(is_trial=False)

    def for_pages(self) -> RoundQuerySet:
        """With forum, questions and options, and no query from a template."""
        questions = models.Prefetch(
            "questions", Question.objects.select_related("track").prefetch_related("options")
        )
        return (
            self.select_related("forum__municipality")
            .prefetch_related(questions)
            .defer("forum__document", "forum__body", "forum__body_en")
            .fetch_mode(models.FETCH_RAISE)
        )


class Round(models.Model):
    """A vote of one forum: one code, one ballot, one receipt for all its questions.

    Its state is computed from dates. Once open, a trigger refuses any change but those of
    `forums.vote.rounds`: prolonging, closing, annulling, sealing.
    """

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("vote", "In preparation")
        OPEN = "open", pgettext_lazy("vote", "Open")
        CLOSED = "closed", pgettext_lazy("vote", "Closed")
        SEALED = "sealed", pgettext_lazy("vote", "Sealed")
        ANNULLED = "annulled", pgettext_lazy("vote", "Annulled")

    class Public(models.TextChoices):
        CHECKED_IN = "checked_in", _("people whose arrival is confirmed")
        REGISTRANTS = "registrants", _("everyone whose registration is confirmed")
        ACCOUNTS = "accounts", _("every verified account (consultation)")

    class Reading(models.TextChoices):
        MOST_SUPPORTED = "most_supported", _("The most supported")
        BALANCED = "balanced", _("Balanced reading")

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=160, blank=True)
    title_en = models.CharField(_("title in English"), max_length=160, blank=True)
    is_trial = models.BooleanField(_("trial vote"), default=False)
    public = models.CharField(_("who votes"), max_length=12, choices=Public, default=Public.CHECKED_IN)
    reading = models.CharField(
        _("the reading that decides"), max_length=14, choices=Reading, default=Reading.MOST_SUPPORTED
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    # As staff typed it: opening and closing by hand move the times above.
    planned_length = models.DurationField(null=True, blank=True)
    # When options were copied and numbered by lot: from then on the ballot can be printed.
    drawn_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    annulled_at = models.DateTimeField(null=True, blank=True)
    annulled_because = models.CharField(_("reason"), max_length=400, blank=True)
    # forums.tally.ties.seed_hash of the seed of the tie rule: published at opening.
    seed_hash = models.CharField(max_length=64, blank=True)
    # SHA-256, in hexadecimal, of its key, which is nowhere in the database (forums.vote.round_keys): taken at opening.
    key_hash = models.CharField(max_length=64, blank=True)
    # forums.tally.box.receipts_fingerprint of the receipts in force at the closing, and their number: shown at once.
    receipts_fingerprint = models.CharField(max_length=64, blank=True)
    receipts_count = models.PositiveIntegerField(null=True, blank=True)
    # Whether tellers add their part to the seed of the tie rule, what it is, or why they did not.
    tellers_add = models.BooleanField(_("tellers add their part to the lottery"), default=False)
    tellers_part = models.CharField(_("part of the tellers"), max_length=200, blank=True)
    tellers_dropped_because = models.CharField(_("reason"), max_length=400, blank=True)
    # SHA-256 of the box, in hexadecimal.
    seal = models.CharField(max_length=64, blank=True)
    # Papers that were issued and never came back, as staff declare them at reconciliation.
    papers_lost = models.PositiveIntegerField(null=True, blank=True)
    papers_lost_because = models.CharField(_("reason"), max_length=400, blank=True)

    shown_title = LocalizedField("title")

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["forum", "number"]
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        # The few that are under way, or wait to be sealed, among all those that were.
        indexes = [
            models.Index(fields=["forum"], condition=RUNNING, name="round_running"),
            models.Index(
                fields=["forum"],
                condition=Q(opened_at__isnull=False, sealed_at=None, annulled_at=None),
                name="round_unsealed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["forum", "number"], name="round_number_unique"),
            models.UniqueConstraint(
                fields=["key_hash"], condition=~Q(key_hash=""), name="round_key_serves_once"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="round_closes_after_it_opens",
                violation_error_message=_("The vote must close after it opens."),
            ),
            ExclusionConstraint(
                name="round_of_one_forum_at_a_time",
                expressions=[
                    ("forum", RangeOperators.EQUAL),
                    (OPEN_TIMES, RangeOperators.OVERLAPS),
                ],
                condition=Q(annulled_at__isnull=True),
                violation_error_message=_("Another vote of this forum takes place at the same time."),
            ),
            models.CheckConstraint(
                condition=Q(public__in=["checked_in", "registrants", "accounts"]), name="round_public_known"
            ),
            models.CheckConstraint(
                condition=Q(reading__in=["most_supported", "balanced"]), name="round_reading_known"
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=False)
                | Q(closed_at__isnull=True, sealed_at__isnull=True, annulled_at__isnull=True),
                name="round_opened_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True) | (~Q(seed_hash="") & Q(drawn_at__isnull=False)),
                name="round_open_commits_its_seed",
            ),
            models.CheckConstraint(
                condition=Q(sealed_at__isnull=True, seal="")
                | (Q(closed_at__isnull=False, annulled_at__isnull=True) & ~Q(seal="")),
                name="round_sealed_has_seal",
            ),
            models.CheckConstraint(
                condition=Q(tellers_part="", tellers_dropped_because="")
                | Q(tellers_add=True, closed_at__isnull=False)
                & (Q(tellers_part="") | Q(tellers_dropped_because="")),
                name="round_tellers_add_after_closing",
            ),
            models.CheckConstraint(
                condition=Q(sealed_at__isnull=True)
                | Q(tellers_add=False)
                | ~Q(tellers_part="")
                | ~Q(tellers_dropped_because=""),
                name="round_sealed_after_tellers",
            ),
            models.CheckConstraint(
                condition=Q(annulled_at__isnull=True) | ~Q(annulled_because=""),
                name="round_annulled_with_reason",
                violation_error_message=_("Say publicly why the vote is annulled."),
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.number} of forum {self.forum_id}"

    def get_absolute_url(self) -> str:
        return reverse("forums:round_vote", args=[self.forum.slug, self.number])

    def state_at(self, now: datetime) -> State:
        if self.annulled_at:
            return self.State.ANNULLED
        if self.sealed_at:
            return self.State.SEALED
        if not self.opened_at:
            return self.State.PLANNED
        return self.State.OPEN if self.is_running and now < self.closes_at else self.State.CLOSED

    @property
    def is_running(self) -> bool:
        """Opened and not ended, whatever the hour."""
        return bool(self.opened_at) and not self.closed_at and not self.annulled_at

    @property
    def awaits_tellers(self) -> bool:
        """Their part was announced, and neither given nor dropped: nothing is typed or sealed before."""
        return self.tellers_add and not self.tellers_part and not self.tellers_dropped_because

    @property
    def is_consultation(self) -> bool:
        return self.public == self.Public.ACCOUNTS


# As OPEN_TIMES, not a class of ours. The path finds no member that is something else than a whole number from 1;
# unless it is strict, it looks for them in lists too.
ONLY_WHOLE_NUMBERS = Q(
    Func(
        "limits",
        Value(
            'strict $ ? (@.type() == "object") ? (!exists(@.* ? (@.type() != "number" || @ < 1 || @ != @.floor())))'
        ),
        function="jsonb_path_exists",
        output_field=models.BooleanField(),
    )
)


class Question(models.Model):
    """One question of a round, with the method that counts it: one of `forums.vote.methods`.

    `limits` are those of its method, whole numbers by name; opening a round checks them.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("order"))
    track = models.ForeignKey(
        Track, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("track")
    )
    title = models.CharField(_("question"), max_length=200)
    title_en = models.CharField(_("question in English"), max_length=200, blank=True)
    method = models.CharField(_("method"), max_length=10, default="approval")
    limits: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(_("limits"), default=dict)
    to_retain = models.PositiveSmallIntegerField(_("number to retain"), default=5)

    shown_title = LocalizedField("title")

    class Meta:
        ordering = ["round", "position"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="question_order_unique"),
            models.CheckConstraint(condition=Q(method__regex="^[a-z_]+$"), name="question_method_is_a_name"),
            models.CheckConstraint(condition=ONLY_WHOLE_NUMBERS, name="question_limits_are_numbers"),
            models.CheckConstraint(condition=Q(to_retain__gte=1), name="question_retains_one_at_least"),
        ]

    def __str__(self) -> str:
        return self.title


class Option(models.Model):
    """A line of the ballot: copied from a recommendation at opening, or typed beforehand."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="options")
    # Drawn by lot at opening; until then, the order in which staff typed it.
    number = models.PositiveSmallIntegerField(_("number"))
    recommendation = models.ForeignKey(
        Recommendation, models.SET_NULL, null=True, blank=True, related_name="options"
    )
    is_copied = models.BooleanField(default=False)
    title = models.CharField(_("title"), max_length=160)
    title_en = models.CharField(_("title in English"), max_length=160, blank=True)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    description_en = models.TextField(_("description in English"), max_length=2000, blank=True)

    shown_title = LocalizedField("title")
    shown_description = LocalizedField("description")

    class Meta:
        ordering = ["question", "number"]
        verbose_name = _("option")
        verbose_name_plural = _("options")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "number"],
                name="option_number_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="option_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return self.title


class RoundEvent(models.Model):
    """The public log of a round. Rows are only added."""

    class Kind(models.TextChoices):
        OPENED = "opened", pgettext_lazy("what happened to a vote", "opened")
        PROLONGED = "prolonged", pgettext_lazy("what happened to a vote", "extended")
        CLOSED = "closed", pgettext_lazy("what happened to a vote", "closed")
        ANNULLED = "annulled", pgettext_lazy("what happened to a vote", "annulled")
        SEALED = "sealed", pgettext_lazy("what happened to a vote", "sealed")
        ADDED = "added", pgettext_lazy("what happened to a vote", "voter added")
        VOIDED = "voided", pgettext_lazy("what happened to a vote", "voter removed")
        NOTED = "noted", pgettext_lazy("what happened to a vote", "paper noted late")
        TELLERS = "tellers", pgettext_lazy("what happened to a vote", "part of the tellers in the lottery")
        DROPPED = "dropped", pgettext_lazy("what happened to a vote", "lottery without the tellers")

    round = models.ForeignKey(Round, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=400, blank=True)
    # When a round is prolonged: until when.
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("opened", "prolonged", "closed", "annulled"),
                        *("sealed", "added", "voided", "noted", "tellers", "dropped"),
                    ]
                ),
                name="round_event_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.round_id}"


class RoundSecret(models.Model):
    """What ties voters to ballots, the seed that breaks ties, and the receipts of the closing: deleted at sealing,
    never backed up."""

    round = models.OneToOneField(Round, models.CASCADE, primary_key=True, related_name="secret")
    # What HMAC-SHA256 (RFC 2104) makes of its secret, since PostgreSQL, which derives all from it, has the hash alone.
    inner_block = models.BinaryField(max_length=64)
    outer_block = models.BinaryField(max_length=64)
    seed = models.BinaryField(max_length=32)
    # Sorted SHA-256 of the receipts in force at the closing, from then to the seal.
    closing_receipts: models.JSONField[list[str] | None, list[str] | None] = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"secret of {self.pk}"


class SealedBox(models.Model):
    """The box and what was counted from it. Nothing here ever changes."""

    round = models.OneToOneField(Round, models.PROTECT, primary_key=True, related_name="box")
    # Canonical text (forums.tally.box). Empty when so few voted that it would tell who voted what.
    text = models.TextField(blank=True)
    # Sorted SHA-256 of the receipts, in hexadecimal.
    receipts: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # forums.tally.count.as_json
    outcome: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    # forums.vote.sealing.Reconciliation, as JSON.
    reconciliation: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sealed box")
        verbose_name_plural = _("sealed boxes")

    def __str__(self) -> str:
        return f"box of {self.pk}"
