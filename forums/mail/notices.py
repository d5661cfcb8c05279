"""Mails about a forum: in the person's language, once a person, kind and subject matter.

The words are ours (`forums.mail.texts`) or, for some kinds, those that staff wrote; what a person must
find (date, place, link to their page, QR) is always added by the templates in `templates/forums/mail/`.
Locks: none; called by whoever holds the registration.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from procrastinate.contrib.django import app

from accounts import mailing
from forums.mail import registration_links
from forums.mail.ballot_links import ballot_link
from forums.mail.texts import EDITABLE, Words, default_words, fill
from forums.models import Forum, Notice, NoticeKind, NoticeText, Registration, Round

# A link that is asked for again and again goes to a mailbox that may be a stranger's.
NOT_AGAIN_BEFORE = timedelta(minutes=5)
REMINDED = timedelta(days=2)
RESULTS_ARE_NEWS, TO_TAKE_BACK = timedelta(days=2), timedelta(minutes=10)
WITH_FACTS = frozenset(
    {NoticeKind.CONFIRMATION, NoticeKind.PROMOTION, NoticeKind.REMINDER, NoticeKind.WAITLISTED,
     NoticeKind.POSTPONED, NoticeKind.RESTORED}
)  # fmt: skip
WITH_CODE = frozenset({NoticeKind.CONFIRMATION, NoticeKind.PROMOTION, NoticeKind.REMINDER})
WITH_PAGE = WITH_FACTS | {NoticeKind.ALREADY}


@transaction.atomic
def send(
    registration: Registration,
    kind: NoticeKind,
    *,
    now: datetime,
    about: str = "",
    link: str = "",
    again: bool = False,
) -> bool:
    """Queues a mail; False when it was sent already, or there is no address.

    With `again`, it may be sent once more after NOT_AGAIN_BEFORE. `link` replaces the person's page.
    """
    if not registration.email:
        return False
    notice, is_new = Notice.objects.get_or_create(
        registration=registration, kind=kind, about=about, defaults={"sent_at": now}
    )
    if not is_new:
        if not again or notice.sent_at > now - NOT_AGAIN_BEFORE:
            return False
        notice.sent_at = now
        notice.save(update_fields=["sent_at"])
    compose(registration, kind, link=link).send()
    return True


def compose(
    registration: Registration, kind: NoticeKind, *, link: str = "", words: Words | None = None
) -> EmailMultiAlternatives:
    """The mail, in the language of the registration; with `words`, those instead of what is stored."""
    with translation.override(registration.language):
        words = words or words_for(registration.forum, kind, registration.language)
        context = {**_context(registration, kind), "words": fill(words, registration)}
        if link:
            context["page_url"] = link
        return mailing.compose(prefix="forums/mail/notice", to=registration.email, context=context)


def words_for(forum: Forum, kind: NoticeKind, language: str) -> Words:
    """Staff's words if they wrote any, else ours. One query for a kind that they may reword."""
    if kind in EDITABLE:
        written = NoticeText.objects.filter(forum=forum, kind=kind, language=language).first()
        if written:
            return Words(written.subject, written.body)
    return default_in(kind, language)


def default_in(kind: NoticeKind, language: str) -> Words:
    with translation.override(language):
        return default_words(kind)


def _context(registration: Registration, kind: NoticeKind) -> dict[str, Any]:
    is_to_confirm = kind is NoticeKind.TO_CONFIRM
    return {
        "forum": registration.forum,
        "kind": kind,
        "shows_facts": kind in WITH_FACTS,
        "page_url": registration_links.page_url(registration) if kind in WITH_PAGE else "",
        "confirm_url": registration_links.confirm_url(registration) if is_to_confirm else "",
        "picture_url": registration_links.qr_url(registration) if kind in WITH_CODE else "",
        "picture_alt": gettext("Your QR code for the door"),
        "days": registration_links.CONFIRM_WITHIN.days,
    }


# --- To everyone concerned -------------------------------------------------------------------------

WITH_A_PLACE = [Registration.State.CONFIRMED]
WITH_THOSE_WHO_WAIT = [*WITH_A_PLACE, Registration.State.WAITLISTED]
CONCERNED = dict.fromkeys(
    (NoticeKind.POSTPONED, NoticeKind.CALLED_OFF, NoticeKind.RESTORED), WITH_THOSE_WHO_WAIT
)


def tell_everyone(*, forum: Forum, kind: NoticeKind, about: str = "") -> None:
    """Has the worker write to everyone whom this kind of mail concerns, once this transaction commits."""
    app.configure_task("write_to_forum").defer(forum_id=forum.pk, kind=kind.value, about=about)


def announce_vote(round: Round) -> None:
    """Tells those who may vote that the round is open; for a consultation, those who registered.

    Once a round and person, however often it is called. A trial vote is not announced.
    """
    if not round.is_trial:
        tell_everyone(forum=round.forum, kind=NoticeKind.VOTE_OPEN, about=str(round.number))


def announce_published_results(now: datetime) -> int:
    """Tells everyone who had a place that the results of their forum can be read; says how many.

    From some minutes after they appear, so that a slip can be taken back, and for two days: old results
    entered by hand tell nobody.
    """
    first, last = now - RESULTS_ARE_NEWS, now - TO_TAKE_BACK
    news = Forum.objects.announced(now).filter(results__published_at__range=(first, last))
    told = Notice.objects.filter(kind=NoticeKind.RESULTS).values("registration_id")
    awaiting = Registration.objects.filter(state__in=WITH_A_PLACE).exclude(email="").exclude(pk__in=told)
    forums = news.filter(pk__in=awaiting.values("forum_id")).values_list("pk", flat=True)
    return sum(write_to_all(forum_id=pk, kind=NoticeKind.RESULTS) for pk in forums)


def tell_open_vote(round: Round, registration: Registration, *, now: datetime) -> None:
    """Writes to someone who may vote, with the link that opens their ballot. Once a round and person."""
    if not round.is_trial:
        with translation.override(registration.language):
            link = ballot_link(round, registration)
        send(registration, NoticeKind.VOTE_OPEN, now=now, about=str(round.number), link=link)


def write_to_all(*, forum_id: int, kind: NoticeKind, about: str = "") -> int:
    """Writes to everyone concerned, and says to how many; repeating it sends nothing more.

    Each mail is a transaction of its own: an interruption loses none and doubles none. What is no
    longer true when the worker comes to it (a vote that closed, a forum that moved again) is not sent.
    """
    forum = Forum.objects.select_related("municipality", "results").get(pk=forum_id)
    rows = Registration.objects.filter(forum=forum, state__in=CONCERNED.get(kind, WITH_A_PLACE))
    rows = rows.exclude(email="").exclude(
        pk__in=Notice.objects.filter(kind=kind, about=about).values("registration_id")
    )
    now = timezone.now()
    round = None
    if kind is NoticeKind.VOTE_OPEN:
        round = Round.objects.open_at(now).filter(forum=forum, number=int(about)).first()
        if round and round.public == Round.Public.CHECKED_IN:
            rows = rows.filter(checked_in_at__isnull=False)
    if not _is_still_true(forum, kind, about, round, now):
        return 0
    sent = 0
    for row in rows.select_related("user").order_by("pk").iterator():
        row.forum = forum
        with translation.override(row.language):
            link = ballot_link(round, row) if round else link_of(forum, kind)
        sent += send(row, kind, now=now, about=about, link=link)
    return sent


def _is_still_true(forum: Forum, kind: NoticeKind, about: str, round: Round | None, now: datetime) -> bool:
    if kind is NoticeKind.VOTE_OPEN:
        return round is not None
    if kind is NoticeKind.RESULTS:
        results = getattr(forum, "results", None)
        return bool(results and results.is_public(now) and forum.is_public(now))
    if kind is NoticeKind.POSTPONED:
        return forum.cancelled_at is None and about.startswith(f"{forum.starts_at.timestamp():.0f} ")
    return (forum.cancelled_at is not None) == (kind is NoticeKind.CALLED_OFF)


def about_dates(forum: Forum, now: datetime) -> str:
    """What names the postponement of a forum, done now, to the dates that it has."""
    return f"{forum.starts_at.timestamp():.0f} {now.timestamp():.0f}"


def link_of(forum: Forum, kind: NoticeKind) -> str:
    """Where the mail leads, absolute, in the current language; nothing: to the person's own page."""
    if kind is NoticeKind.RESULTS:
        return f"{settings.BASE_URL}{reverse('forums:results', args=[forum.slug])}"
    return ""


def sample_link(forum: Forum, kind: NoticeKind) -> str:
    """Where such a mail would lead, for its preview."""
    if kind is NoticeKind.VOTE_OPEN:
        return f"{settings.BASE_URL}{forum.get_absolute_url()}vote/"
    return link_of(forum, kind)


def send_reminders(now: datetime) -> int:
    """Reminds those who have a place, from two days before until the forum begins; says how many.

    Whoever got a place within these two days has just had the same mail, as a confirmation.
    """
    soon = Forum.objects.filter(starts_at__gt=now, starts_at__lte=now + REMINDED, cancelled_at=None)
    sent = 0
    for forum in soon.filter(announced_at__lte=now).select_related("municipality"):
        day = str(timezone.localdate(forum.starts_at))
        told = Notice.objects.filter(kind=NoticeKind.REMINDER, about=day).values("registration_id")
        rows = Registration.objects.filter(forum=forum, confirmed_at__lte=forum.starts_at - REMINDED)
        rows = rows.holding_a_place().exclude(email="").exclude(pk__in=told)
        for row in rows.select_related("user").order_by("pk").iterator():
            row.forum = forum
            sent += send(row, NoticeKind.REMINDER, now=now, about=day)
    return sent
