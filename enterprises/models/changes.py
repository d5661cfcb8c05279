"""What people propose to change in a listing, and what was changed, by whom."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.listing import Listing
from pole.hooks.moderation import seen_version

_USER = settings.AUTH_USER_MODEL


class Proposal(models.Model):
    """Something that staff decide: a change of identity, a correction, a reported error."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", _("Proposed change")
        CORRECTION = "correction", _("Correction without an account")
        REPORT = "report", _("Reported error")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for the team")
        ACCEPTED = "accepted", _("accepted")
        PARTLY = "partly", _("accepted in part")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PENDING)
    # {field: {"before": …, "after": …}}, as `enterprises.ownership.proposals.stored_json_value` gives them.
    fields: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # The version of the listing that the author saw.
    base_version = models.PositiveIntegerField(default=0)
    message = models.TextField(_("message"), blank=True)
    author = models.ForeignKey(_USER, models.SET_NULL, null=True, blank=True, related_name="+")
    # Of someone without an account, to answer; erased once decided.
    author_email = models.EmailField(_("e-mail address"), blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    accepted_fields = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(_USER, models.SET_NULL, null=True, blank=True, related_name="+")
    decision_reason = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        indexes = [models.Index(fields=["created_at"], condition=Q(state="pending"), name="proposal_pending")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["identity", "correction", "report"]), name="proposal_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "accepted", "partly", "refused", "withdrawn"]),
                name="proposal_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "withdrawn"]) | Q(decided_at__isnull=False),
                name="proposal_decided_at_a_moment",
            ),
            models.UniqueConstraint(
                fields=["listing", "author"],
                condition=Q(state="pending", kind="identity"),
                name="proposal_one_pending_each",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ListingVersion(models.Model):
    """A listing as it was before one edit. Written by a trigger, whatever made the change."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="versions")
    # The same for every statement of one edit.
    edit = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.ForeignKey(_USER, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    changed = ArrayField(models.CharField(max_length=30))
    # The row before, by column.
    before: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["listing", "edit"], name="listing_version_once_an_edit")
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.at}"


class DuplicatePair(models.Model):
    """Two listings that may be one; staff's answer is remembered."""

    class State(models.TextChoices):
        OPEN = "open", _("possible duplicate")
        DISMISSED = "apart", _("not a duplicate")

    first = models.ForeignKey(Listing, models.CASCADE, related_name="+")
    second = models.ForeignKey(Listing, models.CASCADE, related_name="+")
    likeness = models.FloatField()
    state = models.CharField(max_length=5, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(_USER, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-likeness", "id"]
        indexes = [models.Index(fields=["-likeness", "id"], condition=Q(state="open"), name="duplicate_open")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="duplicate_pair_in_order"),
            models.CheckConstraint(condition=Q(state__in=["open", "apart"]), name="duplicate_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class Checkup(models.Model):
    """A yearly question to the managers of a listing: is it still exact?"""

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        EXACT = "exact", _("exact")
        CORRECTED = "corrected", _("corrected")
        CALLED = "called", _("answered by telephone")

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="checkups")
    asked_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(default=timezone.now)
    # Mails sent after the first: at most two.
    reminders = models.PositiveSmallIntegerField(default=0)
    # Nobody can be written to, or nobody has answered: staff telephone.
    to_call = models.BooleanField(default=False)
    answer = models.CharField(max_length=9, choices=Answer, default=Answer.NONE, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [
            models.Index(
                fields=["sent_at", "id"], condition=Q(to_call=True, answer=""), name="checkup_to_call"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__in=["", "exact", "corrected", "called"]), name="checkup_answer_known"
            ),
            models.CheckConstraint(condition=Q(reminders__lte=2), name="checkup_two_reminders"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="checkup_answered_at_a_moment",
            ),
            models.UniqueConstraint(fields=["listing"], condition=Q(answer=""), name="checkup_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.asked_at}"

    @property
    def shown_version(self) -> str:
        """The fingerprint of what the team reads out on the telephone. Reads `listing` and its municipality."""
        listing = self.listing
        shown = (listing.name, str(listing.municipality), listing.phone, listing.phone_extension)
        return seen_version("call", self.pk, listing.pk, listing.version, shown)
