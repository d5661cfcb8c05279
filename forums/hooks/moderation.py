"""The proposals that await review, in the team’s queue."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy

from forums.models import Recommendation
from pole.hooks.moderation import ModerationQueue, PendingItem
from pole.server.long_lists import bounded_count
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
