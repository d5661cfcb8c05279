"""The queue of tasks: who works on it, and what becomes of a task whose worker died.

`work` runs two workers in one process: mail has its own, so that a slow relay holds nothing else. A worker says every
ten seconds that it lives; a task of one that says nothing is taken up again, some of them several times.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from datetime import timedelta

import psycopg
from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet
from django.utils import timezone
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, JobDeferrer, Status
from procrastinate.manager import JobManager
from procrastinate.types import JSONValue

log = logging.getLogger(__name__)

MAIL_QUEUE, OTHER_QUEUE = "mail", "default"
# Conversations with the relay at once. Of the rest, one at a time: an import and the end of a vote never meet.
CONCURRENCY = {MAIL_QUEUE: 4, OTHER_QUEUE: 1}
# Without a sign of life for so long, a worker is dead.
SILENCE = timedelta(seconds=30)
SECONDS_BETWEEN_LOOKS = 10
# A task that its worker did not outlive so often is given up, or the worker would die of it for ever, and what else it
# does each time. A mail has its own end (`pole.mail.delivery`): until then it comes back after longer.
MAX_DEATHS = 3
MAIL_WAITS_AFTER_DEATHS = timedelta(hours=1)
# Of a task that goes on where it stopped, or begins again: a database that restarts ends it in the middle.
WHEN_DATABASE_IS_BACK = RetryStrategy(
    max_attempts=10, wait=60, retry_exceptions=[OperationalError, InterfaceError]
)
# A task that waits longer than this says that nobody works.
LATE = timedelta(minutes=15)


def defer(task_name: str, *, priority: int = 0, **arguments: JSONValue) -> None:
    """Queues a task in the transaction of this thread: no commit, no task. The highest `priority` first.

    In a worker, procrastinate's own `defer` would go by a connection of the worker, and the task might begin before
    what it is about is committed, or although it never is.
    """
    known = django_app.configure_task(task_name, allow_unknown=False, priority=priority)
    JobDeferrer(job_manager=JobManager(DjangoConnector()), job=known.job).defer(**arguments)


async def work(app: App, *, graceful_seconds: float = 3600) -> None:
    """Until SIGTERM or SIGINT, or until one of the workers ends, as when its connections are cut: the other then ends too.

    Tasks under way are finished, within `graceful_seconds`.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with app.open_async():
        running = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[queue],
                    name=queue,
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=graceful_seconds,
                    stalled_worker_timeout=SILENCE.total_seconds(),
                )
            )
            for queue, concurrency in CONCURRENCY.items()
        ]
        running.append(asyncio.create_task(_look_after_stalled_jobs(app)))
        stopping = asyncio.create_task(stop.wait())
        ended, _others = await asyncio.wait([*running, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in (*running, stopping):
            task.cancel()
        await asyncio.gather(*running, stopping, return_exceptions=True)
        for task in ended - {stopping}:
            try:
                task.result()
            except ConnectorException as error:
                # What a worker was asking of the database when it was cut: one that asked nothing ends by itself.
                if not isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError):
                    raise
                log.warning("the database cut the connections of the worker")


async def _look_after_stalled_jobs(app: App) -> None:
    while True:
        try:
            await take_up_stalled_jobs(app)
        except ConnectorException:
            # The workers notice by themselves that the database is away, and finish what they can.
            log.warning("the database did not say which jobs lost their worker")
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


async def take_up_stalled_jobs(app: App) -> None:
    """Puts what a dead worker was doing back in the queue."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE.total_seconds()):
        log.warning("job %s (%s) lost its worker", job.id, job.task_name)
        await _take_up(app, job)


async def _take_up(app: App, job: Job) -> None:
    # A job that its worker ended meanwhile, in its last breath, is no longer there to be taken up.
    with suppress(ConnectorException):
        if job.queue != MAIL_QUEUE and job.attempts + 1 >= MAX_DEATHS:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
            return
        wait = MAIL_WAITS_AFTER_DEATHS if job.attempts + 1 >= MAX_DEATHS else timedelta()
        try:
            await app.job_manager.retry_job(job, retry_at=timezone.now() + wait)
        except UniqueViolation:
            # Its next run waits already: one is enough.
            await app.job_manager.finish_job(job, status=Status.ABORTED, delete_job=True)


def late_jobs() -> QuerySet[ProcrastinateJob]:
    """Those that have been ready for longer than `LATE`; a task that is retried is ready from its hour on."""
    late = timezone.now() - LATE
    ready = Q(scheduled_at=None, procrastinateevent__at__lt=late) | Q(scheduled_at__lt=late)
    return ProcrastinateJob.objects.filter(ready, status="todo").distinct()


def stalled_jobs() -> QuerySet[ProcrastinateJob]:
    """Those that a worker was doing, which has given no sign of life since."""
    silent = Q(worker=None) | Q(worker__last_heartbeat__lt=timezone.now() - 2 * SILENCE)
    return ProcrastinateJob.objects.filter(silent, status="doing")


def living_workers() -> QuerySet[ProcrastinateWorker]:
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=timezone.now() - 2 * SILENCE)
