"""Enterprises that the directory lacks, as someone mentioned them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enterprises.models.listing import Listing
from pole.hooks.moderation import seen_version
from pole.models import Municipality

_USER = settings.AUTH_USER_MODEL


class Mention(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("mention", "waiting for the team")
        ACCEPTED = "accepted", pgettext_lazy("mention", "a listing was written")
        REFUSED = "refused", pgettext_lazy("mention", "not kept")

    name = models.CharField(_("name"), max_length=140)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality")
    )
    activity = models.CharField(_("what it does"), max_length=240)
    # Each as it was typed.
    website = models.CharField(_("website"), max_length=300, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    author = models.ForeignKey(_USER, models.SET_NULL, null=True, blank=True, related_name="+")
    # Of someone without an account, to answer; erased once decided.
    author_email = models.EmailField(_("e-mail address"), blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # One for a form that was shown: a double click is one mention.
    sent_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(_USER, models.SET_NULL, null=True, blank=True, related_name="+")
    decision_reason = models.CharField(_("reason"), max_length=400, blank=True)
    # The listing that was written from it.
    listing = models.ForeignKey(Listing, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["created_at", "id"], condition=Q(state="pending"), name="mention_pending")
        ]
        verbose_name = _("mentioned enterprise")
        verbose_name_plural = _("mentioned enterprises")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | Q(state__in=["accepted", "refused"], decided_at__isnull=False, author_email=""),
                name="mention_decided_at_a_moment",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_version(self) -> str:
        """The fingerprint of what the team reads."""
        text = (self.name, self.municipality_id, self.activity, self.website, self.phone, self.state)
        return seen_version("mention", self.pk, text)
