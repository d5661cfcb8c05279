"""The proposals that await review, in the team’s queue."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy

from forums.models import Recommendation
from pole.hooks.moderation import Queue, Waiting
from pole.text import plaintext


def queue(limit: int) -> Queue:
    """The proposals that await review, for the team's queue. Two queries."""
    rows = Recommendation.objects.waiting()
    shown = rows.for_page().order_by("created_at", "pk")[:limit]
    return Queue(gettext_lazy("Recommendations"), rows.count(), [_waiting(row) for row in shown])


def _waiting(row: Recommendation) -> Waiting:
    arguments = [row.forum.slug, row.pk]
    return Waiting(
        key=f"recommandation-{row.pk}",
        kind=gettext_lazy("Proposed recommendation"),
        author=row.author.name if row.author else row.shown_author,
        why=gettext_lazy("The team reads each proposal"),
        since=row.created_at,
        text=plaintext.render_plain(f"{row.title}\n\n{row.description}"),
        place=row.forum.title,
        place_url=reverse("staff:recommendation_list", args=[row.forum.slug]),
        more_url=reverse("staff:recommendation", args=arguments),
        approve_url=reverse("staff:recommendation_accept", args=arguments),
        approve_label=gettext_lazy("Accept"),
        person_id=row.author_id,
    )
