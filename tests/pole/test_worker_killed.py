"""A worker that is killed: what it was doing is taken up again, and nothing is lost nor told twice.

Real workers, SIGKILLed at instants drawn by lot, with a real relay. `KILLS=100` for the long run.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from aiosmtpd.controller import Controller
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException

from enterprises.importing import running, writing
from enterprises.models import Import, Listing
from forums.mail import notices
from forums.models import Notice, NoticeKind
from pole.mail.message import PortalMessage
from pole.models import OutgoingMail
from pole.server import work_queue
from tests.factories import ForumFactory, RegistrationFactory
from tests.imports import opened
from tests.pole.test_mail import Mailbox, work
from tests.waiting import PATIENCE_SECONDS, free_port

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = int(os.environ.get("KILLS", "8"))
# Django is set up, the database is the test's own, a dead worker is one that was silent for a second, and
# what another seems to hold is tried again in two.
WORKER = """
import asyncio, os
from datetime import timedelta
import django
from django.conf import settings
import pole.settings
name = os.environ["TEST_DATABASE"]
pole.settings.DATABASES["default"]["NAME"] = name
django.setup()
from django.core.management import call_command
from pole.server import work_queue
work_queue.SILENCE = timedelta(seconds=1)
work_queue.SECONDS_BETWEEN_LOOKS = 0.5
work_queue.MAX_DEATHS = 10_000
from enterprises.importing import running, writing
running.ROWS_BETWEEN_PROGRESS = 1
from pole.mail import delivery
delivery.WAITS = (timedelta(seconds=2),) * 8
call_command("worker", graceful_seconds=5)
"""


@pytest.fixture
def queue(settings):
    """Empty, and mail goes by it."""
    settings.MAILERS = {"default": {"BACKEND": "pole.mail.queue.QueueBackend"}}
    with connection.cursor() as cursor:
        # The queue's tables are not Django's to empty between tests.
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@contextmanager
def relay():
    mailbox, number = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=number)
    controller.start()
    try:
        yield mailbox, number
    finally:
        controller.stop()


def start_worker(smtp_port):
    environment = os.environ | {
        "TEST_DATABASE": connection.settings_dict["NAME"],
        "DJANGO_SETTINGS_MODULE": "pole.settings",
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORKER], env=environment, cwd=django_settings.BASE_DIR, stderr=subprocess.PIPE
    )


def wait_for(condition, seconds=300 + KILLS * 10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, list(
            ProcrastinateJob.objects.values_list("task_name", "status", "attempts", "scheduled_at")[:20]
        )
        time.sleep(0.05)


def write(count):
    for number in range(count):
        PortalMessage(f"Nouvelle {number}", "Le texte.", to=[f"p{number}@exemple.example"]).send()


def long_import(rows):
    """Of enterprises whose names have nothing in common."""
    return opened([[f"{uuid.uuid4().hex} inc.", "Mercier"] for _row in range(rows)], ["Nom", "Ville"])


def announcement(people):
    """That a forum is called off, to be written to so many people: their addresses."""
    forum = ForumFactory(cancelled_at=timezone.now())
    rows = [RegistrationFactory(forum=forum, email=f"inscrit{at}@exemple.example") for at in range(people)]
    notices.schedule_notices(forum=forum, kind=NoticeKind.CALLED_OFF)
    return {row.email for row in rows}


def test_everything_is_done_once_whenever_the_worker_dies(queue):
    draw = random.Random(time.time_ns())
    mails = KILLS * 20
    spreadsheet_import = long_import(KILLS * 25)
    write(mails)
    running.enqueue(import_id=spreadsheet_import.pk)
    told = announcement(KILLS * 10)
    with relay() as (mailbox, number):
        for _kill in range(KILLS):
            worker = start_worker(number)
            begun = len(mailbox.received)
            # Once it works, or once there is nothing left to do.
            wait_for(
                lambda begun=begun, worker=worker: (
                    worker.poll() is not None
                    or (
                        len(mailbox.received) > begun
                        or not ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).exists()
                    )
                )
            )
            time.sleep(draw.random() / 2)
            worker.kill()
            worker.communicate()
        # What dead workers held is theirs for a second more.
        worker = start_worker(number)
        wait_for(
            lambda: (
                worker.poll() is not None
                or not ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).exists()
            )
        )
        worker.send_signal(signal.SIGTERM)
        output = worker.communicate(timeout=PATIENCE_SECONDS)[1]
        assert worker.returncode in {0, -signal.SIGTERM}, output
    assert Import.objects.get().state == "done"
    assert Listing.objects.count() == KILLS * 25
    assert not OutgoingMail.objects.exists()
    ids = {message["To"]: set() for message in mailbox.received}
    for message in mailbox.received:
        ids[message["To"]].add(message["Message-ID"])
    assert len(ids) == mails + len(told)
    # Those who had a place in the forum were told once, by one mail each.
    assert set(ids) >= told
    assert Notice.objects.count() == len(told)
    # One that was delivered just before a death may come twice: it says that it is the same.
    assert all(len(each) == 1 for each in ids.values())
    twice = sum(count - 1 for count in Counter(message["To"] for message in mailbox.received).values())
    assert twice <= KILLS * 4


def test_announcement_goes_on_when_the_database_is_back(queue, monkeypatch):
    """PostgreSQL restarts, as at each of its updates, when some were told: the others are, once."""
    announcement(4)
    queue_once, told = notices.queue_once, []

    def cut(registration, *given, **named):
        if len(told) == 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        told.append(registration.pk)
        return queue_once(registration, *given, **named)

    monkeypatch.setattr(notices, "queue_once", cut)
    work()
    job = ProcrastinateJob.objects.get(task_name="write_to_forum")
    assert (job.status, Notice.objects.count()) == ("todo", 2)
    monkeypatch.setattr(notices, "queue_once", queue_once)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
    work()
    assert not ProcrastinateJob.objects.filter(task_name="write_to_forum").exists()
    assert Notice.objects.count() == 4


def test_import_begins_again_when_the_database_is_back(queue, monkeypatch):
    spreadsheet_import = long_import(30)
    running.enqueue(import_id=spreadsheet_import.pk)
    insert, begun = writing._insert, []

    def cut(*given, **named):
        insert(*given, **named)
        begun.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(writing, "_insert", cut)
    work()
    spreadsheet_import.refresh_from_db()
    assert running.is_interrupted(spreadsheet_import)
    assert running.resumes_by_itself(spreadsheet_import)
    assert not Listing.objects.exists()
    assert begun == [1]
    monkeypatch.setattr(writing, "_insert", insert)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
    work()
    spreadsheet_import.refresh_from_db()
    assert (spreadsheet_import.state, Listing.objects.count()) == ("done", 30)


def test_import_whose_worker_died_says_so_and_may_be_cancelled_or_run_again(queue):
    spreadsheet_import = long_import(3)
    running.enqueue(import_id=spreadsheet_import.pk)
    Import.objects.update(state=Import.State.RUNNING, rows_done=2)
    spreadsheet_import.refresh_from_db()
    assert running.is_interrupted(spreadsheet_import)
    assert running.resumes_by_itself(spreadsheet_import)
    with running.report_on_second_connection(spreadsheet_import.pk) as report:
        assert report is not None
        assert not running.is_interrupted(spreadsheet_import)
        # Another process runs it: this one leaves it alone.
        assert running.run(import_id=spreadsheet_import.pk).state == "running"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert not running.resumes_by_itself(spreadsheet_import)
    assert running.enqueue(import_id=spreadsheet_import.pk).state == "queued"
    Import.objects.update(state=Import.State.RUNNING)
    running.cancel(import_id=spreadsheet_import.pk)
    assert Import.objects.get().state == "cancelled"


def run_apart(look):
    """Runs the coroutine function in a thread of its own: that of the tests has a loop once a browser ran in it."""

    def run():
        try:
            async_to_sync(look)()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def test_job_that_kills_its_worker_is_given_up(queue):
    """After as many deaths as are allowed, it fails, which the team is told; a mail has its own end, and leaves the
    others an hour."""
    write(1)
    running.enqueue(import_id=long_import(1).pk)

    async def look():
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            async with working.open_async():
                await work_queue.take_up_stalled_jobs(working)

    for _death in range(work_queue.MAX_DEATHS):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE status = 'todo'"
            )
        assert work_queue.stalled_jobs().exists()
        run_apart(look)
    states = dict(ProcrastinateJob.objects.values_list("task_name", "status"))
    assert states == {"deliver_mail": "todo", "run_import": "failed"}
    mail = ProcrastinateJob.objects.get(task_name="deliver_mail")
    assert mail.scheduled_at > timezone.now() + timedelta(minutes=30)
    assert not work_queue.stalled_jobs().exists()


def test_look_at_stalled_jobs_outlives_the_database(queue, monkeypatch):
    """A worker whose database restarts at that very moment would end with a traceback, and what it was doing with it."""
    looks, are_enough = [], asyncio.Event()

    async def fails(_app):
        looks.append(1)
        if len(looks) == 3:
            are_enough.set()
        raise ConnectorException

    monkeypatch.setattr(work_queue, "take_up_stalled_jobs", fails)
    monkeypatch.setattr(work_queue, "SECONDS_BETWEEN_LOOKS", 0.01)

    async def look():
        looking = asyncio.create_task(work_queue._look_after_stalled_jobs(app))
        await asyncio.wait_for(are_enough.wait(), PATIENCE_SECONDS)
        assert not looking.done()
        looking.cancel()

    run_apart(look)


def backend_waiting_in(query):
    """The process of PostgreSQL that waits for a lock in a query that says this; None without one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND query LIKE %s LIMIT 1",
            [f"%{query}%"],
        )
        return (cursor.fetchone() or [None])[0]


@pytest.mark.parametrize(
    ("query", "table"),
    [
        ("procrastinate_prune_stalled_workers", "procrastinate_workers"),
        ("procrastinate_fetch_job", "procrastinate_jobs"),
    ],
)
def test_worker_that_is_cut_while_it_asks_ends_as_one_that_waits(queue, query, table):
    """By 0, upon which it is started again, wherever it was."""
    with relay() as (_mailbox, number), psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        worker = start_worker(number)
        try:
            wait_for(lambda: backend_waiting_in(query), 60)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [backend_waiting_in(query)])
            other.rollback()
            output = worker.communicate(timeout=PATIENCE_SECONDS)[1].decode()
        finally:
            worker.kill()
    assert worker.returncode == 0, output
    assert "the database cut the connections of the worker" in output
