"""Rate limits: how often one address tried codes or receipts that nobody has."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RateLimitCounter(models.Model):
    """How many attempts of one kind one address made in one minute. Deleted after two days."""

    class Kind(models.TextChoices):
        CODE = "code", _("voting codes")
        RECEIPT = "receipt", _("receipts")

    kind = models.CharField(max_length=8, choices=Kind)
    # HMAC of the address, in hexadecimal: enough to count, useless to know who.
    address_hash = models.CharField(max_length=64)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "address_hash", "minute"], name="rate_limit_one_row_a_minute"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["code", "receipt"]), name="rate_limit_of_a_known_kind"
            ),
        ]
        indexes = [models.Index(fields=["minute"], name="rate_limit_by_minute")]

    def __str__(self) -> str:
        return f"{self.count} {self.kind}"
