"""The site that a hub had before: its imports, what each of its objects became, and its addresses that lead nowhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SiteImport(models.Model):
    """An export that was brought in, or is about to be: what was asked of it, how far it is, and its report."""

    class State(models.TextChoices):
        # Asked for, and not begun.
        WAITING = "waiting", _("about to begin")
        RUNNING = "running", _("running")
        TRIED = "tried", _("tried, nothing written yet")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        UNDONE = "undone", _("undone")

    class Task(models.TextChoices):
        TRY = "try", _("trial")
        RUN = "run", _("import")
        UNDO = "undo", _("undoing")

    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(_("file"), max_length=120)
    # Of its export and its files, below `settings.FORMER_SITES_DIR`; empty once it is done with, and for a command.
    folder = models.CharField(max_length=32, blank=True)
    site = models.CharField(_("address of the site"), max_length=200, blank=True)
    keeps_state = models.BooleanField(
        _("publish what was published"),
        default=True,
        help_text=_("Otherwise every text comes in as a draft, to be read again before visitors see it."),
    )
    # "fr", "en", or empty: as the site says, text by text.
    language = models.CharField(_("language of the texts"), max_length=2, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    task = models.CharField(max_length=4, choices=Task, default=Task.TRY)
    # `blog.wordpress.report.Report.as_json`.
    report: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    items_done = models.PositiveIntegerField(default=0)
    items_total = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="site_import_latest")]
        verbose_name = _("import of a site")
        verbose_name_plural = _("imports of sites")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "tried", "done", "failed", "undone"]),
                name="site_import_state_known",
            ),
            models.CheckConstraint(
                condition=Q(task__in=["try", "run", "undo"]), name="site_import_task_known"
            ),
            models.CheckConstraint(
                condition=Q(language__in=["", "fr", "en"]), name="site_import_language_known"
            ),
            models.CheckConstraint(
                condition=Q(items_done__lte=F("items_total")), name="site_import_items_within"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}


class Imported(models.Model):
    """An object of another site and the row that it became here (`became` is its key): a second import finds it."""

    # The site’s host and folder, without `https://` nor `www.`: these change, and it is the same site.
    source = models.CharField(max_length=200)
    # "post", "page", "picture", "document", "comment", "author" or "tag", and its key there.
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=300)
    became = models.BigIntegerField()
    # What it has at any address of its site: the same object of a site that moved (`blog.wordpress.known.mark_of`).
    mark = models.CharField(max_length=64, blank=True, db_index=True)
    # Of the row as it came in: as long as it is the same, nobody has touched it.
    stamp = models.CharField(max_length=64, blank=True)
    site_import = models.ForeignKey(SiteImport, models.SET_NULL, null=True, related_name="rows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key"], name="imported_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} of {self.source}"


class MissedAddress(models.Model):
    """An address that someone asked for, of a shape that WordPress gives, and that leads nowhere."""

    path = models.CharField(max_length=300, unique=True)
    times = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-times", "-last_at", "path"]
        verbose_name = _("missed address")
        verbose_name_plural = _("missed addresses")
        indexes = [models.Index(fields=["-times", "-last_at"], name="missed_address_most")]

    def __str__(self) -> str:
        return self.path
