"""What people type to register, and forums that take registrations."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Barrier, Thread

from django.core import mail
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from forums.registration.registering import Details
from forums.tasks import write_to_forum
from tests.factories import ForumFactory


def open_forum(**changes):
    """Announced, in thirty days, and registration is open."""
    return ForumFactory(registration_opens_at=timezone.now() - timedelta(days=2), **changes)


def typed(**changes):
    return {
        "name": "Camille Roy",
        "email": "camille@exemple.example",
        "kind": "citizen",
        "organisation": "",
        "language": "fr",
        "access_needs": "",
        "is_14": "on",
        "consent": "on",
    } | changes


def details(**changes):
    return Details(**({"name": "Camille Roy", "language": "fr", "kind": "citizen"} | changes))


def link_in(message):
    """The path of the first link of a mail that leads to a registration."""
    return re.search(r"https?://[^/\s]+(\S*/inscription/\S+)", message.body)[1]


def last_link():
    return link_in(mail.outbox[-1])


def at_once(acts):
    """Runs every act in its own thread, with its own connection; gives what each answered or raised."""
    start, answers = Barrier(len(acts)), [None] * len(acts)

    def run(index, act):
        try:
            start.wait()
            answers[index] = act()
        except Exception as error:
            answers[index] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def run_jobs():
    """What the worker would do of the mails that wait."""
    for job in ProcrastinateJob.objects.filter(task_name="write_to_forum").order_by("pk"):
        write_to_forum(**job.args)
