"""Duplicating a forum, without people, votes and results.

Locks: none; the original is only read, and the copy is visible to nobody before commit.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts import journal
from accounts.models import User
from forums.models import Forum
from pole.text.slugs import unused_slug

# Whole weeks keep the day of the week.
STEP = timedelta(weeks=52)
COPIED_FIELDS = (
    *("title_en", "summary", "summary_en", "body", "body_en", "hosts", "hosts_en", "guests", "guests_en"),
    *("venue", "venue_address", "municipality_id", "capacity", "has_participation"),
)
MAX_TITLE = 160


@transaction.atomic
def duplicate(*, forum: Forum, now: datetime, on: date | None = None, by: User | None = None) -> Forum:
    """An unannounced forum with the same texts, documents, venue, tracks, programme, questions and texts of mails.

    It begins on the day `on`, else later than the original by as many times 52 weeks as it takes to be in the
    future. All its dates move by as many days, and keep their hours.
    """
    if on:
        later = on - timezone.localdate(forum.starts_at)
    else:
        later = STEP
        while _shifted(forum.starts_at, later) <= now:
            later += STEP
    starts, ends = _shifted(forum.starts_at, later), _shifted(forum.ends_at, later)
    # Only in the night when clocks change: it begins in the hour that is missing, say.
    if ends <= starts:
        ends = starts + (forum.ends_at - forum.starts_at)
    opens, closes = forum.registration_opens_at, forum.registration_closes_at
    suffix = gettext(" (copy)")
    copy = Forum(
        **{name: getattr(forum, name) for name in COPIED_FIELDS},
        title=forum.title.removesuffix(suffix)[: MAX_TITLE - len(suffix)] + suffix,
        starts_at=starts,
        ends_at=ends,
        registration_opens_at=opens and _shifted(opens, later),
        registration_closes_at=closes and _shifted(closes, later),
    )
    copy.slug = unused_slug(forum.title, Forum.objects.all(), fallback="forum")
    copy.save()
    copy.documents.set(forum.documents.all())
    copied: tuple[Any, ...] = (forum.tracks, forum.programme, forum.questions, forum.notice_texts)
    for related in copied:
        rows = related.all()
        for row in rows:
            row.pk, row.forum = None, copy
        related.model.objects.bulk_create(rows)
    journal.note(action="copied", kind="forum", key=copy.pk, by=by)
    return copy


def _shifted(moment: datetime, later: timedelta) -> datetime:
    """At the same local time, whatever the daylight saving time of either day. In UTC, so that two can be compared."""
    wall = timezone.localtime(moment).replace(tzinfo=None) + later
    return timezone.make_aware(wall).astimezone(UTC)
