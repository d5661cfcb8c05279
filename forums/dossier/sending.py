"""Every write to a dossier: sending, acknowledging, answering, confirming answers.

The recipient may correct an answer until the hub confirms it; only then is it public.

Locks, in order: the row of the results, to send; the dossier row; then its answers.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import User
from forums.dossier.files import build_files
from forums.mail.registration_links import LinkExpired, LinkRefused
from forums.models import Answer, Dossier, DossierEvent, DossierFile, Priority, Results
from pole.hooks.moderation import ChangedMeanwhile
from pole.refusals import Refusal

LINK_VALIDITY = timedelta(days=365)
# A double click must not send two mails.
RESEND_INTERVAL = timedelta(minutes=1)
Kind = DossierEvent.Kind


class DossierRefused(Refusal):
    messages = {
        "results_not_published": _("Publish the results first: there is nothing to transmit yet."),
        "dossier_link_over": _("The link of this dossier no longer serves: send a new one."),
        "dossier_forgotten": _("To whom this dossier was sent is forgotten: send another one."),
        "answer_decided": _("Someone has decided already."),
        "answer_confirmed": _(
            "The team has confirmed this answer, and it is public. Write to them to correct it."
        ),
    }


# --- The link ---------------------------------------------------------------------------------------


def link_token(dossier: Dossier) -> str:
    return _signer().sign(dossier.key.hex)


def dossier_url(dossier: Dossier) -> str:
    """Absolute, in the language of the dossier."""
    with translation.override(dossier.language):
        return f"{settings.BASE_URL}{reverse('forums:dossier', args=[link_token(dossier)])}"


def find_dossier(token: str, now: datetime) -> Dossier:
    """The dossier of a link. Raises `LinkRefused`, or `LinkExpired` for a link that was valid once."""
    try:
        key = uuid.UUID(_signer().unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise LinkRefused from error
    dossier = Dossier.objects.for_pages().filter(key=key).first()
    if dossier is None or not dossier.is_usable(now):
        raise LinkExpired
    return dossier


def _signer() -> signing.Signer:
    # A full stop: a colon ends a link in some mail programs.
    return signing.Signer(sep=".", salt="forums.dossier")


# --- What the team does -------------------------------------------------------------------------------


@transaction.atomic
def send_dossier(
    *, results_id: int, organisation: str, person: str, email: str, language: str, message: str, by: User
) -> Dossier:
    """Stores a snapshot of the files and mails the link to the recipient. Raises `DossierRefused`.

    Idempotent within RESEND_INTERVAL: the same form sent again returns the same dossier. Locks the results.
    """
    Results.objects.select_for_update(no_key=True).filter(pk=results_id).first()
    now = timezone.now()
    recipient = {"organisation": organisation, "person": person, "email": email}
    recipient |= {"language": language, "message": message}
    sent = Dossier.objects.filter(results=results_id, **recipient)
    if just_sent := sent.filter(sent_at__gt=now - RESEND_INTERVAL).first():
        return just_sent
    results = Results.objects.readable(now).for_page().filter(pk=results_id).first()
    if results is None:
        raise DossierRefused("results_not_published")
    dossier = Dossier.objects.create(
        results=results, **recipient, created_at=now, sent_at=now, expires_at=now + LINK_VALIDITY
    )
    with translation.override(language):
        files = build_files(results, at=now)
    # One at a time: documents weigh up to 20 MB each.
    for position, file in enumerate(files, start=1):
        DossierFile.objects.create(
            dossier=dossier,
            position=position,
            name=file.name,
            media_type=file.media_type,
            content=file.content,
            size=len(file.content),
            sha256=file.sha256,
        )
    _record_event(dossier, Kind.SENT, by=by, detail=email)
    _mail_link(dossier)
    return dossier


@transaction.atomic
def resend(*, dossier_id: int, by: User, with_new_link: bool = False) -> bool:
    """Mails the link again; False within RESEND_INTERVAL of the last time. Raises `DossierRefused` if it is not usable.

    `with_new_link` replaces the link, also that of a revoked or expired dossier; former links stop working.
    """
    dossier = _lock_dossier(dossier_id)
    now = timezone.now()
    if not dossier.email:
        raise DossierRefused("dossier_forgotten")
    if not with_new_link:
        if not dossier.is_usable(now):
            raise DossierRefused("dossier_link_over")
        if dossier.sent_at > now - RESEND_INTERVAL:
            return False
    elif dossier.events.filter(kind=Kind.RENEWED, at__gt=now - RESEND_INTERVAL).exists():
        return False
    else:
        dossier.key, dossier.revoked_at, dossier.expires_at = uuid.uuid4(), None, now + LINK_VALIDITY
    dossier.sent_at = now
    dossier.save(update_fields=["key", "revoked_at", "expires_at", "sent_at"])
    _record_event(dossier, Kind.RENEWED if with_new_link else Kind.RESENT, by=by, detail=dossier.email)
    _mail_link(dossier)
    return True


@transaction.atomic
def revoke(*, dossier_id: int, by: User) -> None:
    """Ends the link. Idempotent."""
    dossier = _lock_dossier(dossier_id)
    if dossier.revoked_at:
        return
    dossier.revoked_at = timezone.now()
    dossier.save(update_fields=["revoked_at"])
    _record_event(dossier, Kind.REVOKED, by=by)


@transaction.atomic
def confirm_answer(*, answer_id: int, seen: str, by: User) -> None:
    """Publishes an answer, as it was read: `seen` is its `shown_version`. Raises `DossierRefused`, `ChangedMeanwhile`."""
    answer = _lock_answer(answer_id)
    _check_seen(answer, seen, is_decided=answer.confirmed_at is not None)
    answer.confirmed_at = timezone.now()
    answer.save(update_fields=["confirmed_at"])
    _record_event(answer.dossier, Kind.CONFIRMED, by=by, detail=answer.priority.title)
    journal.note(action="confirmed", kind="answer", key=answer.pk, by=by)


def _check_seen(answer: Answer, seen: str, *, is_decided: bool) -> None:
    if is_decided:
        raise DossierRefused("answer_decided")
    if seen != answer.shown_version:
        raise ChangedMeanwhile


@transaction.atomic
def reopen_answer(*, answer_id: int, seen: str, by: User) -> None:
    """Hides a confirmed answer, so that the recipient may correct it. Raises as `confirm_answer` does."""
    answer = _lock_answer(answer_id)
    _check_seen(answer, seen, is_decided=answer.confirmed_at is None)
    answer.confirmed_at = None
    answer.save(update_fields=["confirmed_at"])
    _record_event(answer.dossier, Kind.REOPENED, by=by, detail=answer.priority.title)
    journal.note(action="reopened", kind="answer", key=answer.pk, by=by)


# --- What the recipient does ----------------------------------------------------------------------------


@transaction.atomic
def acknowledge(*, dossier_id: int, name: str) -> None:
    """Records the receipt of the dossier, and by whom. Idempotent: later calls change nothing."""
    dossier = _lock_dossier(dossier_id)
    _check_usable(dossier)
    if dossier.acknowledged_at:
        return
    dossier.acknowledged_at, dossier.acknowledged_by = timezone.now(), name
    dossier.save(update_fields=["acknowledged_at", "acknowledged_by"])
    _record_event(dossier, Kind.ACKNOWLEDGED, detail=name)


@transaction.atomic
def answer_priority(
    *, dossier_id: int, priority: Priority, state: str, text: str, body: str, due_on: date | None
) -> Answer:
    """Saves an answer, or corrects it. Raises `DossierRefused`, and `LinkExpired` for a link revoked meanwhile."""
    dossier = _lock_dossier(dossier_id)
    _check_usable(dossier)
    answer = Answer.objects.select_for_update().filter(dossier=dossier, priority=priority).first()
    is_correction = answer is not None
    if answer is None:
        answer = Answer(dossier=dossier, priority=priority)
    elif answer.confirmed_at:
        raise DossierRefused("answer_confirmed")
    wanted = {"state": state, "text": text, "body": body, "due_on": due_on}
    if is_correction and all(getattr(answer, name) == value for name, value in wanted.items()):
        return answer
    for name, value in wanted.items():
        setattr(answer, name, value)
    answer.language, answer.answered_at = dossier.language, timezone.now()
    answer.save()
    _record_event(dossier, Kind.CORRECTED if is_correction else Kind.ANSWERED, detail=priority.title)
    return answer


def _lock_dossier(dossier_id: int) -> Dossier:
    return Dossier.objects.select_related("results__forum").select_for_update(of=("self",)).get(pk=dossier_id)


def _lock_answer(answer_id: int) -> Answer:
    """Under the lock of its dossier."""
    found = Answer.objects.only("dossier_id").get(pk=answer_id)
    Dossier.objects.select_for_update().get(pk=found.dossier_id)
    return (
        Answer.objects.select_for_update(of=("self",)).select_related("dossier", "priority").get(pk=answer_id)
    )


def _check_usable(dossier: Dossier) -> None:
    if not dossier.is_usable(timezone.now()):
        raise LinkExpired


def _mail_link(dossier: Dossier) -> None:
    with translation.override(dossier.language):
        context = {"dossier": dossier, "forum": dossier.results.forum, "link": dossier_url(dossier)}
        mailing.compose(prefix="forums/mail/dossier", to=dossier.email, context=context).send()


def _record_event(
    dossier: Dossier, kind: DossierEvent.Kind, *, by: User | None = None, detail: str = ""
) -> None:
    """What the team does is in its journal too; what the recipient does is no decision of the team."""
    DossierEvent.objects.create(dossier=dossier, kind=kind, by=by, detail=detail)
    if kind not in {Kind.CONFIRMED, Kind.REOPENED}:
        journal.note(action=kind.value, kind="dossier", key=dossier.pk, by=by)
