"""What listings are classed by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from pole.text.bilingual import LocalizedField
from pole.text.slugs import slug_form


class Sector(models.Model):
    slug = models.CharField(_("address"), max_length=40, unique=True, validators=[slug_form])
    name = models.CharField(_("name"), max_length=80, unique=True)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    synonyms = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("synonyms")
    )

    shown_name = LocalizedField("name")

    class Meta:
        ordering = ["name"]
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")

    def __str__(self) -> str:
        return self.name
