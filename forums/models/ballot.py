"""The roll, the slips, and the ballots while a round is open. Sealing empties what ties them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.models.event import Forum, ParticipantKind
from forums.models.registration import Registration
from forums.models.round import Round


class RollEntry(models.Model):
    """One person who may vote in one round, known by an account, a registration, an address or several."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="roll")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    registration = models.ForeignKey(Registration, models.SET_NULL, null=True, related_name="roll_entries")
    # HMAC of the normalised e-mail address, in hexadecimal: outlives an erased account until sealing.
    email_hash = models.CharField(max_length=64, null=True)
    kind = models.CharField(max_length=14, choices=ParticipantKind, default=ParticipantKind.OTHER)
    is_late = models.BooleanField(default=False)
    is_on_paper = models.BooleanField(default=False)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_because = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("entry of the roll")
        verbose_name_plural = _("roll")
        # « Mes données » finds, in every roll, those of an address that no account has.
        indexes = [
            models.Index(
                fields=["email_hash"],
                condition=Q(user=None, email_hash__isnull=False),
                name="roll_entry_of_an_address",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["round", identity],
                condition=Q(**{f"{identity}__isnull": False, "voided_at": None}),
                name=f"roll_once_by_{identity}",
            )
            for identity in ("user", "registration", "email_hash")
        ] + [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(registration__isnull=False) | Q(email_hash__isnull=False),
                name="roll_entry_is_someone",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(voided_because=""),
                name="roll_voided_with_reason",
                violation_error_message=_("Say why this person is taken off the roll."),
            ),
        ]

    def __str__(self) -> str:
        return f"roll entry {self.pk}"


class Ballot(models.Model):
    """The present choices of one voter. No date, no person: `voter_key` needs the round's secret.

    `choices` holds, by position of the question, what its method keeps: the sorted numbers of the options, sorted pairs of
    number and points or of number and grade, numbers in order of preference…; an empty list is blank. A withdrawn ballot keeps
    its row, empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    # The unique constraint below has its index. No foreign key: to check one, PostgreSQL locks the row of the round, and
    # writes there the number of the transaction of the last ballot. `forums_ballot_needs_open_round` asks for more.
    round = models.ForeignKey(
        Round, models.PROTECT, related_name="ballots", db_index=False, db_constraint=False
    )
    voter_key = models.BinaryField(max_length=32)
    choices: models.JSONField[dict[str, list], dict[str, list]] = models.JSONField(default=dict)  # type: ignore[type-arg]  # see above
    is_withdrawn = models.BooleanField(default=False)
    # SHA-256 of the receipt, in hexadecimal; empty when withdrawn.
    receipt_hash = models.CharField(max_length=64, blank=True)
    # SHA-256, in hexadecimal, of each idempotency key that cast or changed this ballot; the current one is last.
    idempotency_key_hashes = ArrayField(models.CharField(max_length=64))

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(fields=["round", "voter_key"], name="ballot_once_a_voter"),
            models.CheckConstraint(
                condition=Q(is_withdrawn=False) & ~Q(receipt_hash="")
                | Q(is_withdrawn=True, receipt_hash="", choices={}),
                name="ballot_withdrawn_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return "ballot"


class Slip(models.Model):
    """A printed slip with a voting code. It serves every round of its forum, once activated for someone."""

    class Void(models.TextChoices):
        LOST = "lost", _("lost")
        SPOILED = "spoiled", _("spoiled")
        PAPER = "paper", _("votes on paper")
        UNUSED = "unused", _("printed anew")

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="slips")
    # Printed on the slip beside the code, so that staff can name it without reading the code.
    number = models.PositiveIntegerField(_("number"))
    # forums.vote.codes.hash_code, in hexadecimal: the code itself is nowhere but on the slip.
    code_hash = models.CharField(max_length=64, unique=True)
    registration = models.ForeignKey(
        Registration, models.SET_NULL, null=True, blank=True, related_name="slips"
    )
    activated_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_because = models.CharField(max_length=8, choices=Void, blank=True)
    printed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        verbose_name = _("voting slip")
        verbose_name_plural = _("voting slips")
        constraints = [
            models.UniqueConstraint(fields=["forum", "number"], name="slip_number_unique"),
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(registration__isnull=False, voided_at=None),
                name="slip_one_active_a_person",
            ),
            models.CheckConstraint(
                condition=Q(registration__isnull=True) | Q(activated_at__isnull=False),
                name="slip_activated_for_someone",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_because="")
                | Q(voided_at__isnull=False, voided_because__in=["lost", "spoiled", "paper", "unused"]),
                name="slip_voided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"slip {self.number}"

    @property
    def is_active(self) -> bool:
        return self.activated_at is not None and self.voided_at is None


class PaperBallot(models.Model):
    """A printed ballot of a round, known by a random serial that is never noted at hand-out."""

    class Outcome(models.TextChoices):
        TYPED = "typed", _("typed")
        BLANK = "blank", _("blank")
        REJECTED = "rejected", _("rejected")

    round = models.ForeignKey(Round, models.PROTECT, related_name="papers")
    serial = models.CharField(max_length=8)
    is_large_print = models.BooleanField(default=False)
    # What counts, once two people typed the same, or a third resolved a discrepancy.
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    # As Ballot.choices.
    choices: models.JSONField[dict[str, list], dict[str, list]] = models.JSONField(default=dict)  # type: ignore[type-arg]  # see Ballot
    resolved_because = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        ordering = ["serial"]
        verbose_name = _("paper ballot")
        verbose_name_plural = _("paper ballots")
        constraints = [
            models.UniqueConstraint(fields=["round", "serial"], name="paper_serial_unique"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "typed", "blank", "rejected"]), name="paper_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class PaperTyping(models.Model):
    """What one person typed of one paper. Two different people type each."""

    paper = models.ForeignKey(PaperBallot, models.CASCADE, related_name="typings")
    # "user:12" or "day:7": who typed, without a foreign key that an erasure would empty.
    typist = models.CharField(max_length=24)
    typist_name = models.CharField(max_length=80)
    outcome = models.CharField(max_length=8, choices=PaperBallot.Outcome)
    choices: models.JSONField[dict[str, list], dict[str, list]] = models.JSONField(default=dict)  # type: ignore[type-arg]  # see Ballot

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "typist"], name="paper_typed_once_a_person"),
            models.CheckConstraint(
                condition=Q(outcome__in=["typed", "blank", "rejected"]), name="paper_typing_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"typing of {self.paper_id}"
