"""Imports of listings from spreadsheets, their rows, and what staff answered that later files are read by."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.listing import Listing


class Import(models.Model):
    """A spreadsheet that staff uploaded, and how it is to be read; its rows are `ImportRow`."""

    class State(models.TextChoices):
        TRYING = "trying", _("being tried")
        OPEN = "open", _("being prepared")
        QUEUED = "queued", _("about to begin")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(_("file"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    # Of the columns, as the file writes them.
    header: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # The sheet of a workbook, and what reading the file has to say of it.
    sheet = models.CharField(max_length=120, blank=True)
    file_notes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # A field's name for each column of the header, "" for one that is left out.
    mapping: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    only_fills = models.BooleanField(
        _("only fill what is empty"),
        default=True,
        help_text=_(
            "Otherwise the file replaces what listings say. A listing that someone keeps is only ever filled."
        ),
    )
    publishes = models.BooleanField(
        _("publish new listings at once"), default=False,
        help_text=_("Otherwise they are hidden until you publish them."),
    )  # fmt: skip
    applies_guesses = models.BooleanField(_("apply the proposed sectors and legal forms"), default=False)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    # What an undo kept, and why: [title, name of the listing, its key].
    kept: models.JSONField[list[list[Any]], list[list[Any]]] = models.JSONField(default=list)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="import_latest")]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "trying",
                        "open",
                        "queued",
                        "running",
                        "done",
                        "cancelled",
                        "failed",
                        "undoing",
                        "undone",
                    ]
                ),
                name="import_state_known",
            ),
            models.CheckConstraint(condition=Q(rows_done__lte=F("rows_total")), name="import_rows_within"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_ready(self) -> bool:
        """Whether the columns without which no row is tried are known."""
        return {"name", "municipality"} <= set(self.mapping)

    def listing_keys(self) -> models.QuerySet[ImportRow, int]:
        """The listings that it made or changed."""
        written = self.rows.filter(kind__in=["created", "changed"], listing__isnull=False)
        return written.values_list("listing_id", flat=True)

    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind of outcome: one query."""
        counted = self.rows.order_by().values_list("kind").annotate(total=models.Count("pk"))
        return Counter({kind: total for kind, total in counted if kind})


class RowKind(models.TextChoices):
    """What a row does."""

    CREATED = "created"
    CHANGED = "changed"
    DUPLICATE = "duplicate"
    QUESTION = "question"
    REFUSED = "refused"
    SAME = "same"
    SKIPPED = "skipped"


class RowDecision(models.TextChoices):
    """What staff said of a row."""

    CREATE = "create"
    UPDATE = "update"
    BRANCH = "branch"


class ImportRow(models.Model):
    """A row of an imported file: its cells, what it would become, what it resembles, and what staff decided."""

    spreadsheet_import = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    # As the spreadsheet program shows it.
    number = models.PositiveIntegerField()
    cells: models.JSONField[list[str], list[str]] = models.JSONField()
    # Its place when rows are compared with one another: by what they hold, so that the order of a file changes nothing.
    rank = models.PositiveIntegerField(default=0)
    # What cleaning made of the cells: {"values", "problems", "notes", "municipality", "towns", "guessed"}.
    cleaned: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder
    )
    name = models.TextField(blank=True)
    # The `municipality_name_key` of a town that no name of the territory matches surely.
    place = models.CharField(max_length=200, blank=True)
    # "field:key" of each value that is not one of ours, as `RememberedValue` keys them.
    unknown = ArrayField(models.TextField(), default=list)
    # The listing that it is, without asking: same NEQ, or same name and town.
    exact = models.BigIntegerField(null=True)
    # What it resembles: [key of the listing, or minus the number of the row, likeness, [evidence]], likeliest first.
    matches: models.JSONField[list[list[Any]], list[list[Any]]] = models.JSONField(default=list)
    # Of those, the rows, as their negative numbers: who is asked again when one of them is answered about.
    near = ArrayField(models.BigIntegerField(), default=list)
    decision = models.CharField(max_length=6, choices=RowDecision, blank=True)
    # For "update" and "branch": the key of a listing, or minus the number of a row.
    target = models.BigIntegerField(null=True)
    left_out = models.BooleanField(default=False)
    # The number of the row whose listing it completes, because staff said so or because it is surely the same.
    completes = models.PositiveIntegerField(null=True)
    # Of the last trial, or of the run: "" before any.
    kind = models.CharField(max_length=9, choices=RowKind, blank=True)
    reasons: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # What changes in the listing: [column, before, after].
    changes: models.JSONField[list[list[str]], list[list[str]]] = models.JSONField(default=list)
    # Names of the fields that the run writes in the listing.
    changed = ArrayField(models.CharField(max_length=30), default=list)
    # The one that it changes, or made.
    listing = models.ForeignKey(Listing, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["number"]
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        indexes = [
            models.Index(fields=["spreadsheet_import", "kind", "number"], name="import_row_by_kind"),
            models.Index(
                fields=["spreadsheet_import", "place"], condition=~Q(place=""), name="import_row_by_place"
            ),
            models.Index(
                fields=["spreadsheet_import", "target"],
                condition=Q(target__isnull=False),
                name="import_row_by_target",
            ),
            models.Index(
                fields=["spreadsheet_import", "exact"],
                condition=Q(exact__isnull=False),
                name="import_row_by_exact",
            ),
            GinIndex(fields=["unknown"], name="import_row_by_unknown"),
            GinIndex(fields=["near"], name="import_row_by_near"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["spreadsheet_import", "number"], name="import_row_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["", "created", "changed", "duplicate", "question", "refused", "same", "skipped"]
                ),
                name="import_row_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "create"], target__isnull=True)
                | Q(decision__in=["update", "branch"], target__isnull=False),
                name="import_row_decision_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spreadsheet_import_id} {self.number}"


class ColumnChoice(models.Model):
    """The field that staff chose for a column heading, reused for the next file."""

    # `importing.columns.header_key` of the column's name.
    header = models.CharField(max_length=80, primary_key=True)
    # "" for a column that is left out.
    field = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return f"{self.header} → {self.field}"


class RememberedValue(models.Model):
    """What staff said that a word of a file means here; later files are read by it."""

    class Field(models.TextChoices):
        MUNICIPALITY = "municipality", _("municipality")
        SECTORS = "sectors", _("sectors")
        LEGAL_FORM = "legal_form", _("legal form")
        TERRITORY = "territory", _("territory served")
        LANGUAGES = "languages", _("languages of service")
        ROW = "row", _("row left out")

    field = models.CharField(_("field"), max_length=12, choices=Field)
    # Normalised: `importing.remembered.value_key` of what is written.
    key = models.CharField(max_length=200)
    written = models.CharField(_("written"), max_length=200)
    # Codes of ours; none: what bears it is left out.
    values = ArrayField(models.CharField(max_length=90), default=list)
    said_at = models.DateTimeField(default=timezone.now)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["field", "key"]
        verbose_name = _("remembered answer")
        verbose_name_plural = _("remembered answers")
        constraints = [
            models.UniqueConstraint(fields=["field", "key"], name="remembered_value_once"),
            models.CheckConstraint(
                condition=Q(
                    field__in=["municipality", "sectors", "legal_form", "territory", "languages", "row"]
                ),
                name="remembered_value_field_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.written}"
