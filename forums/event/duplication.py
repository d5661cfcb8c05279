"""Duplicating a forum, without people, votes and results.

Locks: none; the original is only read, and the copy is visible to nobody before commit.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from forums.models import Forum, NoticeText, ProgrammeItem, RegistrationQuestion, Track
from pole.text.slugs import unused_slug

# Whole weeks keep the day of the week.
STEP = timedelta(weeks=52)
COPIED_FIELDS = (
    *("title_en", "summary", "summary_en", "body", "body_en", "hosts", "hosts_en", "guests", "guests_en"),
    *("venue", "venue_address", "municipality_id", "capacity", "has_participation"),
)
MAX_TITLE = 160


@transaction.atomic
def duplicate(*, forum: Forum, now: datetime) -> Forum:
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
    Track.objects.bulk_create(
        Track(forum=copy, position=track.position, title=track.title, title_en=track.title_en)
        for track in forum.tracks.all()
    )
    ProgrammeItem.objects.bulk_create(
        ProgrammeItem(forum=copy, starts_at=item.starts_at, title=item.title, title_en=item.title_en)
        for item in forum.programme.all()
    )
    RegistrationQuestion.objects.bulk_create(
        RegistrationQuestion(forum=copy, position=asked.position, label=asked.label, label_en=asked.label_en)
        for asked in forum.questions.all()
    )
    NoticeText.objects.bulk_create(
        NoticeText(forum=copy, kind=text.kind, language=text.language, subject=text.subject, body=text.body)
        for text in forum.notice_texts.all()
    )
    return copy


def _shifted(moment: datetime, later: timedelta) -> datetime:
    """At the same local time, whatever the daylight saving time of either day."""
    return timezone.localtime(moment) + later
