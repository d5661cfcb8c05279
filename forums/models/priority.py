"""A retained priority, and where it stands since."""

from __future__ import annotations

import uuid
from collections.abc import Container
from datetime import datetime
from typing import TypedDict

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.models.event import Track
from forums.models.themes import MAX_THEMES, Theme, themes_of
from pole.search import bilingual_document
from pole.text.bilingual import LocalizedField


class WorkingPriority(TypedDict):
    """A priority in a working copy. `key` names it from its first save on, published or not."""

    key: str
    title: str
    title_en: str
    description: str
    description_en: str
    track: int | None
    # Codes of `forums.models.themes`; copies made before there were any lack it.
    themes: list[str]


class PriorityQuerySet(models.QuerySet["Priority"]):
    def for_lists(self) -> PriorityQuerySet:
        return self.select_related("track").defer("document").fetch_mode(models.FETCH_RAISE)

    def latest_first(self) -> PriorityQuerySet:
        """Those of the latest forum first."""
        return self.order_by("-results__forum__starts_at", "-results_id", "position")

    def count_by_state(self) -> models.QuerySet[Priority, tuple[str, int]]:
        """(state, how many are in it)."""
        return self.order_by().values_list("state").annotate(models.Count("id"))

    def followed_up(self) -> PriorityQuerySet:
        """Those with updates or answers, which deleting them would delete too."""
        return self.filter(Q(updates__isnull=False) | Q(answers__isnull=False)).distinct()

    def readable(self, now: datetime) -> PriorityQuerySet:
        return self.filter(results__published_at__lte=now, results__forum__announced_at__lte=now)


class Priority(models.Model):
    """A retained priority, in the order that the forum gave it, and where it stands since."""

    class State(models.TextChoices):
        RETAINED = "retained", pgettext_lazy("priority", "Retained")
        PLANNED = "planned", pgettext_lazy("priority", "Planned")
        IN_PROGRESS = "in_progress", pgettext_lazy("priority", "In progress")
        DONE = "done", pgettext_lazy("priority", "Done")
        SET_ASIDE = "set_aside", pgettext_lazy("priority", "Set aside")

    results = models.ForeignKey("forums.Results", models.CASCADE, related_name="priorities")
    # Identifies it in working copies too, before it is a row.
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(_("order"))
    track = models.ForeignKey(
        Track, models.SET_NULL, null=True, blank=True, related_name="priorities", verbose_name=_("track")
    )
    title = models.CharField(_("title"), max_length=160)
    title_en = models.CharField(_("title in English"), max_length=160, blank=True)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    description_en = models.TextField(_("description in English"), max_length=2000, blank=True)
    # Codes of `forums.models.themes`, the list that hubs share.
    themes = ArrayField(
        models.CharField(max_length=24), default=list, blank=True, size=MAX_THEMES, verbose_name=_("themes")
    )
    state = models.CharField(_("where it stands"), max_length=12, choices=State, default=State.RETAINED)

    shown_title = LocalizedField("title")
    shown_description = LocalizedField("description")

    document = models.GeneratedField(
        expression=bilingual_document(
            [("title", "A"), ("description", "B")], [("title_en", "A"), ("description_en", "B")]
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PriorityQuerySet.as_manager()

    class Meta:
        ordering = ["results", "position"]
        indexes = [GinIndex(fields=["document"], name="priority_document")]
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")
        constraints = [
            models.UniqueConstraint(
                fields=["results", "position"],
                name="priority_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(fields=["results", "key"], name="priority_key_unique"),
            models.CheckConstraint(
                condition=Q(state__in=["retained", "planned", "in_progress", "done", "set_aside"]),
                name="priority_state_known",
            ),
            models.CheckConstraint(
                condition=Q(themes__len__lte=MAX_THEMES),
                name="priority_has_few_themes",
                violation_error_message=_("Choose two themes at most."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('forums:results', args=[self.results.forum.slug])}#priorite-{self.position}"

    @property
    def state_label(self) -> str:
        """As `get_state_display`, without its dictionary of the choices for each priority."""
        return str(self.State(self.state).label)

    @property
    def shown_themes(self) -> list[Theme]:
        return themes_of(self.themes)

    def set_content(self, wanted: WorkingPriority, tracks: Container[int]) -> None:
        """Sets texts and themes from a working copy, and the track when it is one of `tracks`."""
        self.title, self.title_en = wanted["title"], wanted["title_en"]
        self.description, self.description_en = wanted["description"], wanted["description_en"]
        self.track_id = wanted["track"] if wanted["track"] in tracks else None
        self.themes = [theme.code for theme in themes_of(wanted.get("themes", []))]


class PriorityUpdate(models.Model):
    """A dated sentence on what happened to a priority."""

    priority = models.ForeignKey(Priority, models.CASCADE, related_name="updates")
    dated_on = models.DateField(_("date"))
    text = models.CharField(_("what happened"), max_length=400)
    text_en = models.CharField(_("what happened, in English"), max_length=400, blank=True)

    shown_text = LocalizedField("text")

    class Meta:
        ordering = ["-dated_on", "-id"]
        verbose_name = _("update")
        verbose_name_plural = _("updates")

    def __str__(self) -> str:
        return self.text
