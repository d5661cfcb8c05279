"""Duplicating a forum, without people, votes and results.

Locks: none; the original is only read, and the copy is visible to nobody before commit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
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
def duplicate(*, forum: Forum, now: datetime, by: User | None = None) -> Forum:
    """An unannounced forum with the same texts, documents, venue, tracks, programme, questions and texts of mails.

    Its dates are those of the original, later by as many times 52 weeks as it takes to be in the future.
    """
    later = STEP
    while _shifted(forum.starts_at, later) <= now:
        later += STEP
    opens, closes = forum.registration_opens_at, forum.registration_closes_at
    suffix = gettext(" (copy)")
    copy = Forum(
        **{name: getattr(forum, name) for name in COPIED_FIELDS},
        title=forum.title.removesuffix(suffix)[: MAX_TITLE - len(suffix)] + suffix,
        starts_at=_shifted(forum.starts_at, later),
        ends_at=_shifted(forum.ends_at, later),
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
    """At the same local time, whatever the daylight saving time of either day."""
    return timezone.localtime(moment) + later
