"""What the worker does with a mail: a try, and what follows from the relay's answer.

A try is counted before the conversation begins, so that a worker that dies in it has counted it; the row goes once the
relay has taken the message. A death in between delivers twice, with the same Message-ID: better than never, for a code
as for an invitation. While a worker holds the mail, another that is given the same job comes back later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.core.mail import mailers
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from pole.hooks.team_alerts import tell_team
from pole.mail.message import from_json
from pole.mail.queue import defer_delivery
from pole.mail.relay import CONVERSATION_SECONDS, Verdict, answer_of, verdict_of
from pole.models import OutgoingMail, SuspendedAddress

log = logging.getLogger(__name__)

# With the id of the mail, the key of an advisory lock.
DELIVERY_LOCK = 1_886_350_690
# Between two tries; the last stands for all those after. Several within the hour, for a relay that asks to come back;
# and one more than five minutes after the first, which most of those ask for, while a code is still alive.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 3, 9, 15, 30, 60, 120, 180))
# Of a mail without a life of its own.
LONGEST_LIFE = timedelta(hours=24)
KEPT_AFTER_FAILURE = timedelta(days=30)


class TryAgain(Exception):
    """The mail waits: the job is to be run again at `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"at {at:%H:%M:%S}")
        self.at = at


def deliver(mail_id: int) -> None:
    """Tries once. Raises `TryAgain` while the mail may still be delivered."""
    with _held(mail_id) as is_held:
        if not is_held:
            raise TryAgain(timezone.now() + WAITS[0])
        row = OutgoingMail.objects.filter(pk=mail_id, state=OutgoingMail.State.WAITING).first()
        if row is None:
            return
        if timezone.now() >= _last_start(row):
            _give_up(row, Verdict.LATER)
            return
        row.attempts, row.last_attempt_at = row.attempts + 1, timezone.now()
        row.save(update_fields=["attempts", "last_attempt_at"])
        try:
            mailers["delivery"].send_messages([from_json(row.message)])
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail waits or ends, and says why
            _after(row, error)
        else:
            _forget(row)


@contextmanager
def _held(mail_id: int) -> Iterator[bool]:
    """Whether this process alone holds the mail; what a killed one held, PostgreSQL releases with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [DELIVERY_LOCK, mail_id % 2**31])
        is_held: bool = cursor.fetchone()[0]
        try:
            yield is_held
        finally:
            if is_held:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [DELIVERY_LOCK, mail_id % 2**31])


def _last_start(row: OutgoingMail) -> datetime:
    """After it, no conversation begins: one may last, and nothing is delivered after its life."""
    end: datetime = row.expires_at or row.created_at + LONGEST_LIFE
    return end - timedelta(seconds=CONVERSATION_SECONDS)


@transaction.atomic
def _forget(row: OutgoingMail) -> None:
    """The relay took it: what it held goes, and so does what an older refusal said of the address."""
    SuspendedAddress.objects.filter(address__in=_addresses(row)).delete()
    row.delete()


def _after(row: OutgoingMail, error: Exception) -> None:
    verdict = verdict_of(error)
    row.answer = answer_of(error)
    row.save(update_fields=["answer"])
    # Not its recipient, nor the relay's words, which repeat it: its code, or the name of what happened.
    log.warning(
        "mail %s, try %s: %s (%s)", row.pk, row.attempts, verdict.value, row.answer.split(" ")[0].rstrip(":")
    )
    if verdict is Verdict.CONFIGURATION:
        _tell_team("mail_configuration", row)
    if verdict in {Verdict.LATER, Verdict.CONFIGURATION}:
        at = timezone.now() + WAITS[min(row.attempts, len(WAITS)) - 1]
        # No later than it is to be given up.
        raise TryAgain(min(at, _last_start(row))) from error
    _give_up(row, verdict)


@transaction.atomic
def _give_up(row: OutgoingMail, verdict: Verdict) -> None:
    """No more tries. What it said goes; to whom, and why it failed, stay for `KEPT_AFTER_FAILURE`."""
    if row.expires_at and verdict is Verdict.LATER:
        # Its reader has asked for another, or gone.
        row.delete()
        return
    if verdict is Verdict.BAD_ADDRESS and not row.is_code:
        for address in _addresses(row):
            SuspendedAddress.objects.get_or_create(address=address, defaults={"answer": row.answer})
    _tell_team("mail_reputation" if verdict is Verdict.REPUTATION else "mail_failed", row)
    row.state = OutgoingMail.State.FAILED
    row.message = {"subject": row.message["subject"], "to": row.message["to"]}
    row.save(update_fields=["state", "message"])


def _addresses(row: OutgoingMail) -> list[str]:
    return [to.lower() for to in row.message["to"]]


def _tell_team(kind: str, row: OutgoingMail) -> None:
    """At most once an hour for each kind; not of a mail to the team itself, which would fail again.

    Nor of a code that its reader's address refuses: anyone can mistype theirs, or a stranger's.
    """
    if row.is_to_team or (row.is_code and kind == "mail_failed"):
        return
    values = {
        "subject": row.message["subject"],
        "to": ", ".join(row.message["to"]),
        "answer": row.answer[:300],
    }
    try:
        with transaction.atomic():
            tell_team(kind, values=values)
    except Exception:
        log.exception("the team could not be told of mail %s", row.pk)


def take_up(now: datetime) -> None:
    """Gives a task to each mail that has waited longer than between two tries, and has none."""
    since = now - WAITS[-1] - timedelta(hours=1)
    waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING, created_at__lt=since)
    waiting = waiting.filter(Q(last_attempt_at=None) | Q(last_attempt_at__lt=since))
    # Behind thousands of others, or a relay that is slow to fail, a task waits for hours: a second one would try too.
    tasks = ProcrastinateJob.objects.filter(
        task_name__in=["deliver_mail", "deliver_test_mail"], status__in=["todo", "doing"]
    )
    with_task = set(tasks.values_list("args__mail_id", flat=True))
    for row in waiting.defer("message").order_by("pk"):
        if row.pk not in with_task:
            defer_delivery(row)


def forget_failures(now: datetime) -> int:
    """Each night: what is kept of mails that failed long ago; how many."""
    old = OutgoingMail.objects.filter(
        state=OutgoingMail.State.FAILED, created_at__lt=now - KEPT_AFTER_FAILURE
    )
    return old.delete()[0]
