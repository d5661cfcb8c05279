"""Imports of listings from spreadsheets, and how their columns were understood."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Import(models.Model):
    """A spreadsheet that staff uploaded: its rows, their answers, and the outcome of each row."""

    class State(models.TextChoices):
        OPEN = "open", _("being prepared")
        QUEUED = "queued", _("about to begin")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(_("file"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    # `pole.files.tables.Table`: {"header": [...], "rows": [[...]], "numbers": [...]}.
    table: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    # A field's name for each column of the header, "" for one that is left out.
    mapping: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # What staff answered: {"places": {`municipality_name_key` of the written name:
    # code}, "rows": {row number: "create" | "skip" | "update:<listing's key>" | ""}}.
    answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    only_fills = models.BooleanField(
        _("only fill what is empty"),
        default=True,
        help_text=_(
            "Otherwise the file replaces what listings say. A listing that someone keeps is only ever filled."
        ),
    )
    publishes = models.BooleanField(
        _("publish new listings at once"), default=True,
        help_text=_("Otherwise they are hidden until you publish them."),
    )  # fmt: skip
    # `importing.planning.Outcome` of each row, as last tried or done.
    outcomes: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "queued", "running", "done", "cancelled", "failed"]),
                name="import_state_known",
            ),
            models.CheckConstraint(condition=Q(rows_done__lte=F("rows_total")), name="import_rows_within"),
        ]

    def __str__(self) -> str:
        return self.file_name

    def listing_keys(self) -> list[int]:
        """The listings that it made or changed."""
        return [each["listing"] for each in self.outcomes if each["kind"] in {"created", "changed"}]

    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind of outcome."""
        return Counter(outcome["kind"] for outcome in self.outcomes)


class ColumnChoice(models.Model):
    """The field that staff chose for a column heading, reused for the next file."""

    # `importing.columns.header_key` of the column's name.
    header = models.CharField(max_length=80, primary_key=True)
    # "" for a column that is left out.
    field = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return f"{self.header} → {self.field}"
