"""Mails about a forum, in the person's language: each once for a registration, a kind and `Notice.about`.

The text is the default (`forums.mail.texts`) or, for some kinds, the one that staff wrote; what a person must
find (date, place, link to their page, QR) is always added by the templates in `templates/forums/mail/`.

Locks: none; the caller holds those of the registration.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext

from accounts import mailing
from forums.mail import registration_links
from forums.mail.ballot_links import ballot_link
from forums.mail.calendar import calendar_parts
from forums.mail.facts import KINDS_WITH_EVENT_FACTS, facts_of
from forums.mail.sessions import SESSION_KINDS, is_still_so, session_told, who_comes
from forums.mail.texts import EDITABLE_KINDS, MailText, default_text, fill_placeholders
from forums.models import Forum, Mode, Notice, NoticeKind, NoticeText, Registration, Round, Session
from forums.models.registration import RegistrationQuerySet
from pole.server import work_queue

# Between two mails sent with `may_repeat`: anyone can ask for one, and the address may be a stranger's.
RESEND_INTERVAL = timedelta(minutes=5)
RESULTS_NEWS_PERIOD, WITHDRAWAL_DELAY = timedelta(days=2), timedelta(minutes=10)
KINDS_WITH_QR = frozenset({NoticeKind.CONFIRMATION, NoticeKind.PROMOTION, NoticeKind.REMINDER})
# Anyone can have a name written to a stranger: neither an address nor a sentence goes through.
_HARMLESS_NAME = re.compile(r"(?=.{1,40}$)[^\W\d_]+\.?(?:[ ’'-][^\W\d_]+\.?){0,4}")
# Asked for a moment ago, on a page that says to look in one's mail: as a code is.
KINDS_AWAITED = frozenset({NoticeKind.TO_CONFIRM, NoticeKind.ALREADY})
KINDS_WITH_PAGE_LINK = KINDS_WITH_EVENT_FACTS | {NoticeKind.ALREADY}


@transaction.atomic
def queue_once(
    registration: Registration,
    kind: NoticeKind,
    *,
    now: datetime,
    about: str = "",
    link: str = "",
    may_repeat: bool = False,
    sealed: Round | None = None,
    session: Session | None = None,
) -> bool:
    """Queues a mail; False when it was queued already, the registration has no address, or others receive registrations.

    With `may_repeat`, it is sent again, at most every RESEND_INTERVAL. `link` replaces that of the person's page;
    `sealed` is the round whose seal the mail brings; `session`, the one that it is about.
    """
    if not registration.email or registration.forum.registration_link:
        return False
    notice, is_new = Notice.objects.get_or_create(
        registration=registration, kind=kind, about=about, defaults={"sent_at": now}
    )
    if not is_new:
        if not may_repeat or notice.sent_at > now - RESEND_INTERVAL:
            return False
        notice.sent_at = now
        notice.save(update_fields=["sent_at"])
    # The default mailer is `pole.mail.queue.QueueBackend`: this queues.
    render_notice(registration, kind, link=link, sealed=sealed, session=session).send()
    return True


def render_notice(
    registration: Registration,
    kind: NoticeKind,
    *,
    link: str = "",
    text: MailText | None = None,
    sealed: Round | None = None,
    session: Session | None = None,
) -> EmailMultiAlternatives:
    """The mail, in the language of the registration; `text` replaces the stored or default one."""
    now = timezone.now()
    with translation.override(registration.language):
        text = text or text_for(registration.forum, kind, registration.language)
        context = {
            **_context(registration, kind),
            **facts_of(registration, kind, now, session),
            "text": fill_placeholders(text, registration, session),
        }
        if link:
            context["page_url"] = link
        if sealed:
            context["sealed"] = sealed
        mail = mailing.compose(prefix="forums/mail/notice", to=registration.email, context=context)
        mail.is_code = kind in KINDS_AWAITED
        _attach(mail, calendar_parts(registration, kind, now, session))
        return mail


def _attach(mail: EmailMultiAlternatives, calendars: list[tuple[str, str]]) -> None:
    """One is what the mail says, in other words; several are files, since a program takes one alternative of a mail."""
    if len(calendars) == 1:
        mail.attach_alternative(*calendars[0])
        return
    for number, (content, kind) in enumerate(calendars, start=1):
        mail.attach(f"{slugify(gettext('session'))}-{number}.ics", content, kind)


def text_for(forum: Forum, kind: NoticeKind, language: str) -> MailText:
    """Staff's text if they wrote one, else the default. One query for a kind of `EDITABLE_KINDS`, else none."""
    if kind in EDITABLE_KINDS:
        written = NoticeText.objects.filter(forum=forum, kind=kind, language=language).first()
        if written:
            return MailText(written.subject, written.body)
    return default_text_in(forum, kind, language)


def default_text_in(forum: Forum, kind: NoticeKind, language: str) -> MailText:
    with translation.override(language):
        return default_text(kind, forum)


def _context(registration: Registration, kind: NoticeKind) -> dict[str, Any]:
    is_to_confirm = kind is NoticeKind.TO_CONFIRM
    has_door = registration.forum.mode != Mode.ONLINE
    return {
        "forum": registration.forum,
        "kind": kind,
        "page_url": settings.BASE_URL + registration_links.page_path(registration)
        if kind in KINDS_WITH_PAGE_LINK
        else "",
        "confirm_url": registration_links.confirm_url(registration) if is_to_confirm else "",
        "picture_url": registration_links.qr_url(registration) if kind in KINDS_WITH_QR and has_door else "",
        "picture_alt": gettext("Your QR code for the door"),
        "days": registration_links.CONFIRM_WITHIN.days,
        "others": registration.names_with_its_address() if is_to_confirm else "",
        "is_shared_by_most": kind is NoticeKind.ALREADY and registration.shares_its_address_with_most(),
        "name": registration.name if _HARMLESS_NAME.fullmatch(registration.name) else "",
    }


# --- To everyone concerned -------------------------------------------------------------------------

CONFIRMED_STATES = [Registration.State.CONFIRMED]
CONFIRMED_OR_WAITLISTED = [*CONFIRMED_STATES, Registration.State.WAITLISTED]
RECIPIENT_STATES = dict.fromkeys(
    (NoticeKind.POSTPONED, NoticeKind.CALLED_OFF, NoticeKind.RESTORED, NoticeKind.SEALED, *SESSION_KINDS),
    CONFIRMED_OR_WAITLISTED,
)  # fmt: skip


def schedule_notices(*, forum: Forum, kind: NoticeKind, about: str = "") -> None:
    """Queues the task that runs `send_to_all`, once this transaction commits."""
    work_queue.defer("write_to_forum", forum_id=forum.pk, kind=kind.value, about=about)


def announce_vote(round: Round) -> None:
    """Queues the mail that a round is open, to those who may vote; for a consultation, to those registered.

    Idempotent: once for a round and a person. A trial vote is not announced.
    """
    if not round.is_trial:
        schedule_notices(forum=round.forum, kind=NoticeKind.VOTE_OPEN, about=str(round.number))


def announce_seal(round: Round) -> None:
    """Queues the mail that brings the seal to everyone registered, whether they voted or not: copies that nobody
    can change, the hub and its host included.

    Idempotent: once for a round and an address.
    """
    schedule_notices(forum=round.forum, kind=NoticeKind.SEALED, about=str(round.number))


def announce_published_results(now: datetime) -> int:
    """Mails that results are published to everyone who had a place; returns how many.

    Sent from WITHDRAWAL_DELAY after publication, so that a mistake can be undone first, and for
    RESULTS_NEWS_PERIOD: old results entered later are not announced.
    """
    first, last = now - RESULTS_NEWS_PERIOD, now - WITHDRAWAL_DELAY
    news = Forum.objects.announced(now).filter(results__published_at__range=(first, last))
    mailed = Notice.objects.filter(kind=NoticeKind.RESULTS).values("registration_id")
    awaiting = (
        Registration.objects.filter(state__in=CONFIRMED_STATES).exclude(email="").exclude(pk__in=mailed)
    )
    forums = news.filter(pk__in=awaiting.values("forum_id")).values_list("pk", flat=True)
    return sum(send_to_all(forum_id=pk, kind=NoticeKind.RESULTS) for pk in forums)


def send_vote_link(round: Round, registration: Registration, *, now: datetime) -> None:
    """Mails the link that opens their ballot to someone on the roll. Idempotent: once for a round and a person."""
    if not round.is_trial:
        with translation.override(registration.language):
            link = ballot_link(round, registration)
        queue_once(registration, NoticeKind.VOTE_OPEN, now=now, about=str(round.number), link=link)


def send_to_all(*, forum_id: int, kind: NoticeKind, about: str = "") -> int:
    """Sends a mail to every recipient of its kind; returns to how many. Idempotent.

    Each mail is a transaction of its own: an interruption loses none and doubles none. Nothing is sent when
    the news is outdated by the time the worker runs (the vote closed, the forum was postponed again).
    """
    # With its sessions, which each mail of a series lists.
    forums = Forum.objects.select_related("municipality", "results").prefetch_related("sessions")
    forum = forums.get(pk=forum_id)
    rows = Registration.objects.filter(forum=forum, state__in=RECIPIENT_STATES.get(kind, CONFIRMED_STATES))
    rows = rows.exclude(email="").exclude(
        pk__in=Notice.objects.filter(kind=kind, about=about).values("registration_id")
    )
    now = timezone.now()
    round = None
    if kind is NoticeKind.VOTE_OPEN:
        round = Round.objects.open_at(now).filter(forum=forum, number=int(about)).first()
        if round and round.public == Round.Public.CHECKED_IN:
            rows = rows.filter(checked_in_at__isnull=False)
        elif round and not round.is_consultation:
            rows = rows.counted_on_rolls()
    if kind is NoticeKind.SEALED:
        rounds = Round.objects.sealed().decisive().select_related("forum").annotate(has_box=~Q(box__text=""))
        round = rounds.filter(forum=forum, number=int(about)).first()
        rows = _one_for_each_address(rows, kind, about)
    session = session_told(about) if kind in SESSION_KINDS else None
    if session:
        rows = who_comes(rows, session)
    if not _is_still_relevant(forum, kind, about, round or session, now):
        return 0
    sent = 0
    for row in rows.select_related("user").order_by("pk").iterator():
        row.forum = forum
        with translation.override(row.language):
            link = _link_of(round, row, kind) if round else notice_link(forum, kind)
        sealed = round if kind is NoticeKind.SEALED else None
        sent += queue_once(row, kind, now=now, about=about, link=link, sealed=sealed, session=session)
    return sent


def _one_for_each_address(rows: RegistrationQuerySet, kind: NoticeKind, about: str) -> RegistrationQuerySet:
    """The first registration of each address to which no such mail went, be it for another registration."""
    sent = Notice.objects.filter(kind=kind, about=about, registration__forum=OuterRef("forum"))
    rows = rows.exclude(Exists(sent.filter(registration__email=OuterRef("email"))))
    first = rows.order_by("email", "pk").distinct("email").values("pk")
    return Registration.objects.filter(pk__in=first)


def _link_of(round: Round, row: Registration, kind: NoticeKind) -> str:
    if kind is NoticeKind.SEALED:
        return f"{settings.BASE_URL}{round.get_absolute_url()}"
    return ballot_link(round, row)


def _is_still_relevant(
    forum: Forum, kind: NoticeKind, about: str, subject: Round | Session | None, now: datetime
) -> bool:
    if kind in {NoticeKind.VOTE_OPEN, NoticeKind.SEALED}:
        return subject is not None
    if kind in SESSION_KINDS:
        return isinstance(subject, Session) and is_still_so(subject, kind, now)
    if kind is NoticeKind.RESULTS:
        results = getattr(forum, "results", None)
        return bool(results and results.is_public(now) and forum.is_public(now))
    if kind is NoticeKind.POSTPONED:
        return forum.cancelled_at is None and about.startswith(f"{forum.starts_at.timestamp():.0f} ")
    return (forum.cancelled_at is not None) == (kind is NoticeKind.CALLED_OFF)


def postponement_key(forum: Forum, now: datetime) -> str:
    """The `Notice.about` of a postponement, made at `now`, to the present dates of the forum."""
    return f"{forum.starts_at.timestamp():.0f} {now.timestamp():.0f}"


def notice_link(forum: Forum, kind: NoticeKind) -> str:
    """The absolute URL that the mail links to, in the current language; empty for the person's own page."""
    if kind is NoticeKind.RESULTS:
        return f"{settings.BASE_URL}{reverse('forums:results', args=[forum.slug])}"
    return ""


def preview_link(forum: Forum, kind: NoticeKind) -> str:
    """The URL that such a mail would link to, for its preview."""
    if kind is NoticeKind.VOTE_OPEN:
        return f"{settings.BASE_URL}{forum.get_absolute_url()}vote/"
    return notice_link(forum, kind)
