"""What awaits the team among posts, what will appear and what has, for the staff home."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from pole.hooks.staff_home import CardLine, StaffCard, TimelineEvent
from pole.server.long_lists import bounded_count


def card() -> StaffCard:
    now = timezone.now()
    url = reverse("staff:post_list")
    drafts = bounded_count(Post.objects.drafts())
    scheduled = bounded_count(Post.objects.scheduled(now))
    lines = []
    if drafts:
        lines.append(
            CardLine(ngettext("draft", "drafts", drafts), f"{url}?etat=brouillons", drafts, is_pending=False)
        )
    if scheduled:
        lines.append(
            CardLine(
                ngettext("scheduled post", "scheduled posts", scheduled),
                f"{url}?etat=planifies",
                scheduled,
                is_pending=False,
            )
        )
    return StaffCard(_("News"), url, lines, _("Write a post"), reverse("staff:post_new"))


def planned_events(now: datetime) -> list[TimelineEvent]:
    posts = Post.objects.scheduled(now).select_related("draft").defer("body", "document")[:10]
    return [
        TimelineEvent(post.published_at or now, gettext("“%s” will appear") % post.title, post.get_edit_url())
        for post in posts
    ]


def recent_events(now: datetime) -> list[TimelineEvent]:
    """The latest texts that appeared."""
    posts = Post.objects.published(now).only("title", "slug", "published_at")[:5]
    return [
        TimelineEvent(
            post.published_at or now, gettext("“%s” appeared") % post.title, post.get_absolute_url()
        )
        for post in posts
    ]
