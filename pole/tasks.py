"""Background tasks of this package."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from pole.hooks.retention import run_rules
from pole.hub.mail_test import deliver_test
from pole.hub.state import looking
from pole.mail import delivery
from pole.server.work_queue import MAIL_QUEUE

# Once a minute for the day that a mail lives: no end of its own, unless its row can't be read.
MAX_ERRORS = 24 * 60


class WhenAsked(BaseRetryStrategy):
    """At the time that the mail says; in a minute after an error of ours or of the database. Its own life ends it."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, delivery.TryAgain):
            return RetryDecision(retry_at=exception.at)
        return RetryDecision(retry_in={"minutes": 1}) if job.attempts < MAX_ERRORS else None


@app.task(name="deliver_mail", queue=MAIL_QUEUE, retry=WhenAsked())
def deliver_mail(*, mail_id: int) -> None:
    """One try of one mail; within a day, several."""
    delivery.deliver(mail_id)


@app.task(name="deliver_test_mail", queue=MAIL_QUEUE)
def deliver_test_mail(*, mail_id: int) -> None:
    deliver_test(mail_id)


@app.periodic(cron="35 * * * *")
@app.task(name="take_up_mails", queueing_lock="take_up_mails")
def take_up_mails(timestamp: int) -> None:
    """Each hour: the mails that wait without a task, whatever became of it."""
    delivery.take_up(timezone.now())


@app.periodic(cron="20 * * * *")
@app.task(name="forget_kept_uploads", queueing_lock="forget_kept_uploads")
def forget_kept_uploads(timestamp: int) -> None:
    """Each hour: the files of refused forms that nobody came back for."""
    run_rules("forget_kept_uploads", timezone.now())


@app.periodic(cron="50 4 * * *")
@app.task(name="forget_search_changes", queueing_lock="forget_search_changes")
def forget_search_changes(timestamp: int) -> None:
    """Each night."""
    run_rules("forget_search_changes", timezone.now())


@app.periodic(cron="55 4 * * *")
@app.task(name="forget_failed_mails", queueing_lock="forget_failed_mails")
def forget_failed_mails(timestamp: int) -> None:
    """Each night."""
    run_rules("forget_failed_mails", timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="look_at_state", queueing_lock="look_at_state")
def look_at_state(timestamp: int) -> None:
    """Every ten minutes: what the page « État » shows of disks, of the relay, of the certificate, of backups."""
    looking.look_and_keep(timezone.now())
