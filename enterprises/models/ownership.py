"""The managers of each listing, those who ask to be, and those who are invited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.listing import Listing
from pole.hooks.moderation import seen_version


class ListingRole(models.Model):
    """A manager of a listing ("gestionnaire de fiche"), owner or co-editor."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        EDITOR = "editor", _("co-editor")

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="roles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="listing_roles")
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.OWNER)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("listing manager")
        verbose_name_plural = _("listing managers")
        constraints = [
            models.UniqueConstraint(fields=["listing", "user"], name="listing_role_once"),
            models.CheckConstraint(condition=Q(role__in=["owner", "editor"]), name="listing_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.listing_id}"


class Claim(models.Model):
    """Someone asks to manage a listing ("C’est mon entreprise")."""

    class State(models.TextChoices):
        CODE_SENT = "code_sent", _("a code was mailed")
        WAITING = "waiting", _("waiting for the team")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        DROPPED = "dropped", _("given up")

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="claims")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="listing_claims")
    state = models.CharField(_("state"), max_length=9, choices=State)
    created_at = models.DateTimeField(default=timezone.now)
    # Where the code went. It proves nothing before `is_proven`.
    address = models.EmailField(blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    tries_left = models.PositiveSmallIntegerField(default=0)
    is_proven = models.BooleanField(default=False)
    message = models.TextField(_("message"), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision_reason = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["created_at", "id"], condition=Q(state="waiting"), name="claim_waiting")
        ]
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["code_sent", "waiting", "accepted", "refused", "dropped"]),
                name="claim_state_known",
            ),
            models.UniqueConstraint(
                fields=["listing", "user"],
                condition=Q(state__in=["code_sent", "waiting"]),
                name="claim_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk}"

    @property
    def shown_version(self) -> str:
        """The fingerprint of what the team decides on. Reads `listing` and `user`."""
        about = (self.listing_id, self.listing.name, self.user_id, self.user.name, self.user.email)
        return seen_version("claim", self.pk, about, self.is_proven, self.message, self.state)


class Invitation(models.Model):
    """An owner invites someone, by mail, to manage the listing with them."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(
        _("role"), max_length=8, choices=ListingRole.Role, default=ListingRole.Role.EDITOR
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["sent_at"]
        # « Mes données » finds those of an address, in whatever case it was typed.
        indexes = [models.Index(Upper("email"), name="invitation_of_an_address")]
        constraints = [
            models.UniqueConstraint(fields=["listing", "email"], name="invitation_once"),
            models.CheckConstraint(condition=Q(role__in=["owner", "editor"]), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
