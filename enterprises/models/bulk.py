"""One change of many listings at once, as the team prepared it: kept to be undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_USER = settings.AUTH_USER_MODEL


# How long the team's list offers to undo the last one; its page and the journal always do.
OFFERED_FOR = timedelta(hours=12)


class BulkChangeQuerySet(models.QuerySet["BulkChange"]):
    def last_done(self, *, by: Any, now: datetime) -> BulkChange | None:
        """The last one that this person made, while it is fresh, without its long columns."""
        done = self.filter(state=BulkChange.State.DONE, created_by=by, done_at__gt=now - OFFERED_FOR)
        return done.defer("keys", "before").order_by("-done_at").first()


class BulkChange(models.Model):
    class Field(models.TextChoices):
        SECTORS = "sectors", _("sectors")
        LEGAL_FORM = "legal_form", _("legal form")
        TERRITORY = "territory", _("territory served")
        STATE = "state", _("state")

    class State(models.TextChoices):
        PREPARED = "prepared", pgettext_lazy("change", "prepared")
        QUEUED = "queued", pgettext_lazy("change", "about to begin")
        DONE = "done", pgettext_lazy("change", "done")
        UNDONE = "undone", pgettext_lazy("change", "undone")

    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(_USER, models.SET_NULL, null=True, related_name="+")
    field = models.CharField(max_length=10, choices=Field)
    # A legal form or a state, or keys of sectors or MRCs.
    value: models.JSONField[Any, Any] = models.JSONField()
    # Sectors and MRCs: those that a listing has stay beside them.
    adds = models.BooleanField(default=False)
    # The listings that were selected.
    keys = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=8, choices=State, default=State.PREPARED)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # By the key of each listing that was changed, what it had: as `value`.
    before: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # Once undone: the listings that were edited in between, and stay as they are.
    kept_keys = ArrayField(models.BigIntegerField(), default=list)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("change of several listings")
        verbose_name_plural = _("changes of several listings")
        constraints = [
            models.CheckConstraint(
                condition=Q(field__in=["sectors", "legal_form", "territory", "state"]),
                name="bulk_change_field_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "queued"], done_at__isnull=True)
                | Q(state="done", done_at__isnull=False, undone_at__isnull=True)
                | Q(state="undone", done_at__isnull=False, undone_at__isnull=False),
                name="bulk_change_state_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_field_display())
