"""What awaits the team among comments, and its latest decisions, for the staff home."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from accounts import journal
from comments.models import Comment, Flag
from pole.hooks.staff_home import CardLine, StaffCard, TimelineEvent
from pole.server.long_lists import count_and_first


def card() -> StaffCard:
    held = count_and_first(Comment.objects.filter(state=Comment.State.PENDING), "created_at")
    flagged = Flag.objects.on_public_comments().count_comments()
    url = reverse("staff:moderation")
    lines = [
        CardLine(ngettext("comment to read", "comments to read", held["count"]), url, **held),
        CardLine(ngettext("flagged comment", "flagged comments", flagged["count"]), url, **flagged),
    ]
    return StaffCard(gettext_lazy("Moderation"), url, [line for line in lines if line.count])


def recent_events(now: datetime) -> list[TimelineEvent]:
    """The team's latest decisions."""
    url = reverse("staff:journal")
    return [
        TimelineEvent(entry.at, f"{journal.name_of(entry, 'by')} {journal.describe(entry)}", url)
        for entry in journal.entries()[:8]
    ]
