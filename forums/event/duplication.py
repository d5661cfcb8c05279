"""Duplicating an activity, without people, votes and results.

Locks: none; the original is only read, and the copy is visible to nobody before commit.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts import journal
from accounts.models import User
from forums.event.wall_time import YEAR, shifted, shifted_span, until_to_come
from forums.models import Forum, Session
from pole.text.slugs import unused_slug

COPIED_FIELDS = (
    *("title_en", "summary", "summary_en", "body", "body_en", "hosts", "hosts_en", "guests", "guests_en"),
    *("venue", "venue_address", "municipality_id", "capacity", "has_participation"),
    *("kind", "mode", "online_link", "price", "price_note", "price_note_en", "level", "trainer"),
    *("spoken_language", "to_bring", "to_bring_en", "registration_link", "chooses_sessions"),
    "attestation_share",
)
MAX_TITLE = 160


@transaction.atomic
def duplicate(
    *,
    forum: Forum,
    now: datetime,
    on: date | None = None,
    step: timedelta = YEAR,
    by: User | None = None,
) -> Forum:
    """An unannounced activity with the same texts, documents, venue, sessions, tracks, programme, questions and texts of mails.

    It begins on the day `on`, else later than the original by as many times `step` as it takes to be in the
    future. All its dates move by as many days, and keep their hours. A session that was cancelled is planned again.
    """
    sessions = list(forum.sessions.all())
    begins = min((each.starts_at for each in sessions), default=forum.starts_at)
    later = on - timezone.localdate(begins) if on else until_to_come(begins, step, now)
    starts, ends = shifted_span(forum.starts_at, forum.ends_at, later)
    opens, closes = forum.registration_opens_at, forum.registration_closes_at
    suffix = gettext(" (copy)")
    copy = Forum(
        **{name: getattr(forum, name) for name in COPIED_FIELDS},
        title=forum.title.removesuffix(suffix)[: MAX_TITLE - len(suffix)] + suffix,
        starts_at=starts,
        ends_at=ends,
        registration_opens_at=opens and shifted(opens, later),
        registration_closes_at=closes and shifted(closes, later),
    )
    copy.slug = unused_slug(forum.title, Forum.objects.all(), fallback=forum.kind)
    copy.save()
    copy.documents.set(forum.documents.all())
    copied: tuple[Any, ...] = (forum.tracks, forum.programme, forum.questions, forum.notice_texts)
    for related in copied:
        rows = related.all()
        for row in rows:
            row.pk, row.forum = None, copy
        related.model.objects.bulk_create(rows)
    _copy_sessions(sessions, copy, later)
    journal.note(action="copied", kind="forum", key=copy.pk, by=by)
    return copy


def _copy_sessions(sessions: list[Session], copy: Forum, later: timedelta) -> None:
    for row in sessions:
        row.starts_at, row.ends_at = shifted_span(row.starts_at, row.ends_at, later)
        row.pk, row.forum, row.cancelled_at = None, copy, None
    Session.objects.bulk_create(sessions)
    copy.refresh_from_db(fields=["starts_at", "ends_at"])
