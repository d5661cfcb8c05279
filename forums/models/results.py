"""What a forum decided: its results, the priorities retained, and what became of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments.models import Thread
from desk.models import Publishable, PublishableQuerySet
from forums.models.event import Forum
from forums.models.priority import Priority, WorkingPriority
from forums.models.round import Round
from pole.text.bilingual import LocalizedField, LocalizedText


class ResultsQuerySet(PublishableQuerySet["Results"]):
    def readable(self, now: datetime) -> ResultsQuerySet:
        """Published, of a forum that is itself public."""
        return self.published(now).filter(forum__announced_at__lte=now)

    def for_page(self) -> ResultsQuerySet:
        """With all that a results page shows, and no query from a template."""
        priorities = models.Prefetch("priorities", Priority.objects.for_lists())
        return (
            self.select_related("forum__municipality", "thread")
            .prefetch_related("forum__tracks", "forum__attendance", priorities)
            .defer("forum__document")
            .fetch_mode(models.FETCH_RAISE)
        )

    def for_cards(self) -> ResultsQuerySet:
        """Of the forums that retained something, the newest first."""
        return (
            self.filter(Exists(Priority.objects.filter(results=OuterRef("pk"))))
            .select_related("forum__municipality")
            .defer("forum__document", "forum__body", "forum__body_en")
            .order_by("-forum__starts_at", "-id")
            .fetch_mode(models.FETCH_RAISE)
        )


class Results(Publishable):
    """What a forum decided. Entered by hand, or drafted when a round is sealed."""

    ROLE = "forums"
    WORKING_FIELDS: ClassVar[tuple[str, ...]] = (
        *("heading", "heading_en", "introduction", "introduction_en", "quotation", "quotation_en"),
        *("quotation_author", "quotation_role", "quotation_role_en"),
        *("priorities_lead", "priorities_lead_en", "next_steps", "next_steps_en"),
    )

    HTML_FIELDS: ClassVar[tuple[str, ...]] = (
        "introduction",
        "introduction_en",
        "next_steps",
        "next_steps_en",
    )
    PREVIEW: ClassVar[str] = "forums.views.team.results.preview_of_results"

    forum = models.OneToOneField(Forum, models.CASCADE, related_name="results")
    heading = models.CharField(
        _("heading"), max_length=200, blank=True, help_text=_("One line under the title of the forum.")
    )
    heading_en = models.CharField(_("heading in English"), max_length=200, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)
    introduction_en = models.TextField(_("introduction in English"), blank=True)
    quotation = models.TextField(_("quotation"), max_length=1200, blank=True)
    quotation_en = models.TextField(_("quotation in English"), max_length=1200, blank=True)
    quotation_author = models.CharField(_("who said it"), max_length=120, blank=True)
    quotation_role = models.CharField(_("role"), max_length=160, blank=True)
    quotation_role_en = models.CharField(_("role in English"), max_length=160, blank=True)
    priorities_lead = models.TextField(
        _("before the priorities"),
        max_length=600,
        blank=True,
        help_text=_("One sentence that leads to the list: who chose these priorities, and what for."),
    )
    priorities_lead_en = models.TextField(_("before the priorities, in English"), max_length=600, blank=True)
    next_steps = models.TextField(_("next steps"), blank=True)
    next_steps_en = models.TextField(_("next steps in English"), blank=True)
    # The sealed votes whose figures are published with these results, and not before.
    rounds = models.ManyToManyField(Round, related_name="results", blank=True, verbose_name=_("votes"))
    thread = models.OneToOneField(Thread, models.PROTECT, related_name="results")

    shown_heading = LocalizedField("heading")
    shown_introduction = LocalizedField("introduction", html=True)
    shown_quotation = LocalizedField("quotation")
    shown_quotation_role = LocalizedField("quotation_role")
    shown_priorities_lead = LocalizedField("priorities_lead")
    shown_next_steps = LocalizedField("next_steps", html=True)

    # Set by `take` until `take_related` saves them: what a preview shows.
    _unsaved_priorities: list[WorkingPriority] | None = None
    _unsaved_rounds: list[int] | None = None

    objects = ResultsQuerySet.as_manager()

    class Meta:
        verbose_name = _("results")
        verbose_name_plural = _("results")

    def __str__(self) -> str:
        return f"results of {self.forum_id}"

    @property
    def title(self) -> str:
        return self.forum.title

    @property
    def shown_title(self) -> LocalizedText:
        return self.forum.shown_title

    def get_absolute_url(self) -> str:
        return reverse("forums:results", args=[self.forum.slug])

    def get_edit_url(self) -> str:
        return reverse("staff:results_edit", args=[self.forum.slug])

    def is_public(self, now: datetime) -> bool:
        return super().is_public(now) and self.forum.is_public(now)

    def apply_content(self, content: dict[str, Any]) -> None:
        super().apply_content(content)
        self._unsaved_priorities = content.get("priorities", [])
        self._unsaved_rounds = content.get("rounds", [])

    def apply_related_rows(self, content: dict[str, Any]) -> None:
        """Makes the priorities and the votes those of `content`: known keys keep their row, state and updates."""
        known = {str(row.key): row for row in self.priorities.select_for_update()}
        tracks = set(self.forum.tracks.values_list("pk", flat=True))
        for position, wanted in enumerate(content.get("priorities", []), start=1):
            row = known.pop(wanted["key"], None) or Priority(results=self, key=uuid.UUID(wanted["key"]))
            row.position = position
            row.set_content(wanted, tracks)
            row.save()
        for left_out in known.values():
            left_out.delete()
        self.rounds.set(Round.objects.sealed().filter(forum=self.forum_id, pk__in=content.get("rounds", [])))
        self._unsaved_priorities = self._unsaved_rounds = None

    def priorities_lost_by(self, content: dict[str, Any]) -> list[Priority]:
        """Priorities with updates or answers that publishing `content` would delete."""
        kept = {row["key"] for row in content.get("priorities", [])}
        return [priority for priority in self.priorities.followed_up() if str(priority.key) not in kept]

    def shown_rounds(self) -> models.QuerySet[Round]:
        """The sealed votes published here, or those of the working copy in a preview, by number."""
        if self._unsaved_rounds is not None:
            sealed = Round.objects.sealed().filter(forum=self.forum_id, pk__in=self._unsaved_rounds)
        else:
            sealed = Round.objects.sealed().filter(results=self.pk)
        return sealed.order_by("number")

    @property
    def shown_priorities(self) -> list[Priority]:
        """In order, as published, or as in the working copy in a preview.

        Unless prefetched, a query for the priorities, and one for the tracks of a working copy.
        """
        stored = list(self.priorities.all()) if self.pk else []
        if self._unsaved_priorities is None:
            return stored
        states = {str(priority.key): priority.state for priority in stored}
        tracks = {track.pk: track for track in self.forum.tracks.all()}
        shown = []
        for position, wanted in enumerate(self._unsaved_priorities, start=1):
            priority = Priority(
                results=self, position=position, state=states.get(wanted["key"], Priority.State.RETAINED)
            )
            if wanted["key"]:
                priority.key = uuid.UUID(wanted["key"])
            priority.set_content(wanted, set(tracks))
            priority.track = tracks.get(priority.track_id or 0)
            shown.append(priority)
        return shown
