"""Who comes to a forum: registrations, staff's questions and mails, the day team."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.models.event import Forum, ParticipantKind
from pole.text.bilingual import LocalizedField

# In the singular; the labels of `ParticipantKind` are plural.
PERSON_KINDS: list[tuple[str, Promise]] = [
    (ParticipantKind.CITIZEN, pgettext_lazy("you come as", "Citizen")),
    (ParticipantKind.ENTERPRISE, pgettext_lazy("you come as", "Social economy enterprise")),
    (ParticipantKind.PARTNER, pgettext_lazy("you come as", "Partner")),
    (ParticipantKind.COLLABORATOR, pgettext_lazy("you come as", "Collaborator")),
    (ParticipantKind.OTHER, pgettext_lazy("you come as", "Other")),
]

# How many people may register from home with one address: whoever wants more writes to the team.
MAX_PEOPLE_FROM_HOME = 5


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def confirmed(self) -> RegistrationQuerySet:
        """Those that count against the capacity."""
        return self.filter(state=Registration.State.CONFIRMED)

    def waitlisted(self) -> RegistrationQuerySet:
        """The waitlist, first come first."""
        return self.filter(state=Registration.State.WAITLISTED).order_by("waitlisted_at", "id")

    def checked_in(self) -> RegistrationQuerySet:
        return self.filter(state=Registration.State.CONFIRMED, checked_in_at__isnull=False)

    def with_address(self, email: str) -> RegistrationQuerySet:
        """Those that are not cancelled; first the one whom the address identifies."""
        rows = self.filter(email=email.lower()).exclude(email="").exclude(state=Registration.State.CANCELLED)
        return rows.order_by("email_is_contact_only", "pk")

    def counted_on_rolls(self) -> RegistrationQuerySet:
        """Confirmed, and for those whose address is another person's, let in by staff or the door.

        Otherwise one address would make as many votes as names."""
        is_known = (
            Q(email_is_contact_only=False) | Q(vouched_at__isnull=False) | Q(checked_in_at__isnull=False)
        )
        return self.confirmed().filter(is_known)


class Registration(models.Model):
    """One person at one forum. Someone who came without registering is a walk-in."""

    class State(models.TextChoices):
        PENDING = "pending", _("to be confirmed by mail")
        CONFIRMED = "confirmed", _("confirmed")
        WAITLISTED = "waitlisted", _("on the waitlist")
        CANCELLED = "cancelled", _("cancelled")

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="registrations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="registrations"
    )
    # Identifies the registration in links and QR codes, and is the idempotency key of forms that create one.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    # Lower case; empty for a walk-in without one.
    email = models.EmailField(_("e-mail address"), blank=True)
    # The address is another person's at this forum: it serves to write to this one, and identifies neither them
    # nor an account.
    email_is_contact_only = models.BooleanField(default=False)
    # When staff said of a person whose address is another's that they are somebody else.
    vouched_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=[("fr", "Français"), ("en", "English")], default="fr"
    )
    kind = models.CharField(
        _("you come as"), max_length=14, choices=ParticipantKind, default=ParticipantKind.CITIZEN
    )
    organisation = models.CharField(_("organisation"), max_length=140, blank=True)
    access_needs = models.CharField(_("access needs"), max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    is_walk_in = models.BooleanField(_("walk-in"), default=False)
    consent_wording = models.CharField(max_length=400, blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    waitlisted_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    # Who confirmed the arrival: "user:<id>" or "day:<id>", as PaperTyping.typist.
    checked_in_by = models.CharField(max_length=24, blank=True)
    # When access needs and answers were erased (forums.registration.retention).
    needs_erased_at = models.DateTimeField(null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        indexes = [
            models.Index(fields=["forum", "state", "waitlisted_at"], name="registration_in_line"),
            # Whose they are is found by their address.
            models.Index(fields=["email"], condition=Q(user=None), name="registration_without_account"),
        ]
        constraints = [
            models.UniqueConstraint(
                "forum",
                Lower("email"),
                condition=~Q(email="") & ~Q(state="cancelled") & Q(email_is_contact_only=False),
                name="registration_once_an_address",
                violation_error_message=_("This address is already registered for this forum."),
            ),
            models.UniqueConstraint(
                fields=["forum", "user"],
                condition=Q(user__isnull=False) & ~Q(state="cancelled"),
                name="registration_once_an_account",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "confirmed", "waitlisted", "cancelled"]),
                name="registration_state_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["enterprise", "citizen", "partner", "collaborator", "other"]),
                name="registration_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(language__in=["fr", "en"]), name="registration_language_known"
            ),
            models.CheckConstraint(
                condition=Q(email="") | Q(email=Lower("email")), name="registration_email_lower_case"
            ),
            models.CheckConstraint(
                condition=~Q(state="waitlisted") | Q(waitlisted_at__isnull=False),
                name="registration_in_line_since_when",
            ),
            models.CheckConstraint(
                condition=Q(checked_in_at__isnull=True) | Q(state="confirmed"),
                name="registration_checked_in_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(email_is_contact_only=False) | Q(user=None),
                name="registration_of_an_account_has_its_address",
            ),
        ]

    def __str__(self) -> str:
        return f"registration {self.pk}"

    @property
    def shown_kind(self) -> str:
        return str(dict(PERSON_KINDS)[self.kind])

    @property
    def is_checked_in(self) -> bool:
        return self.checked_in_at is not None

    def names_with_its_address(self) -> str:
        """Who else confirmed its address, for whoever reads mail there. One query."""
        others = Registration.objects.filter(forum=self.forum_id).with_address(self.email).exclude(pk=self.pk)
        return ", ".join(others.exclude(state=self.State.PENDING).values_list("name", flat=True))

    def shares_its_address_with_most(self) -> bool:
        """Whether as many people as may are registered with its address. One query."""
        people = Registration.objects.filter(forum=self.forum_id).with_address(self.email)
        return people.count() >= MAX_PEOPLE_FROM_HOME

    @property
    def awaits_vouching(self) -> bool:
        """Whether staff or the door have yet to say that this is somebody else than whom the address identifies."""
        return self.email_is_contact_only and self.vouched_at is None and self.checked_in_at is None


class RegistrationQuestion(models.Model):
    """What staff ask at registration: a dinner, allergies, car sharing. Three at most."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("order"))
    label = models.CharField(_("question"), max_length=160)
    label_en = models.CharField(_("question in English"), max_length=160, blank=True)

    shown_label = LocalizedField("label")

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(
                fields=["forum", "position"],
                name="registration_question_order_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=3), name="registration_question_three_at_most"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class RegistrationAnswer(models.Model):
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="answers")
    question = models.ForeignKey(RegistrationQuestion, models.CASCADE, related_name="answers")
    text = models.CharField(_("answer"), max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "question"], name="registration_answer_once")
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class DayTeamMember(models.Model):
    """A volunteer of one forum, with access by a QR until the night after it: no account, no second factor."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="day_team")
    name = models.CharField(_("name"), max_length=80)
    # SHA-256 of the token of the QR, in hexadecimal.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("member of the day team")
        verbose_name_plural = _("day team")
        constraints = [
            models.UniqueConstraint(
                "forum",
                Lower("name"),
                condition=Q(revoked_at=None),
                name="day_team_name_once",
                violation_error_message=_("Someone of this name is already in the day team."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.valid_until
