"""What awaits the team in forums and in the agenda, in its queue."""

from __future__ import annotations

from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy

from forums.models import ActivityProposal, Recommendation
from pole.hooks.moderation import ModerationQueue, PendingItem
from pole.server.long_lists import bounded_count
from pole.templatetags.typography import date_range
from pole.text import plaintext


def queue(limit: int) -> ModerationQueue:
    """The proposals that await review, for the team's queue. Two queries."""
    rows = Recommendation.objects.awaiting_review()
    shown = rows.for_page().order_by("created_at", "pk")[:limit]
    return ModerationQueue(
        gettext_lazy("Recommendations"), bounded_count(rows), [_queue_item(row) for row in shown]
    )


def _queue_item(row: Recommendation) -> PendingItem:
    arguments = [row.forum.slug, row.pk]
    return PendingItem(
        key=f"recommandation-{row.pk}",
        kind=gettext_lazy("Proposed recommendation"),
        author=row.author.name if row.author else row.shown_author,
        reason=gettext_lazy("The team reads each proposal"),
        since=row.created_at,
        text=plaintext.render_plain(f"{row.title}\n\n{row.description}"),
        page_title=row.forum.title,
        page_url=reverse("staff:recommendation_list", args=[row.forum.slug]),
        decision_url=reverse("staff:recommendation", args=arguments),
        approve_url=reverse("staff:recommendation_accept", args=arguments),
        approve_label=gettext_lazy("Accept"),
        version=row.shown_version,
        person_id=row.author_id,
    )


def activities(limit: int) -> ModerationQueue:
    """The activities that enterprises propose, and what they ask of those that were accepted. Three queries."""
    rows = ActivityProposal.objects.waiting()
    since = Coalesce("asked_at", "proposed_at")
    shown = rows.for_page().order_by(since, "pk")[:limit]
    return ModerationQueue(
        gettext_lazy("Agenda"), bounded_count(rows), [_activity_item(row) for row in shown]
    )


def _activity_item(row: ActivityProposal) -> PendingItem:
    asker, forum = row.asked_by if row.asked else row.proposed_by, row.forum
    address = reverse("staff:activity_review", args=[forum.slug])
    return PendingItem(
        key=f"activite-{row.pk}",
        kind=gettext_lazy("Change asked of an activity") if row.asked else gettext_lazy("Proposed activity"),
        author=f"{asker.name} – {row.listing.name}" if asker else row.listing.name,
        reason=f"{forum.get_kind_display()}, {date_range(forum.starts_at, forum.ends_at)}",
        since=row.waits_since,
        text=plaintext.render_plain(row.asked or forum.summary),
        page_title=forum.title,
        page_url=address,
        decision_url=address,
        person_id=asker.pk if asker else None,
    )
