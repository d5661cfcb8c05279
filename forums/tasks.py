"""Background tasks of forums: ending rounds, sending mails, erasing personal data when due."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.mailing.team_alerts import team_alert
from forums.event.open_and_seal import seal_vote
from forums.mail import notices, reminders
from forums.models import Forum, NoticeKind, Round
from forums.vote import round_keys, shuffling
from forums.vote.rounds import RoundRefused, close_round
from pole.hooks.retention import run_rules
from pole.server.work_queue import WHEN_DATABASE_IS_BACK

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="end_rounds", queueing_lock="end_rounds")
def end_rounds(timestamp: int) -> None:
    """Each minute. A late run lets no late ballot in: casting reads the clock itself."""
    failed: list[Exception] = []
    for round in Round.objects.overdue(timezone.now()):
        _end_round(close_round, round, failed)
    closed = Round.objects.unsealed().filter(closed_at__isnull=False)
    for round in closed.without_paper().exclude(pk__in=Round.objects.awaiting_tellers()):
        _end_round(seal_vote, round, failed)
    if failed:
        raise ExceptionGroup("some rounds could not be ended", failed)


@app.periodic(cron="* * * * *")
@app.task(name="tend_vote_keys", queueing_lock="tend_vote_keys")
def tend_vote_keys(timestamp: int) -> None:
    """Each minute: keys of votes to come are made on this machine, those of votes that are over deleted."""
    round_keys.tend_keys()


@app.periodic(cron="*/5 * * * *")
@app.task(name="shuffle_ballots", queueing_lock="shuffle_ballots")
def shuffle_ballots(timestamp: int) -> None:
    """Every five minutes: neither the place nor the transaction of a ballot says when it came."""
    shuffling.shuffle_open_rounds()


def _end_round(end: Callable[..., object], round: Round, failed: list[Exception]) -> None:
    """A round that fails does not prevent the others from ending."""
    try:
        end(round_id=round.pk, by=None)
    except RoundRefused:
        log.warning("round %s changed meanwhile, or is not reconciled", round.pk)
    except Exception as error:
        log.exception("round %s", round.pk)
        failed.append(error)
        _tell_team(round)


def _tell_team(round: Round) -> None:
    """Of a round that could not be ended: a mail that fails in its turn hides nothing."""
    try:
        forum = Forum.objects.get(pk=round.forum_id)
        path = reverse("staff:round", args=[forum.slug, round.number])
        team_alert("vote_not_ended", key=str(round.pk), path=path, values={"name": forum.title})
    except Exception:
        log.exception("the team could not be told of round %s", round.pk)


@app.task(name="write_to_forum", retry=WHEN_DATABASE_IS_BACK)
def write_to_forum(*, forum_id: int, kind: str, about: str) -> None:
    """Runs `send_to_all`. After an interruption it can be run again: nobody is mailed twice."""
    notices.send_to_all(forum_id=forum_id, kind=NoticeKind(kind), about=about)


@app.periodic(cron="*/10 * * * *")
@app.task(name="send_reminders", queueing_lock="send_reminders")
def send_reminders(timestamp: int) -> None:
    """Every ten minutes: two days before, to the hour of the activity or of the session."""
    reminders.send_reminders(timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="announce_results", queueing_lock="announce_results")
def announce_results(timestamp: int) -> None:
    """Every five minutes: results appear by a click, or by themselves when scheduled."""
    notices.announce_published_results(timezone.now())


@app.periodic(cron="20 7 * * *")
@app.task(name="forget_registrations", queueing_lock="forget_registrations")
def forget_registrations(timestamp: int) -> None:
    """Every night."""
    run_rules("forget_registrations", timezone.now())


@app.periodic(cron="40 4 * * *")
@app.task(name="forget_attempts", queueing_lock="forget_attempts")
def forget_attempts(timestamp: int) -> None:
    """Every night."""
    run_rules("forget_attempts", timezone.now())
