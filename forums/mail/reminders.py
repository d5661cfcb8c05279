"""Reminders: two days before an activity, and before each session of a series, to those who come to it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from forums.mail.facts import REMINDER_LEAD
from forums.mail.notices import queue_once
from forums.mail.sessions import who_comes
from forums.models import Forum, Notice, NoticeKind, Registration, Session


def send_reminders(now: datetime) -> int:
    """Sends the reminder to those confirmed, from REMINDER_LEAD before the activity until it begins; returns how many.

    Those confirmed within that time are left out: their confirmation says the same. A series reminds of each of its
    sessions, never of the whole. Whoever receives registrations elsewhere reminds people too.
    """
    announced = Forum.objects.filter(announced_at__lte=now, cancelled_at=None, registration_link="")
    soon = {"starts_at__gt": now, "starts_at__lte": now + REMINDER_LEAD}
    sent = 0
    for forum in announced.filter(**soon, sessions=None).select_related("municipality"):
        sent += _remind(forum, None, str(timezone.localdate(forum.starts_at)), now)
    sessions = Session.objects.filter(**soon, cancelled_at=None, forum__in=announced)
    for session in sessions.select_related("forum__municipality"):
        about = f"{session.pk} {timezone.localdate(session.starts_at)}"
        sent += _remind(session.forum, session, about, now)
    return sent


def _remind(forum: Forum, session: Session | None, about: str, now: datetime) -> int:
    begins = (session or forum).starts_at
    mailed = Notice.objects.filter(kind=NoticeKind.REMINDER, about=about).values("registration_id")
    rows = Registration.objects.filter(forum=forum, confirmed_at__lte=begins - REMINDER_LEAD)
    rows = rows.confirmed().exclude(email="").exclude(pk__in=mailed)
    if session:
        rows = who_comes(rows, session)
    sent = 0
    for row in rows.select_related("user").order_by("pk").iterator():
        row.forum = forum
        sent += queue_once(row, NoticeKind.REMINDER, now=now, about=about, session=session)
    return sent
