"""« Relis-moi »: asking someone without an account to read a draft, by a link of their own, and what becomes of it.

A link is not the preview's: it names one person, and its end ends no other. Only its hash is stored.

Locks: the reading's row, for what its reader writes, so that a link that ends meanwhile takes nothing more.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts import journal, mailing
from accounts.models import User
from desk.models import Draft, Publishable, Reading, Remark
from desk.readings.passages import Passage
from pole.refusals import Refusal

LIFETIME = timedelta(days=14)
# After the text is published.
KEPT_FOR = timedelta(days=30)
MAX_REMARKS = 50
MAX_READERS = 30


class ReadingRefused(Refusal):
    messages = {
        # A page says it.
        "reading_over": "",
        "too_many_remarks": _(
            "You have left %(limit)s remarks: write the others to the person who asked you."
        ),
        "too_many_readers": _("%(limit)s people can read this text already: end some of their links first."),
        "text_put_away": _("This text is archived or in the trash: take it out before you have it read."),
    }


@transaction.atomic
def ask(
    *, owner: Publishable, name: str, email: str, key: uuid.UUID, by: User, now: datetime
) -> tuple[Reading, str]:
    """Gives a link to one person, and mails it when there is an address. Raises `ReadingRefused`.

    The same form sent again, known by its `key`, gives the same link and mails nothing.
    """
    draft = Draft.objects.select_for_update(no_key=True).get(pk=owner.draft_id)
    token = _token_of(key, draft)
    if asked := draft.readings.filter(token_hash=_hash(token)).first():
        return asked, link_of(token)
    if draft.archived_at is not None:
        raise ReadingRefused("text_put_away")
    if draft.readings.filter(revoked_at=None, expires_at__gt=now).count() >= MAX_READERS:
        raise ReadingRefused("too_many_readers", limit=MAX_READERS)
    reading = draft.readings.create(
        name=name, email=email.lower(), token_hash=_hash(token), created_by=by,
        created_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    journal.note(action="reading_asked", kind="text", key=draft.pk, by=by)
    if email:
        with translation.override(mailing.language_of(email)):
            link = link_of(token)
        context = {"reading": reading, "link": link, "title": draft.content.get("title", ""), "by": by}
        mailing.send(prefix="desk/mail/reading", to=email, context=context)
    return reading, link_of(token)


def _token_of(key: uuid.UUID, draft: Draft) -> str:
    """Nobody makes it without the portal's secret; `key`, which is stored nowhere, makes it unlike any other."""
    return salted_hmac("desk.readings", f"{draft.pk} {key.hex}", algorithm="sha256").hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def link_of(token: str) -> str:
    return f"{settings.BASE_URL}{reverse('reading', args=[token])}"


def find(token: str, now: datetime, *, is_locked: bool = False) -> Reading:
    """Raises `ReadingRefused("reading_over")` when the link is forged, expired or ended, or when its text is put away."""
    rows = Reading.objects.select_related("draft")
    if is_locked:
        rows = rows.select_for_update(of=("self",), no_key=True)
    reading = rows.filter(token_hash=_hash(token), draft__archived_at=None).first()
    if reading is None or not reading.is_usable(now):
        raise ReadingRefused("reading_over")
    return reading


@transaction.atomic
def remark(*, token: str, passage: Passage, text: str, key: uuid.UUID, now: datetime) -> Remark:
    """Raises `ReadingRefused`. The same form again gives the same remark."""
    reading = find(token, now, is_locked=True)
    if written := reading.remarks.filter(idempotency_key=key).first():
        return written
    if reading.remarks.count() >= MAX_REMARKS:
        raise ReadingRefused("too_many_remarks", limit=MAX_REMARKS)
    return reading.remarks.create(
        field=passage.field, words=passage.words, occurrence=passage.occurrence,
        text=text, idempotency_key=key, written_at=now,
    )  # fmt: skip


@transaction.atomic
def end(*, reading: Reading, by: User | None, now: datetime) -> None:
    """Its link opens nothing any more; its remarks stay for the team."""
    row = Reading.objects.select_for_update(no_key=True).get(pk=reading.pk)
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        journal.note(action="reading_ended", kind="text", key=row.draft_id, by=by)


@transaction.atomic
def answer(*, remark: Remark, text: str, by: User) -> None:
    """Its reader sees it beside the passage, and nobody else but the team."""
    remark.answer, remark.answered_by = text, by if text else None
    remark.save(update_fields=["answer", "answered_by"])


def mark(remark: Remark, *, is_done: bool) -> None:
    Remark.objects.filter(pk=remark.pk).update(done_at=timezone.now() if is_done else None)


@transaction.atomic
def delete(*, remark: Remark, by: User) -> None:
    if Remark.objects.filter(pk=remark.pk).delete()[0]:
        journal.note(action="remark_deleted", kind="text", key=remark.reading.draft_id, by=by)


def forget(now: datetime) -> int:
    """Each night: the readings of texts that were published a month ago, and asked for before that; how many."""
    limit = now - KEPT_FOR
    published = Q()
    for relation in Draft._meta.related_objects:
        if relation.one_to_one:
            texts = relation.related_model._default_manager.filter(published_at__lte=limit)
            published |= Q(draft__in=texts.values("draft"))
    forgotten, _rows = Reading.objects.filter(published, created_at__lte=limit).delete()
    return forgotten
