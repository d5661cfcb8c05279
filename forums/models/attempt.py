"""How often one address tried codes or receipts that nobody has."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Attempts(models.Model):
    """Tries of one kind from one address in one minute. Deleted after two days."""

    class What(models.TextChoices):
        CODE = "code", _("voting codes")
        RECEIPT = "receipt", _("receipts")

    what = models.CharField(max_length=8, choices=What)
    # HMAC of the address, in hexadecimal: enough to count, useless to know who.
    address_hash = models.CharField(max_length=64)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["what", "address_hash", "minute"], name="attempts_one_row_a_minute"
            ),
            models.CheckConstraint(
                condition=Q(what__in=["code", "receipt"]), name="attempts_of_a_known_kind"
            ),
        ]
        indexes = [models.Index(fields=["minute"], name="attempts_by_minute")]

    def __str__(self) -> str:
        return f"{self.count} {self.what}"
