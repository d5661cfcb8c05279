"""The owner’s signed statement that the enterprise follows the six principles of the social economy."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enterprises.models.listing import Listing
from pole.hooks.moderation import seen_version

VALID_YEARS = 3
# The six principles of the Loi sur l’économie sociale (RLRQ, c. E-1.1.1, art. 3), in plain words.
PRINCIPLES: tuple[str | Promise, ...] = (
    _("Our enterprise exists to meet the needs of its members or of the community."),
    _("It is not under the decision-making control of one or more public bodies."),
    _("Its rules give it democratic governance by its members."),
    _("It aims at economic viability."),
    _(
        "Its rules forbid distributing its surplus, or limit it to what members have done with the enterprise."
    ),
    _("If it is dissolved, its rules give what remains to an organisation with similar aims."),
)


def valid_until(signed_on: date) -> date:
    """The last day of an attestation: the eve of its third anniversary."""
    try:
        anniversary = signed_on.replace(year=signed_on.year + VALID_YEARS)
    except ValueError:  # 29 February
        anniversary = date(signed_on.year + VALID_YEARS, 3, 1)
    return date.fromordinal(anniversary.toordinal() - 1)


class AttestationQuerySet(models.QuerySet["Attestation"]):
    def valid_on(self, day: date) -> AttestationQuerySet:
        return self.filter(state=Attestation.State.ACCEPTED, signed_on__lte=day, expires_on__gte=day)


class Attestation(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("waiting for the team")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="attestations")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    signed_on = models.DateField(_("signed on"), default=timezone.localdate)
    # The last day on which it is valid.
    expires_on = models.DateField(_("valid until"))
    signer_name = models.CharField(_("full name"), max_length=120)
    signer_title = models.CharField(_("function in the enterprise"), max_length=120)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What was signed, as it was shown.
    wording = models.TextField(_("what was signed"))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision_reason = models.CharField(_("reason"), max_length=400, blank=True)

    objects = AttestationQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_on", "-id"]
        indexes = [
            models.Index(
                fields=["created_at", "id"], condition=Q(state="pending"), name="attestation_pending"
            )
        ]
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "accepted", "refused"]), name="attestation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("signed_on")), name="attestation_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(signer_name="") & ~Q(signer_title=""), name="attestation_is_signed"
            ),
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(state="pending"),
                name="attestation_one_pending",
                violation_error_message=_("An attestation is already waiting for the team."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer_name}, {self.signed_on}"

    @property
    def shown_version(self) -> str:
        """The fingerprint of what the team decides on. Reads `listing`."""
        signed = (self.signer_name, self.signer_title, self.signed_on, self.wording, self.expires_on)
        return seen_version("attestation", self.pk, self.listing_id, self.listing.name, signed, self.state)
