"""Who keeps each listing."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.listing import Listing


class ListingRole(models.Model):
    """Who keeps a listing ("gestionnaire de fiche")."""

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
